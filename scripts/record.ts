/** Records the command line as it is used, on the local emulator: a `.cast` for asciinema and an animated SVG for the README. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  deployDeployUser,
  deployPipeline,
  deployService,
  type LocalAccount,
  startLocalAccount,
} from './lib/local-account.ts';
import { optionsOf, UsageError } from './lib/options.ts';
import { step } from './lib/progress.ts';
import { ROOT } from './lib/sam.ts';
import { addForeignPolicies, fillLogStreams, pushImages } from './lib/workload.ts';
import { castText, record, type Scene } from './record/cast.ts';
import { svgOf } from './record/svg.ts';

const USAGE = 'usage: npm run record';
const HELP = `${USAGE}

Deploys the service, a pipeline and a deploy user on a local AWS, fills the pipeline, and records in a pseudo-terminal how
the command line refuses to delete the pipeline alone, and deletes both. Writes docs/recordings/delete.cast and delete.svg.`;

const COLUMNS = 116;
const ROWS = 36;
const IMAGES = 240;
const FOLDER = join(ROOT, 'docs', 'recordings');

async function main(): Promise<void> {
  const { values } = optionsOf({ options: { help: { type: 'boolean', default: false } } }, USAGE);
  if (values.help) {
    console.log(HELP);
    return;
  }
  const account = await step('Start a local AWS', () => startLocalAccount());
  const home = await mkdtemp(join(tmpdir(), 'clean-exit-record-'));
  try {
    await step('Deploy a pipeline and a deploy user, and fill them', () => fill(account));
    const cast = await step('Record', () =>
      record('clean-exit deletes a pipeline', COLUMNS, ROWS, scenes(account, home)),
    );
    await writeFile(join(FOLDER, 'delete.cast'), castText(cast));
    await writeFile(join(FOLDER, 'delete.svg'), await svgOf(cast));
  } finally {
    await account.stop();
    await rm(home, { recursive: true, force: true });
  }
}

async function fill(account: LocalAccount): Promise<void> {
  await deployService(account);
  await deployPipeline(account, 'xxxx');
  await deployDeployUser(account, 'xxxx');
  await pushImages(account, 'xxxx', IMAGES);
  await fillLogStreams(account, 'xxxx', 12);
  await addForeignPolicies(account, 'xxxx');
  // As long as AWS's own answers take.
  await account.emulator.setLatency(40);
}

function scenes(account: LocalAccount, home: string): readonly Scene[] {
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, ...account.emulator.env };
  const bundle = join(ROOT, 'dist', 'clean-exit.mjs');
  const scene = (words: string, exit: number, answers: Scene['answers'] = []): Scene => ({
    shown: `clean-exit ${words}`,
    command: [process.execPath, bundle, ...words.split(' ')],
    env,
    answers,
    exit,
  });
  return [
    scene('plan xxxx-build --local', 3),
    scene('delete xxxx-build xxxx-deploy-user --local', 0, [['To delete, type', `2 stacks in ${account.region}\r`]]),
  ];
}

await main().catch((thrown: unknown) => {
  console.error(thrown instanceof UsageError ? thrown.message : thrown);
  process.exitCode = thrown instanceof UsageError ? 2 : 1;
});
