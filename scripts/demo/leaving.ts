/** The last acts: what fails today, what is refused, and everything going away. */
import Table from 'cli-table3';
import { planLines, reportLines } from '#functions/core/print.ts';
import { emptyByHand } from '../lib/by-hand.ts';
import { type Census, countImages, countWithin, rootStacks, takeCensus } from '../lib/census.ts';
import { cleaningLogOf } from '../lib/function-log.ts';
import {
  type DeleteOutcome,
  deleteStack,
  deployPipeline,
  type LocalAccount,
  SERVICE_STACK,
} from '../lib/local-account.ts';
import { copyWithoutCleanExit } from '../lib/plain-copy.ts';
import { isListed, present, type Thing } from '../lib/presence.ts';
import { paint, step } from '../lib/progress.ts';
import { pushImages } from '../lib/workload.ts';
import { PROJECTS } from './living.ts';
import { expect, showFailure, title } from './telling.ts';

const COPY = 'yyyy';

/** What happens to the same pipeline without the custom resource. */
export async function failWithoutCleanExit(account: LocalAccount, images: number): Promise<void> {
  title('The same pipeline without clean-exit');
  const stackName = `${COPY}-build`;
  const copy = await copyWithoutCleanExit();
  try {
    await step(`Deploy ${stackName}, a copy without the custom resource, and push images`, async () => {
      await deployPipeline(account, COPY, {}, copy.template);
      await pushImages(account, COPY, Math.min(images, 10));
    });
  } finally {
    await copy.remove();
  }
  const outcome = await step(`Delete ${stackName}`, () => deleteStack(account, stackName));
  expect(outcome.status === 'DELETE_FAILED', `${stackName} should have failed to delete, and is ${outcome.status}`);
  showFailure(outcome);
  console.log(
    '  Images are what really blocks today; CloudFormation handles log streams and most role policies alone.',
  );
  await step('Empty it by hand and delete it again, as one had to', async (tell) => {
    const calls = await emptyByHand(account.root, COPY);
    const { status } = await deleteStack(account, stackName);
    expect(status === 'DELETE_COMPLETE', `${stackName} should be gone by now, and is ${status}`);
    tell(`${calls} calls for ${COPY} alone`);
  });
}

/** The deploy user still imports the repository: nothing may be emptied. */
export async function refuseWhileImported(account: LocalAccount): Promise<void> {
  title('Asked too early, nothing is emptied');
  const before = await countImages(account.root, 'xxxx');
  const outcome = await step('Delete xxxx-build while the deploy user still imports its repository', () =>
    deleteStack(account, 'xxxx-build'),
  );
  const after = await countImages(account.root, 'xxxx');
  showFailure(outcome);
  console.log(`  images before: ${before}, after: ${after}`);
  console.log('  CloudFormation deleted the other nested stacks all the same; the next delete goes on from there.');
  expect(outcome.status === 'DELETE_FAILED', `the delete should have been refused, and ended as ${outcome.status}`);
  expect(before === after && before > 0, 'a refused delete removed images');
}

/** In the order in which they go: importers first, the service last. */
const LEAVING = ['xxxx-deploy-user', ...PROJECTS.map((project) => `${project}-build`), SERVICE_STACK];

/** What the pipelines hold, by stack. Fails where the account does not show what CloudFormation names, of any stack. */
export async function lookAround(account: LocalAccount): Promise<ReadonlyMap<string, Census>> {
  const censuses = await Promise.all(LEAVING.map((stackName) => takeCensus(account.root, stackName)));
  for (const { resources } of censuses) {
    const listed = resources.filter(isListed);
    const seen = await present(account.root, listed);
    const unseen = listed.filter((thing) => !seen.includes(thing));
    // Otherwise "nothing is left" would prove nothing.
    expect(unseen.length === 0, `the account does not show ${namesOf(unseen)}`);
  }
  // The service's logs grow until it goes: it is counted again then.
  const pipelines = censuses.filter(({ stackName }) => stackName.endsWith('-build'));
  return new Map(pipelines.map((census) => [census.stackName, census]));
}

