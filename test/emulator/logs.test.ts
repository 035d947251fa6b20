import { prove } from '#test/emulator/prove.ts';
import { functionLogScenarios } from '#test/emulator/scenarios/function-logs.ts';
import { logsScenarios } from '#test/emulator/scenarios/logs.ts';

prove([...logsScenarios, ...functionLogScenarios]);
