import { prove } from '#test/emulator/prove.ts';
import { stateMachineScenarios } from '#test/emulator/scenarios/state-machines.ts';

prove(stateMachineScenarios);
