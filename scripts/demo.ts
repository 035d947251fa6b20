/**
 * The whole promise on this machine: pipelines go up, builds tell Slack, everything goes away. No AWS account, no Docker.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { planLines, reportLines } from '#functions/core/print.ts';
import { emptyByHand } from './lib/by-hand.ts';
import { type Census, countImages, rootStacks, takeCensus } from './lib/census.ts';
import { conversationPage } from './lib/conversation-page.ts';
import { messageText } from './lib/conversation-text.ts';
import { cleaningLogOf } from './lib/function-log.ts';
import {
  buildService,
  type DeleteOutcome,
  deleteStack,
  deployDeployUser,
  deployPipeline,
  deployService,
  type LocalAccount,
  SERVICE_STACK,
  startLocalAccount,
  until,
} from './lib/local-account.ts';
import { copyWithoutCleanExit } from './lib/plain-copy.ts';
import { paint, step } from './lib/progress.ts';
import { ROOT, SamFailure } from './lib/sam.ts';
import { addForeignPolicies, fillLogStreams, pushImages, runBuild } from './lib/workload.ts';

const HELP = `usage: npm run demo [-- --keep] [-- --images N]

Starts a local AWS (no account, no Docker), deploys the service and two pipelines with the SAM CLI, fills them, shows
what fails to delete today, and deletes everything. Exit code 0 only where nothing is left.

  --keep      afterwards put up a fresh pipeline and leave it running until Ctrl-C
  --images N  images pushed into each pipeline, 1 to 2000 (default 200)`;

const STATE = join(ROOT, '.clean-exit');
const PROJECTS = ['xxxx', 'zzzz'] as const;
const COPY = 'yyyy';
const LOG_STREAMS = 25;

const FAILING_BUILD = {
  status: 'FAILED',
  branch: 'main',
  commit: '3f9c2d41a7b85e60912fcd37481ab2e95d6c0f18',
  subject: 'Read the sales table from the new schema',
  author: 'Hanako Sato',
  logLines: [
    '[Container] Running command docker build -t "$IMAGE_REPO_NAME" .',
    'Step 4/6 : RUN pip install -r requirements.txt',
    'ERROR: No matching distribution found for pandas==9.9.9',
    '[Container] Phase complete: BUILD State: FAILED',
  ],
} as const;
const PASSING_BUILD = {
  ...FAILING_BUILD,
  status: 'SUCCEEDED',
  commit: 'b07d51e2c48f9a6317e5d0c2f8a94b6d3e1f7052',
  subject: 'Pin pandas to a version that exists',
  logLines: ['[Container] Phase complete: BUILD State: SUCCEEDED'],
} as const;

/** Something in the demo did not go as it must; the sentence is all that is shown. */
class DemoFailure extends Error {}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      keep: { type: 'boolean', default: false },
      images: { type: 'string', default: '200' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const images = Number(values.images);
  if (!Number.isInteger(images) || images < 1 || images > 2000) {
    throw new DemoFailure(`--images ${values.images}: give a whole number from 1 to 2000`);
  }
  const account = await step('Start a local AWS and a stand-in for Slack', () => startLocalAccount());
  const interrupted = new Promise<never>((_, reject) => {
    process.once('SIGINT', () => reject(new DemoFailure('interrupted')));
  });
  try {
    await Promise.race([interrupted, play(account, images, values.keep)]);
  } finally {
    await account.stop();
  }
}

async function play(account: LocalAccount, images: number, keep: boolean): Promise<void> {
  await goUp(account);
  await live(account, images);
  await failWithoutCleanExit(account, images);
  await refuseWhileImported(account);
  await goAway(account);
  if (keep) {
    await keepRunning(account);
  }
}

async function goUp(account: LocalAccount): Promise<void> {
  title('A pipeline goes up with one command');
  await step('sam build (the service)', () => buildService(account.logFile));
  await step('sam deploy (the service)', () => deployService(account));
  for (const project of PROJECTS) {
    await step(`sam deploy --config-env pipeline (${project}-build)`, () => deployPipeline(account, project));
  }
  await step('sam deploy --config-env deploy-user (may pull from both)', () =>
    deployDeployUser(account, 'xxxx', ['zzzz']),
  );
}

async function live(account: LocalAccount, images: number): Promise<void> {
  title('It lives: builds run, images pile up, people add policies by hand');
  for (const project of PROJECTS) {
    await step(`Push images to ${project} under its build role`, (tell) =>
      pushImages(account, project, images, (done, total) => tell(`${done} of ${total}`)),
    );
    await step(`Write ${LOG_STREAMS} log streams into ${project}-build`, () =>
      fillLogStreams(account, project, LOG_STREAMS),
    );
    await step(`Attach policies to role ${project}-codebuild that no template knows`, () =>
      addForeignPolicies(account, project),
    );
  }
  await step('A build fails, the next one passes', async () => {
    await runBuild(account, 'xxxx', FAILING_BUILD);
    await runBuild(account, 'xxxx', PASSING_BUILD);
    await until(() => account.slack.messages.length >= 2, 'two messages in Slack');
  });
  console.log('\nWhat Slack shows:\n');
  const { messages } = account.slack;
  for (const { message } of messages) {
    console.log(`${messageText(message, { colour: process.stdout.isTTY })}\n`);
  }
  await mkdir(STATE, { recursive: true });
  const page = join(STATE, 'slack.html');
  await writeFile(page, conversationPage([{ title: '#builds', messages }]));
  console.log(paint.quiet(`The same as a page: ${page.slice(ROOT.length + 1)}`));
}

