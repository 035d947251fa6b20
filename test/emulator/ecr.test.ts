import { prove } from '#test/emulator/prove.ts';
import { ecrScenarios } from '#test/emulator/scenarios/ecr.ts';
import { ecrDeletionScenarios } from '#test/emulator/scenarios/ecr-deletion.ts';

prove([...ecrScenarios, ...ecrDeletionScenarios]);
