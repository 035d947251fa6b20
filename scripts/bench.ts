/** Counts what cleaning costs: calls against the least possible, time, memory, and the weight of the functions. */
import Table from 'cli-table3';
import { type BundleResult, measureBundles } from './bench/bundles.ts';
import { type CommandLineResult, HELP_GOAL_MS, measureCommandLine } from './bench/command-line.ts';
import { type DrainResult, drainImages, drainLogStreams, LATENCY_MS } from './bench/drain.ts';
import { median } from './bench/median.ts';
import { measureNotices, type NoticeResult } from './bench/notice.ts';
import { measureRivals, type RivalResult } from './bench/rivals.ts';
import { type LocalAccount, startLocalAccount } from './lib/local-account.ts';
import { optionsOf, UsageError } from './lib/options.ts';
import { paint, step } from './lib/progress.ts';

const USAGE = 'usage: npm run bench [-- --json] [-- --rivals]';
const HELP = `${USAGE}

Drains 100, 1,000 and 10,000 images and a group of 1,000 log streams on the local emulator, with ECR's limits and
${LATENCY_MS} ms added to every call, and weighs the bundles of the functions and of the command line. Takes about two minutes.

  --rivals  instead: delete the same stack with clean-exit, delstack (where one is on PATH), sam delete and
            CloudFormation alone, and tell what each took and left
  --json    the results as JSON on stdout: npm run --silent bench -- --json`;

/** How much more memory 10,000 images may take than 100, in bytes. */
const MEMORY_GOAL = 30 * 1024 * 1024;
const MEMORY_RUNS = 5;
const BYTES_GOAL = 1.25;
const IMPORT_GOAL = 1.3;
/** Milliseconds of one notice without AWS and Slack. */
const NOTICE_GOAL_MS = 20;

async function main(): Promise<void> {
  const { values: options } = optionsOf(
    {
      options: {
        json: { type: 'boolean', default: false },
        rivals: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    },
    USAGE,
  );
  if (options.help) {
    console.log(HELP);
    return;
  }
  if (options.rivals) {
    await compareRivals(options.json);
    return;
  }
  const bundles = await step('Bundle the functions and import them cold', () => measureBundles());
  const commandLine = await step('Bundle the command line and ask it for help', () => measureCommandLine());
  const notices = await step('Tell of builds, with AWS and Slack answering at once', () => measureNotices());
  const account = await step('Start a local AWS', () => startLocalAccount({ auth: false }));
  const drains: DrainResult[] = [];
  let moreMemory = Number.NaN;
  try {
    drains.push(...(await drainAll(account)));
    moreMemory = await step('Compare the memory that 10,000 and 100 images take', () => measureMemory(account));
  } finally {
    await account.stop();
  }
  if (options.json) {
    console.log(JSON.stringify({ drains, moreMemoryBytes: moreMemory, bundles, commandLine, notices }, null, 2));
    return;
  }
  console.log(`\n${drainTable(drains)}`);
  console.log(
    `10,000 images take ${megabytes(moreMemory)} MB more than 100 at the peak (${verdict(moreMemory <= MEMORY_GOAL)}).`,
  );
  console.log(`\n${bundleTable(bundles)}`);
  console.log(commandLineWords(commandLine));
  console.log(notices.map(noticeWords).join('\n'));
}

function noticeWords({ status, ms }: NoticeResult): string {
  return `A build that ${status} is told in ${ms.toFixed(1)} ms, AWS and Slack left out (${verdict(ms <= NOTICE_GOAL_MS)}).`;
}

function commandLineWords({ entryBytes, bytes, helpMs, nodeMs }: CommandLineResult): string {
  const size = `${Math.round(entryBytes / 1000)} kB that every command reads, ${Math.round(bytes / 1000)} kB with what only some read`;
  const time = `clean-exit --help takes ${helpMs.toFixed(0)} ms, ${nodeMs.toFixed(0)} of them Node's own start`;
  return `The command line has ${size}; ${time} (${verdict(helpMs <= HELP_GOAL_MS)}).`;
}

/** The same stack, deleted in several ways on one local account. */
async function compareRivals(asJson: boolean): Promise<void> {
  const account = await step('Start a local AWS', () => startLocalAccount({ auth: false }));
  try {
    const results = await step('Delete the same stack in several ways', (tell) => measureRivals(account, tell));
    console.log(asJson ? JSON.stringify({ rivals: results }, null, 2) : `\n${rivalTable(results)}`);
  } finally {
    await account.stop();
  }
}

function rivalTable(rows: readonly RivalResult[]): string {
  const table = new Table({
    head: ['', 'AWS calls', 'seconds', 'what is left'],
    style: { head: [], border: [] },
    colWidths: [28, 12, 10, 60],
    wordWrap: true,
  });
  for (const { rival, sentence, calls, seconds, left } of rows) {
    table.push([rival, calls ?? '', seconds?.toFixed(1) ?? '', sentence ?? (left?.join(', ') || 'nothing')]);
  }
  return table.toString();
}

async function drainAll(account: LocalAccount): Promise<readonly DrainResult[]> {
  const results: DrainResult[] = [];
  for (const count of [100, 1_000, 10_000]) {
    results.push(await step(`Drain ${count.toLocaleString('en-US')} images`, () => drainImages(account, count)));
  }
  results.push(
    await step('Remove log streams from a group of 1,000 (a minute)', () => drainLogStreams(account, 1_000)),
  );
  return results;
}

/** How many bytes more 10,000 images take than 100 at the peak: medians, because the garbage collector has moods. */
async function measureMemory(account: LocalAccount): Promise<number> {
  const few: number[] = [];
  const many: number[] = [];
  for (let run = 2; run < 2 + MEMORY_RUNS; run += 1) {
    few.push((await drainImages(account, 100, run)).peakBytes);
    many.push((await drainImages(account, 10_000, run)).peakBytes);
  }
  return median(many) - median(few);
}

function drainTable(rows: readonly DrainResult[]): string {
  const table = new Table({
    head: ['', 'list and delete calls', 'floor', 'goal', '', 'other calls', 'seconds', 'peak MB', 'outcome'],
    style: { head: [], border: [] },
  });
  for (const { what, working, floor, goal, others, seconds, peakBytes, outcome } of rows) {
    const met = goal === undefined ? '' : verdict(working <= goal && outcome === 'clean');
    table.push([what, working, floor, goal ?? '', met, others, seconds.toFixed(1), megabytes(peakBytes), outcome]);
  }
  return table.toString();
}

function bundleTable(rows: readonly BundleResult[]): string {
  const table = new Table({
    head: ['function', 'kB', 'bare clients', 'ratio', '', 'cold import ms', 'bare clients', 'ratio', ''],
    style: { head: [], border: [] },
  });
  for (const { entry, bytes, bareBytes, importMs, bareImportMs } of rows) {
    const size = bytes / bareBytes;
    const time = importMs / bareImportMs;
    table.push([
      ...[entry, Math.round(bytes / 1000), Math.round(bareBytes / 1000), size.toFixed(2), verdict(size <= BYTES_GOAL)],
      ...[importMs.toFixed(0), bareImportMs.toFixed(0), time.toFixed(2), verdict(time <= IMPORT_GOAL)],
    ]);
  }
  return table.toString();
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(1);
}

function verdict(holds: boolean): string {
  return holds ? paint.good('goal met') : paint.bad('goal missed');
}

await main().catch((thrown: unknown) => {
  console.error(thrown instanceof UsageError ? thrown.message : thrown);
  process.exitCode = thrown instanceof UsageError ? 2 : 1;
});
