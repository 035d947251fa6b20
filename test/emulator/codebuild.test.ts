import { prove } from '#test/emulator/prove.ts';
import { buildScenarios } from '#test/emulator/scenarios/codebuild-builds.ts';
import { projectScenarios } from '#test/emulator/scenarios/codebuild-projects.ts';

prove([...buildScenarios, ...projectScenarios]);
