import { prove } from '#test/emulator/prove.ts';
import { conditionScenarios } from '#test/emulator/scenarios/conditions.ts';
import { iamScenarios } from '#test/emulator/scenarios/iam.ts';
import { permissionScenarios } from '#test/emulator/scenarios/permissions.ts';
import { ecrAndLogsPermissionScenarios } from '#test/emulator/scenarios/permissions-ecr-logs.ts';

prove([...iamScenarios, ...permissionScenarios, ...ecrAndLogsPermissionScenarios, ...conditionScenarios]);
