import type { TeardownDeps } from '#functions/teardown/dependencies.ts';
import type { Remaining } from '#functions/teardown/model.ts';
import { WrongUsage } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Kit } from '../kit.ts';
import { whileWaiting } from '../show/waiting.ts';
import { stacksWord } from '../words.ts';
import { requestOf } from './request.ts';

/** `clean-exit leftovers`: what deleted stacks left in the account, and the command that removes each. */
export async function leftovers(
  kit: Kit,
  words: readonly string[],
  { json = false }: { readonly json?: boolean | undefined },
): Promise<ExitCode> {
  const { terminal } = kit;
  const { stacks } = requestOf(words, {}, 'plan');
  const { remaining, living } = await whileWaiting(
    kit,
    `Looking for what ${stacksWord(stacks.length)} left`,
    async () => {
      const identity = await kit.identity();
      const deps = await kit.localDeps(identity);
      const found = await deletedStacks(deps, stacks);
      if (found.unknown.length > 0) {
        const place = `account ${identity.accountId}, ${identity.region}`;
        throw new WrongUsage(
          `${place} knows no stack ${found.unknown.join(', ')}, and deleted none of that name within 90 days: correct the name, or give another --region or --profile.`,
        );
      }
      const { remainingOf } = await import('#functions/teardown/remains.ts');
      return { remaining: await remainingOf(deps, found.deleted), living: found.living };
    },
  );
  for (const name of living) {
    terminal.err(`${name} is not deleted; what it would leave, a plan tells: clean-exit plan ${name}`);
  }
  if (json) {
    terminal.out(JSON.stringify({ version: 1, remaining, living }, null, 2));
  } else if (remaining.length === 0) {
    terminal.out('Nothing is left, as far as CloudFormation and the names of log groups tell.');
  } else {
    tell(kit, remaining);
  }
  return EXIT.done;
}

function tell({ terminal: { out, outColours } }: Kit, remaining: readonly Remaining[]): void {
  for (const { what, stackName, why, command } of remaining) {
    out(`${outColours.bold(what)} (stack ${stackName}): ${why}`);
    out(`    ${outColours.cyan(command)}`);
  }
}

interface Sorted {
  /** ARNs: every stack of a name that was deleted. */
  readonly deleted: readonly string[];
  /** Names of stacks that are there. */
  readonly living: readonly string[];
  readonly unknown: readonly string[];
}

async function deletedStacks({ ports }: TeardownDeps, stacks: readonly string[]): Promise<Sorted> {
  const deleted = new Set<string>();
  const living: string[] = [];
  const unknown: string[] = [];
  for (const asked of new Set(stacks)) {
    const stack = await ports.cloudFormation.stack(asked);
    if (stack && stack.status !== 'DELETE_COMPLETE') {
      living.push(stack.stackName);
    }
    const known = asked.startsWith('arn:')
      ? stack
        ? [stack.stackId]
        : []
      : await ports.stackDeletion.deletedStacks(asked);
    const gone = known.filter((stackId) => stackId !== stack?.stackId || stack.status === 'DELETE_COMPLETE');
    for (const stackId of gone) {
      deleted.add(stackId);
    }
    if (!stack && gone.length === 0) {
      unknown.push(asked);
    }
  }
  return { deleted: [...deleted], living, unknown };
}
