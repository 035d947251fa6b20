import pMap from 'p-map';
import { planSurveyed } from '../core/clean.ts';
import { difference } from '../core/execute.ts';
import type { Note, Plan, StackFacts } from '../core/model.ts';
import type { TeardownDeps } from './dependencies.ts';
import { cleanOptionsOf } from './journey.ts';
import type { TargetPlan, TeardownOptions, TeardownPlan, TeardownRefusal, TeardownRequest } from './model.ts';
import { readOnce } from './read-once.ts';
import {
  coreRefusals,
  cycle,
  imported,
  nestedStack,
  ownService,
  roleElsewhere,
  roleInStack,
  stateRefusals,
} from './refusals.ts';
import { type Resolved, resolveStacks } from './resolve.ts';
import { accountIn, type Chosen, requestRoleRefusals, rightsOf } from './rights.ts';
import { goingIn, goingResources, holderOf, idOf, isOwnService, orderOf, surveyTarget, type Target } from './survey.ts';
import { wavesOf } from './waves.ts';
import { planHere } from './wording.ts';

/** Trees read, and looked into, side by side; each reads several stacks and resources side by side again. */
const TREES_AT_ONCE = 2;

/**
 * Reads everything that a teardown would touch, and decides what it would do, in which order, and what stands in the way.
 * Nothing is changed. Every refusal is found: none hides another.
 *
 * @param remaining milliseconds until work must stop; what could not be looked into until then is a refusal
 * @throws AwsFailure where reading fails, BadRequest where a template cannot be read
 */
export async function planTeardown(
  given: TeardownDeps,
  { stacks, options }: TeardownRequest,
  remaining: () => number,
): Promise<TeardownPlan> {
  const { clock, callsMade } = given.ports;
  const start = { at: clock.now(), calls: { ...callsMade() } };
  const deps: TeardownDeps = {
    ...given,
    ports: { ...given.ports, cloudFormation: readOnce(given.ports.cloudFormation) },
  };
  const { resolved, refusals: unresolved } = await resolveStacks(deps, stacks);
  const { roots, refusals: nested } = await rootsAmong(deps, resolved);
  const targets = await pMap(roots, (root) => surveyTarget(deps, root), { concurrency: TREES_AT_ONCE });
  const choose = rightsOf(deps, options);
  const drafts: readonly Draft[] = await pMap(targets, async (target) => {
    const { asked, facts, gone } = target.resolved;
    return { target, ...(gone ? NOT_NEEDED : await choose(asked, facts)) };
  });
  const living = drafts.filter(({ target }) => !target.resolved.gone);
  const { order, outsiders } = orderOf(living);
  const { waves, cycles, earlier } = wavesOf(
    living.map(({ target }) => idOf(target)),
    order,
  );
  const plans = await pMap(
    drafts,
    async (draft): Promise<TargetPlan> => {
      const before = earlier(idOf(draft.target));
      const leaving = targets.filter((target) => before.has(idOf(target))).flatMap(namesIn);
      const request = { options: cleanOptionsOf(options), remaining };
      const { plan } = await planSurveyed(deps, draft.target.survey, request, new Set(leaving));
      return targetPlan(draft, options, planHere(plan), holdsRoleOf(draft, living));
    },
    { concurrency: TREES_AT_ONCE },
  );
  const planOf = new Map(plans.map(({ stackId, plan }) => [stackId, plan]));
  const nameOf = new Map(targets.map((target) => [idOf(target), target.resolved.facts.stackName]));
  return {
    version: 1,
    options,
    waves,
    stacks: plans,
    refusals: [
      ...requestRefusals(deps, options, targets),
      ...unresolved,
      ...nested,
      ...living.flatMap((draft) => draftRefusals(deps, options, draft, planOf.get(idOf(draft.target)))),
      ...outsiders.map(imported),
      ...cycles.map((ids) => cycle(ids.map((id) => nameOf.get(id) ?? id))),
    ],
    calls: difference(callsMade(), start.calls),
    milliseconds: clock.now() - start.at,
  };
}

