/**
 * The whole promise on this machine: pipelines go up, builds tell Slack, everything goes away. No AWS account, no Docker.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failWithoutCleanExit, goAway, lookAround, refuseWhileImported } from './demo/leaving.ts';
import { goUp, live, STATE } from './demo/living.ts';
import { DemoFailure, title } from './demo/telling.ts';
import { deployPipeline, deployService, type LocalAccount, startLocalAccount } from './lib/local-account.ts';
import { optionsOf, UsageError } from './lib/options.ts';
import { paint, step } from './lib/progress.ts';
import { SamFailure } from './lib/sam.ts';
import { pushImages } from './lib/workload.ts';

const USAGE = 'usage: npm run demo [-- --keep --images N]';
const HELP = `${USAGE}

Starts a local AWS (no account, no Docker), deploys the service and two pipelines with the SAM CLI, fills them, shows
what fails to delete today, and deletes everything. Exit code 0 only where nothing is left.

  --keep      afterwards put up a fresh pipeline and leave it running until Ctrl-C
  --images N  images pushed into each pipeline, 1 to 2000 (default 200)`;

async function main(): Promise<void> {
  const { values } = optionsOf(
    {
      options: {
        keep: { type: 'boolean', default: false },
        images: { type: 'string', default: '200' },
        help: { type: 'boolean', default: false },
      },
    },
    USAGE,
  );
  if (values.help) {
    console.log(HELP);
    return;
  }
  const images = Number(values.images);
  if (!Number.isInteger(images) || images < 1 || images > 2000) {
    throw new UsageError(`--images ${values.images}: give a whole number from 1 to 2000. ${USAGE}`);
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
  // Before the refusal: CloudFormation takes parts of a refused pipeline away already.
  const before = await lookAround(account);
  await refuseWhileImported(account);
  await goAway(account, before);
  if (keep) {
    await keepRunning(account);
  }
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
  // From here on Ctrl-C is the ordinary end, no longer an interruption.
  process.removeAllListeners('SIGINT');
  await new Promise((resolve) => process.once('SIGTERM', resolve).once('SIGINT', resolve));
  await rm(state, { force: true });
}

await main().catch((thrown: unknown) => {
  if (thrown instanceof UsageError) {
    console.error(thrown.message);
    process.exitCode = 2;
    return;
  }
  console.error(paint.bad(`\nThe demo failed: ${thrown instanceof Error ? thrown.message : thrown}`));
  if (thrown instanceof Error && !(thrown instanceof DemoFailure || thrown instanceof SamFailure)) {
    console.error(paint.quiet(thrown.stack ?? ''));
  }
  process.exitCode = 1;
});