/** Deletes everything; ends with a table, and fails where anything is left. */
export async function goAway(account: LocalAccount, earlier: ReadonlyMap<string, Census>): Promise<void> {
  title('It goes away with one command each: deploy user, pipelines, service');
  const rows: Row[] = [];
  for (const name of LEAVING) {
    const before = earlier.get(name) ?? (await takeCensus(account.root, name));
    await account.emulator.clearCalls();
    const outcome = await step(`aws cloudformation delete-stack --stack-name ${name}`, () =>
      deleteStack(account, name),
    );
    const { calls: made } = await account.emulator.calls();
    // Calls of people (the demo watching) are not the service's; they are made as the account's root.
    const calls = made.filter((call) => call.principal !== 'root').length;
    rows.push({ before, after: await remainsOf(account, before, outcome), outcome, calls });
    if (outcome.status !== 'DELETE_COMPLETE') {
      showFailure(outcome);
    }
    if (name === 'zzzz-build') {
      await showCleaning(account, name);
    }
  }
  console.log(`\n${table(rows)}`);
  const stacks = (await rootStacks(account.root)).filter((name) => !name.startsWith('aws-sam-cli-managed'));
  expect(stacks.length === 0, `stacks are left: ${stacks.join(', ')}`);
  const things = rows.flatMap(({ after }) => after.resources);
  expect(things.length === 0, `resources are left: ${namesOf(things)}`);
  console.log(paint.good('Left of the project’s stacks: nothing.'));
  console.log(
    paint.quiet('(The SAM CLI keeps its own stack aws-sam-cli-managed-default with the uploaded templates.)'),
  );
}

/** The plan before and the report after, as the function logged them. */
async function showCleaning(account: LocalAccount, stackName: string): Promise<void> {
  const { plan, report } = await cleaningLogOf(account.root, stackName);
  expect(plan !== undefined && report !== undefined, `the log tells no plan and no report of ${stackName}`);
  const lines = [...(plan ? planLines(plan) : []), '', ...(report ? reportLines(report) : [])];
  console.log(`\n  From the function's log, the plan before and the report after:\n`);
  for (const line of lines) {
    console.log(`    ${line}`);
  }
  console.log('');
}

interface Row {
  readonly before: Census;
  /** What exists of it after the delete, looked up in the account. */
  readonly after: Census;
  readonly outcome: DeleteOutcome;
  readonly calls: number;
}

/**
 * What is really there of a stack's resources, whatever CloudFormation says. For types that cannot be listed (permissions
 * and the like, which go with what they belong to) its word has to do.
 */
async function remainsOf(account: LocalAccount, before: Census, { status }: DeleteOutcome): Promise<Census> {
  const unlisted = status === 'DELETE_COMPLETE' ? [] : before.resources.filter((thing) => !isListed(thing));
  const resources = [...(await present(account.root, before.resources)), ...unlisted];
  return { ...(await countWithin(account.root, resources)), stackName: before.stackName, resources };
}

function table(rows: readonly Row[]): string {
  const drawn = new Table({
    head: [
      'removed from',
      'resources',
      'images',
      'log streams',
      'role policies',
      'left',
      'calls of clean-exit',
      'seconds',
    ],
    style: { head: [], border: [] },
    colAligns: ['left', ...Array.from({ length: 7 }, () => 'right' as const)],
  });
  for (const { before, after, outcome, calls } of rows) {
    const removed = (count: (census: Census) => number): string =>
      count(before) === 0 ? '' : `${count(before) - count(after)} of ${count(before)}`;
    drawn.push([
      before.stackName,
      removed(({ resources }) => resources.length),
      removed(({ images }) => images),
      removed(({ logStreams }) => logStreams),
      removed(({ rolePolicies }) => rolePolicies),
      outcome.status !== 'DELETE_COMPLETE' ? outcome.status : namesOf(after.resources) || 'nothing',
      calls,
      outcome.seconds.toFixed(1),
    ]);
  }
  return drawn.toString();
}

function namesOf(things: readonly Thing[]): string {
  return things.map(({ type, id }) => `${type} ${id}`).join(', ');
}