async function failWithoutCleanExit(account: LocalAccount, images: number): Promise<void> {
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

async function refuseWhileImported(account: LocalAccount): Promise<void> {
  title('Asked too early, nothing is emptied');
  const before = await countImages(account.root, 'xxxx');
  const outcome = await step('Delete xxxx-build while the deploy user still imports its repository', () =>
    deleteStack(account, 'xxxx-build'),
  );
  const after = await countImages(account.root, 'xxxx');
  showFailure(outcome);
  console.log(`  images before: ${before}, after: ${after}`);
  expect(outcome.status === 'DELETE_FAILED', `the delete should have been refused, and ended as ${outcome.status}`);
  expect(before === after && before > 0, 'a refused delete removed images');
}

async function goAway(account: LocalAccount): Promise<void> {
  title('It goes away with one command each: deploy user, pipelines, service');
  const names = ['xxxx-deploy-user', 'xxxx-build', 'zzzz-build', SERVICE_STACK];
  const rows: { before: Census; outcome: DeleteOutcome; calls: number }[] = [];
  for (const name of names) {
    const before = await takeCensus(account.root, name);
    await account.emulator.clearCalls();
    const outcome = await step(`aws cloudformation delete-stack --stack-name ${name}`, () =>
      deleteStack(account, name),
    );
    const { calls } = await account.emulator.calls();
    // Calls of people (the demo watching) are not the service's; they are made as the account's root.
    rows.push({ before, outcome, calls: calls.filter((call) => call.principal !== 'root').length });
    if (outcome.status !== 'DELETE_COMPLETE') {
      showFailure(outcome);
    }
    if (name === 'zzzz-build') {
      await showCleaning(account, name);
    }
  }
  console.log(`\n${table(rows)}`);
  const left = (await rootStacks(account.root)).filter((name) => !name.startsWith('aws-sam-cli-managed'));
  const repositories = await Promise.all(PROJECTS.map((project) => countImages(account.root, project)));
  expect(left.length === 0, `stacks are left: ${left.join(', ')}`);
  expect(
    repositories.every((count) => count === 0),
    'images are left',
  );
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

function showFailure({ status, reason, failures }: DeleteOutcome): void {
  console.log(`  ${paint.bad(status)} ${reason}`);
  for (const [logicalId, why] of Object.entries(failures)) {
    console.log(`    ${logicalId}: ${why}`);
  }
}

function table(rows: readonly { before: Census; outcome: DeleteOutcome; calls: number }[]): string {
  const drawn = new Table({
    head: ['stack', 'resources', 'images', 'log streams', 'role policies', 'left', 'AWS calls', 'seconds'],
    style: { head: [], border: [] },
    colAligns: ['left', ...Array.from({ length: 7 }, () => 'right' as const)],
  });
  for (const { before, outcome, calls } of rows) {
    const left = outcome.status === 'DELETE_COMPLETE' ? 'nothing' : outcome.status;
    const { stackName, resources, images, logStreams, rolePolicies } = before;
    drawn.push([stackName, resources, images, logStreams, rolePolicies, left, calls, outcome.seconds.toFixed(1)]);
  }
  return drawn.toString();
}

async function keepRunning(account: LocalAccount): Promise<void> {
  title('Yours to try');
  await step('Put the service and pipeline xxxx up again', async () => {
    await deployService(account);
    await deployPipeline(account, 'xxxx');
    await pushImages(account, 'xxxx', 10);
  });
  await mkdir(STATE, { recursive: true });
  const state = join(STATE, 'account.json');
  await writeFile(state, JSON.stringify({ env: account.emulator.env }, null, 2));
  console.log(`In a second terminal, in this folder:

  npm run --silent aws -- cloudformation describe-stacks --stack-name xxxx-build
  npm run --silent aws -- ecr describe-images --repository-name xxxx
  npm run --silent aws -- codebuild start-build --project-name xxxx
  npm run --silent aws -- cloudformation delete-stack --stack-name xxxx-build

Ctrl-C ends it.`);
  await new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve));
  await rm(state, { force: true });
}

function title(text: string): void {
  console.log(`\n${paint.title(text)}`);
}

function expect(holds: boolean, sentence: string): void {
  if (!holds) {
    throw new DemoFailure(sentence);
  }
}

await main().catch((thrown: unknown) => {
  console.error(paint.bad(`\nThe demo failed: ${thrown instanceof Error ? thrown.message : thrown}`));
  if (thrown instanceof Error && !(thrown instanceof DemoFailure || thrown instanceof SamFailure)) {
    console.error(paint.quiet(thrown.stack ?? ''));
  }
  process.exitCode = 1;
});
