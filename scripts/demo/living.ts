/** The first acts: pipelines go up and live. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { conversationPage } from '../lib/conversation-page.ts';
import { messageText } from '../lib/conversation-text.ts';
import {
  buildService,
  deployDeployUser,
  deployPipeline,
  deployService,
  type LocalAccount,
  until,
} from '../lib/local-account.ts';
import { paint, step } from '../lib/progress.ts';
import { ROOT } from '../lib/sam.ts';
import { addForeignPolicies, fillLogStreams, pushImages, runBuild } from '../lib/workload.ts';
import { title } from './telling.ts';

/** What the commands of a checkout keep between each other; never committed. */
export const STATE = join(ROOT, '.clean-exit');
export const PROJECTS = ['xxxx', 'zzzz'] as const;
const LOG_STREAMS = 25;

const FAILING_BUILD = {
  status: 'FAILED',
  branch: 'main',
  commit: '3f9c2d41a7b85e60912fcd37481ab2e95d6c0f18',
  subject: 'Read the sales table from the new schema',
  author: 'Hanako Sato',
  logLines: [
    '[Container] Running command docker build --pull --tag "$IMAGE_REPO_NAME:build" .',
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

/** Service, two pipelines and a deploy user, each with the command that a user types. */
export async function goUp(account: LocalAccount): Promise<void> {
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

/** Images, log streams, policies from outside, and builds with their notices. */
export async function live(account: LocalAccount, images: number): Promise<void> {
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
    for (const [index, build] of [FAILING_BUILD, PASSING_BUILD].entries()) {
      await runBuild(account, 'xxxx', build);
      // As in life, where builds take minutes: one message is there before the next build ends.
      await until(() => account.slack.messages.length > index, `message ${index + 1} in Slack`);
    }
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
