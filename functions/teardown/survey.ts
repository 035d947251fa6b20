import { type Survey, surveyStack } from '../core/clean.ts';
import type { StackNode, StackResource } from '../core/model.ts';
import { isKept, wasMade } from '../core/ownership.ts';
import type { TeardownDeps } from './dependencies.ts';
import type { DeletesAs } from './model.ts';
import type { Resolved } from './resolve.ts';
import { roleNameOf } from './rights.ts';
import type { Before } from './waves.ts';

/** Why CloudFormation removes what a teardown deletes. */
export const CAUSE = 'stack delete';

/** The service's functions, as template.yaml names them: a stack that holds one of them is the service's own. */
export const SERVICE_FUNCTIONS: readonly string[] = [
  'clean-exit-custom-resource',
  'clean-exit-build-notice',
  'clean-exit-build-watch',
  'clean-exit-teardown',
];

/** A requested stack with its whole tree. */
export interface Target {
  readonly resolved: Resolved;
  readonly survey: Survey;
}

/**
 * Reads the tree of a requested stack. One that was never made has nothing in it, and CloudFormation may not even list that.
 *
 * @throws as surveyStack
 */
export async function surveyTarget(deps: TeardownDeps, resolved: Resolved): Promise<Target> {
  const { facts } = resolved;
  const survey: Survey =
    facts.status === 'REVIEW_IN_PROGRESS'
      ? { tree: { stacks: [{ ...facts, exportNames: [], resources: [], retained: false }] }, imported: [] }
      : await surveyStack(deps, facts.stackId, CAUSE);
  return { resolved, survey };
}

/** The stacks of a tree that go with it, the root first. */
export function goingIn({ survey }: Target): readonly StackNode[] {
  return survey.tree.stacks.filter((stack) => !stack.retained);
}

/** What CloudFormation deletes with a tree. */
export function goingResources(target: Target): readonly StackResource[] {
  return goingIn(target).flatMap((stack) =>
    stack.resources.filter((resource) => wasMade(resource) && !isKept(resource, CAUSE)),
  );
}

/** Does the tree hold a function of the service? Kept or not: that makes it the service's stack. */
export function isOwnService({ survey }: Target, { service }: TeardownDeps): boolean {
  return survey.tree.stacks.some((stack) =>
    stack.resources.some(
      ({ type, physicalId }) =>
        type === 'AWS::Lambda::Function' &&
        (physicalId === service.functionName || SERVICE_FUNCTIONS.includes(physicalId)),
    ),
  );
}

/** The stack of the tree with which the role would go that it is deleted with. */
export function holderOf(deletesAs: DeletesAs, target: Target): string | undefined {
  if (!('roleArn' in deletesAs)) {
    return undefined;
  }
  const role = roleNameOf(deletesAs.roleArn);
  return goingResources(target).find(({ type, physicalId }) => type === 'AWS::IAM::Role' && physicalId === role)
    ?.stackName;
}

/** What the requested stacks mean for each other's turn, and who outside of them stands in the way. */
export interface Order {
  readonly order: readonly Before[];
  readonly outsiders: readonly Outsider[];
}

/** An export that cannot go, because stacks import it that stay. */
export interface Outsider {
  readonly target: Target;
  readonly exportName: string;
  /** Name of the stack that exports it. */
  readonly stackName: string;
  /** Names of the stacks that import it and stay; at least one. */
  readonly importers: readonly string[];
}

/** Importers go before exporters, and whoever is deleted with a role before the stack that holds the role. */
export function orderOf(targets: readonly { readonly target: Target; readonly deletesAs: DeletesAs }[]): Order {
  const order: Before[] = [];
  const outsiders: Outsider[] = [];
  const owner = new Map<string, string>();
  for (const { target } of targets) {
    for (const { stackName } of goingIn(target)) {
      owner.set(stackName, idOf(target));
    }
  }
  for (const { target } of targets) {
    const next = idOf(target);
    for (const { exportName, stackName, importers } of target.survey.imported) {
      for (const importer of importers) {
        const first = owner.get(importer);
        if (first !== undefined) {
          order.push({ first, next });
        }
      }
      const staying = importers.filter((importer) => !owner.has(importer));
      if (staying.length > 0) {
        outsiders.push({ target, exportName, stackName, importers: staying });
      }
    }
    for (const other of targets) {
      if (holderOf(other.deletesAs, target) !== undefined) {
        order.push({ first: idOf(other.target), next });
      }
    }
  }
  return { order, outsiders };
}

export function idOf({ resolved }: Target): string {
  return resolved.facts.stackId;
}
