import { prove } from '#test/emulator/prove.ts';
import { callScenarios } from '#test/emulator/scenarios/calls.ts';
import { customResourceScenarios } from '#test/emulator/scenarios/custom-resources.ts';
import { eventScenarios } from '#test/emulator/scenarios/events.ts';
import { functionScenarios } from '#test/emulator/scenarios/functions.ts';
import { nestedStackScenarios } from '#test/emulator/scenarios/nested-stacks.ts';
import { nestedUpdateScenarios } from '#test/emulator/scenarios/nested-updates.ts';
import { serviceRoleScenarios } from '#test/emulator/scenarios/service-role.ts';
import { stackScenarios } from '#test/emulator/scenarios/stacks.ts';

prove([
  ...callScenarios,
  ...stackScenarios,
  ...nestedStackScenarios,
  ...nestedUpdateScenarios,
  ...customResourceScenarios,
  ...serviceRoleScenarios,
  ...eventScenarios,
  ...functionScenarios,
]);
