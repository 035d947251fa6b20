import type { TeardownPlan, TeardownReport } from '#functions/teardown/model.ts';
import type { Wish } from '../doors/choose.ts';
import type { Door } from '../doors/door.ts';
import { NotConsented, WrongUsage } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Kit } from '../kit.ts';
import type { Identity } from '../place.ts';
import type { Board } from '../show/board.ts';
import { showPlan } from '../show/plan.ts';
import { showReport } from '../show/report.ts';
import { whileWaiting } from '../show/waiting.ts';
import { watchOf } from '../show/watch.ts';
import { wrapTo } from '../show/wrap.ts';
import { stacksWord } from '../words.ts';
import { opened } from './opened.ts';
import { type ConsentFlags, requestOf } from './request.ts';

export interface DeleteFlags extends ConsentFlags {
  readonly wish: Wish;
  /** Stacks whose name was given with --yes. */
  readonly yes?: readonly string[] | undefined;
  readonly json?: boolean | undefined;
}

/** `clean-exit delete`: a plan, a word that somebody types, the deletes, a report. */
export async function deleteStacks(kit: Kit, stacks: readonly string[], flags: DeleteFlags): Promise<ExitCode> {
  const { terminal, interruption } = kit;
  const request = requestOf(stacks, flags, 'execute');
  const consented = consentInWords(request.stacks, flags.yes ?? []);
  if (!consented && !terminal.interactive) {
    const words = [...new Set(request.stacks)].map((stack) => `--yes ${stack}`).join(' ');
    throw new NotConsented(`Nothing was deleted: nobody can be asked here. Consent on the command line: ${words}`);
  }
  const { identity, door } = await opened(kit, flags.wish);
  terminal.err(terminal.errIsTerminal ? wrapTo(door.sentence, terminal.columns) : door.sentence);
  const run = kit.newRun();
  const plan = await whileWaiting(kit, `Looking into ${stacksWord(request.stacks.length)}`, () =>
    door.plan(request, { run, signal: interruption.signal }),
  );
  showPlan(terminal, 'stderr', plan);
  const begun = plan.waves.length > 0 && plan.refusals.length === 0;
  if (begun && !consented) {
    await askForConsent(kit, plan, identity);
  }
  const { report, board } = begun
    ? await execute(kit, door, { request, plan, run })
    : { report: notBegun(plan, run), board: undefined };
  if (flags.json === true) {
    terminal.out(JSON.stringify(report, null, 2));
  } else if (begun || !terminal.outIsTerminal) {
    showReport(terminal, report);
  }
  if (interruption.signal.aborted && report.outcome === 'failed') {
    sayWhereItStands(kit, report, board);
    return EXIT.interrupted;
  }
  return exitOf(report);
}

function exitOf({ outcome }: TeardownReport): ExitCode {
  switch (outcome) {
    case 'deleted':
    case 'planned':
      return EXIT.done;
    case 'refused':
      return EXIT.refused;
    case 'failed':
      return EXIT.failed;
    default:
      return outcome satisfies never;
  }
}

/**
 * Was every stack named a second time, letter for letter? A script that has more or other names than the request is wrong
 * about what it deletes.
 *
 * @throws WrongUsage where some, but not exactly the same, were named
 */
function consentInWords(stacks: readonly string[], yes: readonly string[]): boolean {
  if (yes.length === 0) {
    return false;
  }
  const missing = stacks.filter((stack) => !yes.includes(stack));
  const foreign = yes.filter((name) => !stacks.includes(name));
  if (missing.length > 0 || foreign.length > 0) {
    const parts = [
      ...missing.map((stack) => `--yes ${stack} is missing`),
      ...foreign.map((name) => `--yes ${name} names none of the stacks to delete`),
    ];
    throw new WrongUsage(`${parts.join('; ')}. --yes is given once for each stack, as it is named in the command.`);
  }
  return true;
}

/**
 * One stack: its name. Several: how many and where, which is short enough to type and wrong wherever somebody is in the wrong
 * account's Region or has one stack too many in the list.
 *
 * @throws NotConsented where anything else was typed; Interrupted on Ctrl-C
 */
async function askForConsent({ terminal }: Kit, plan: TeardownPlan, { region }: Identity): Promise<void> {
  const going = plan.waves.flat();
  const [only] = plan.stacks.filter(({ stackId }) => going.includes(stackId));
  const wanted = going.length === 1 && only ? only.stackName : `${going.length} stacks in ${region}`;
  const what = going.length === 1 ? 'the name of the stack' : wanted;
  const typed = await terminal.ask(`To delete, type ${what}:`);
  if (typed?.trim() !== wanted) {
    const said = typed === undefined ? 'nothing was typed' : `what was typed is not ${wanted}`;
    throw new NotConsented(`Nothing was deleted: ${said}.`);
  }
}

async function execute(
  { terminal, interruption }: Kit,
  door: Door,
  { request, plan, run }: { request: Parameters<Door['execute']>[0]; plan: TeardownPlan; run: string },
): Promise<{ report: TeardownReport; board: Board }> {
  const watch = await watchOf(terminal, plan);
  interruption.onFirst(() => watch.say(door.onInterrupt(run)));
  try {
    const report = await door.execute(request, plan, { run, signal: interruption.signal, onSign: watch.sign });
    return { report, board: watch.board() };
  } finally {
    watch.end();
  }
}

/** The report of a run that had nothing to begin with: a plan that refuses, or stacks that are gone already. */
function notBegun({ refusals, stacks, calls, milliseconds }: TeardownPlan, run: string): TeardownReport {
  return {
    version: 1,
    outcome: refusals.length > 0 ? 'refused' : 'deleted',
    run,
    refusals,
    stacks: [],
    remaining: [],
    removedLogGroups: [],
    notes: stacks.flatMap(({ notes }) => notes),
    calls,
    milliseconds,
  };
}

/** After Ctrl-C: what state each stack is in, and that nothing is lost. */
function sayWhereItStands({ terminal }: Kit, { stacks }: TeardownReport, board: Board | undefined): void {
  for (const { stackName, stackId, outcome } of stacks.filter((stack) => stack.outcome === 'stopped')) {
    const phase = board?.stacks.find((stack) => stack.stackId === stackId)?.phase;
    terminal.err(`${stackName} (${outcome}): ${STANDS[phase ?? 'waiting']}`);
  }
  terminal.err('Give the same command again: it goes on where it stopped.');
}

const STANDS = {
  waiting: 'not begun; nothing was removed from it.',
  clean: 'its emptying was begun; no delete was asked for.',
  delete: 'emptied; no delete was asked for.',
  watch: 'CloudFormation was asked to delete it, and goes on with that.',
  done: 'at its end.',
} as const;
