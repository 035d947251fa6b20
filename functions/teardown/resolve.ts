import pMap from 'p-map';
import type { Note, StackFacts } from '../core/model.ts';
import { inRegionOf } from './commands.ts';
import type { TeardownDeps } from './dependencies.ts';
import type { TeardownRefusal } from './model.ts';

/** DescribeStacks is throttled for the whole account. */
const STACKS_AT_ONCE = 4;

/** A deleted stack is known by its ARN for 90 days. */
const GONE = 'DELETE_COMPLETE';

/** A stack that was asked for and that CloudFormation knows. */
export interface Resolved {
  /** As it was asked for, the first time. */
  readonly asked: string;
  readonly facts: StackFacts;
  /** True where it was deleted before: there is nothing to do. */
  readonly gone: boolean;
  readonly notes: readonly Note[];
}

/**
 * Finds out which stacks a request means. A stack that is asked for twice, by name and by ARN, is one. A name whose stack was
 * deleted within the last 90 days is no fault: so a teardown that was interrupted can be asked for again in the same words.
 *
 * An ARN of another place is not asked for: CloudFormation answers for one account and one Region. The account is known from
 * the rights; the Region from the first stack that answers, names before ARNs, because a name always means this Region.
 *
 * @throws AwsFailure where CloudFormation cannot be asked
 */
export async function resolveStacks(
  deps: TeardownDeps,
  stacks: readonly string[],
): Promise<{ readonly resolved: readonly Resolved[]; readonly refusals: readonly TeardownRefusal[] }> {
  const asked = [...new Set(stacks)];
  const answers = new Map<string, Resolved>();
  const ask = async (each: string): Promise<void> => {
    const answer = await resolve(deps, each);
    if (answer) {
      answers.set(each, answer);
    }
  };
  await pMap(
    asked.filter((each) => !isArn(each)),
    ask,
    { concurrency: STACKS_AT_ONCE },
  );
  let place: Place = placeOf([...answers.values()][0]) ?? { account: accountOf(deps) };
  const arns = asked.filter(isArn);
  // One after the other until the place is known; then side by side.
  while (place.region === undefined) {
    const next = arns.shift();
    if (next === undefined) {
      break;
    }
    if (isAt(next, place)) {
      await ask(next);
      place = placeOf(answers.get(next)) ?? place;
    }
  }
  await pMap(
    arns.filter((each) => isAt(each, place)),
    ask,
    { concurrency: STACKS_AT_ONCE },
  );

  const resolved = new Map<string, Resolved>();
  const refusals: TeardownRefusal[] = [];
  for (const each of asked) {
    const answer = answers.get(each);
    if (answer) {
      resolved.set(answer.facts.stackId, resolved.get(answer.facts.stackId) ?? answer);
    } else {
      refusals.push(isArn(each) && !isAt(each, place) ? elsewhere(each, place) : notFound(each));
    }
  }
  return { resolved: [...resolved.values()], refusals };
}

async function resolve(deps: TeardownDeps, asked: string): Promise<Resolved | undefined> {
  const { cloudFormation, stackDeletion } = deps.ports;
  const facts = await cloudFormation.stack(asked);
  if (facts) {
    const gone = facts.status === GONE;
    return { asked, facts, gone, notes: gone ? [wasDeleted(facts)] : [] };
  }
  const [latest] = isArn(asked) ? [] : await stackDeletion.deletedStacks(asked);
  const before = latest === undefined ? undefined : await cloudFormation.stack(latest);
  return before && { asked, facts: before, gone: true, notes: [wasDeleted(before)] };
}

function wasDeleted({ stackId, stackName }: StackFacts): Note {
  // The run that deleted it may have been interrupted before it told that.
  const command = inRegionOf(stackId, `clean-exit leftovers ${stackName}`);
  return {
    code: 'ALREADY_DELETED',
    sentence: `Stack ${stackName} was deleted before: there is nothing to do. What it left in the account, if anything, is told by: ${command}`,
  };
}

/** Where stacks can be asked for; what is absent is not known. */
interface Place {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

function isArn(text: string): boolean {
  return text.startsWith('arn:');
}

function placeIn(arn: string): Place {
  const [, , , region, account] = arn.split(':');
  return { account, region };
}

function placeOf(resolved: Resolved | undefined): Place | undefined {
  return resolved && placeIn(resolved.facts.stackId);
}

function isAt(arn: string, place: Place): boolean {
  const { account, region } = placeIn(arn);
  return (place.account ?? account) === account && (place.region ?? region) === region;
}

/** The account of whoever deletes, where that is known before any stack has answered. */
function accountOf({ rights }: TeardownDeps): string | undefined {
  const arn = rights.kind === 'person' ? rights.arn : rights.deleteRoleArn;
  return arn === undefined ? undefined : placeIn(arn).account;
}

function elsewhere(arn: string, place: Place): TeardownRefusal {
  const { account, region } = placeIn(arn);
  const here = place.region === undefined ? `account ${place.account}` : `${place.region} of account ${place.account}`;
  return {
    code: 'ELSEWHERE',
    stack: arn,
    sentence: `The stack is in ${region} of account ${account}; this teardown works in ${here}.`,
    remedy: 'One teardown works in one account and one Region: ask for this stack there.',
  };
}

function notFound(asked: string): TeardownRefusal {
  return {
    code: 'STACK_NOT_FOUND',
    stack: asked,
    sentence: `CloudFormation knows no stack ${asked} in this account and Region, nor one that was deleted lately.`,
    remedy: 'Check the name, the account and the Region.',
  };
}