/** A requested stack, and whose rights delete it. */
interface Draft extends Chosen {
  readonly target: Target;
}

const NOT_NEEDED: Chosen = { deletesAs: { kind: 'nobody' }, notes: [], refusals: [] };

/** Takes out what is nested. A nested stack that outlived its root is a stack like any other: there is nothing else to ask for. */
async function rootsAmong(
  { ports }: TeardownDeps,
  resolved: readonly Resolved[],
): Promise<{ readonly roots: readonly Resolved[]; readonly refusals: readonly TeardownRefusal[] }> {
  const roots: Resolved[] = [];
  const refusals: TeardownRefusal[] = [];
  for (const each of resolved) {
    const rootId = each.facts.rootId ?? each.facts.parentId;
    const root = rootId === undefined || each.gone ? undefined : await ports.cloudFormation.stack(rootId);
    if (root && root.status !== 'DELETE_COMPLETE') {
      refusals.push(nestedStack(each, root));
    } else {
      roots.push(each);
    }
  }
  return { roots, refusals };
}

/** What is wrong with the request as a whole. */
function requestRefusals(
  deps: TeardownDeps,
  options: TeardownOptions,
  targets: readonly Target[],
): readonly TeardownRefusal[] {
  const { roleArn } = options;
  const account = targets.map((target) => accountIn(idOf(target))).find((each) => each !== undefined);
  return [
    ...requestRoleRefusals(deps, options),
    ...(roleArn !== undefined && account !== undefined && accountIn(roleArn) !== account
      ? [roleElsewhere(roleArn, account)]
      : []),
  ];
}

function draftRefusals(
  deps: TeardownDeps,
  options: TeardownOptions,
  { target, deletesAs, refusals }: Draft,
  plan: Plan | undefined,
): readonly TeardownRefusal[] {
  const { resolved } = target;
  if (isOwnService(target, deps)) {
    // Nothing else would help, with no rights and no consent.
    return [ownService(resolved)];
  }
  const holder = holderOf(deletesAs, target);
  return [
    ...stateRefusals(target, options),
    ...refusals,
    ...(holder === undefined ? [] : [roleInStack(resolved, deletesAs, holder)]),
    ...(plan ? coreRefusals(resolved, plan) : []),
  ];
}

function namesIn(target: Target): readonly string[] {
  return goingIn(target).map(({ stackName }) => stackName);
}

/** ARNs of the stacks that are deleted with a role of this one's tree. */
function holdsRoleOf({ target }: Draft, living: readonly Draft[]): readonly string[] {
  return living
    .filter((other) => other.target !== target && holderOf(other.deletesAs, target) !== undefined)
    .map((other) => idOf(other.target));
}

function targetPlan(
  { target, deletesAs, notes }: Draft,
  options: TeardownOptions,
  plan: Plan,
  holdsRole: readonly string[],
): TargetPlan {
  const { facts, notes: known } = target.resolved;
  const deletes: Record<string, number> = {};
  for (const { type } of goingResources(target)) {
    deletes[type] = (deletes[type] ?? 0) + 1;
  }
  return {
    stackId: facts.stackId,
    stackName: facts.stackName,
    status: facts.status,
    deletesAs,
    unprotect: facts.terminationProtected && options.disableTerminationProtection,
    plan,
    deletes,
    ...(holdsRole.length > 0 ? { holdsRoleOf: holdsRole } : {}),
    notes: [...known, ...notes, ...stateNotes(facts)],
  };
}

function stateNotes({ stackName, status }: StackFacts): readonly Note[] {
  switch (status) {
    case 'DELETE_IN_PROGRESS':
      return [
        { code: 'DELETE_JOINED', sentence: `Stack ${stackName} is being deleted already: the end of that is awaited.` },
      ];
    case 'REVIEW_IN_PROGRESS':
      return [{ code: 'NEVER_MADE', sentence: `Stack ${stackName} was never made: only its change set is there.` }];
    default:
      return [];
  }
}
