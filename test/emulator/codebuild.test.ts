import { prove } from '#test/emulator/prove.ts';
import { buildScenarios } from '#test/emulator/scenarios/codebuild-builds.ts';
import { projectScenarios } from '#test/emulator/scenarios/codebuild-projects.ts';
import { reportScenarios } from '#test/emulator/scenarios/codebuild-reports.ts';

prove([...buildScenarios, ...projectScenarios, ...reportScenarios]);
