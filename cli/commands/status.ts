import { oneLine } from '#functions/core/report.ts';
import type { ExecutionDetails } from '../aws/state-machine.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { redacted } from '../failures.ts';
import type { Kit } from '../kit.ts';
import { stateMachineArn } from '../place.ts';
import { whileWaiting } from '../show/waiting.ts';
import type { Colours } from '../terminal.ts';
import { requestIn } from './request-in.ts';

/** Runs that are told, the latest first. */
const MOST_RUNS = 10;

/** `clean-exit status`: what the service is doing and did lately, and which stacks are stuck. */
export async function status(kit: Kit, { json = false }: { readonly json?: boolean | undefined }): Promise<ExitCode> {
  const { terminal } = kit;
  const { runs, stuck } = await whileWaiting(kit, 'Asking AWS', async () => {
    const identity = await kit.identity();
    const [executions, stacks] = await Promise.all([runsOf(kit, stateMachineArn(identity)), kit.stuckStacks()]);
    return { runs: executions, stuck: stacks };
  });
  if (json) {
    terminal.out(JSON.stringify({ version: 1, deployed: runs !== undefined, runs: runs ?? [], stuck }, null, 2));
    return EXIT.done;
  }
  const { outColours: colours } = terminal;
  if (runs === undefined) {
    terminal.out('The service is not deployed here: a teardown runs in the terminal that began it.');
  } else if (runs.length === 0) {
    terminal.out('The service has made no teardown in the last 90 days.');
  }
  for (const { name, status: state, mode, stacks, startedAt, stoppedAt, why } of runs ?? []) {
    const until = stoppedAt === undefined ? '' : ` to ${clock(stoppedAt)}`;
    terminal.out(
      `${stateWord(state, colours)} ${mode.padEnd(7)} ${clock(startedAt)}${until} UTC  ${stacks.join(', ')}  (${name})`,
    );
    if (why !== undefined) {
      terminal.out(`          ${clipped(why)}`);
    }
  }
  terminal.out(stuck.length === 0 ? 'No stack is in DELETE_FAILED.' : 'In DELETE_FAILED:');
  for (const { stackName, reason } of stuck) {
    terminal.out(`  ${colours.red(stackName)}  ${oneLine(reason)}`);
  }
  if (stuck.length > 0) {
    terminal.out(`What is in their way: clean-exit plan ${stuck.map(({ stackName }) => stackName).join(' ')}`);
  }
  return EXIT.done;
}

interface Run {
  readonly name: string;
  readonly status: string;
  readonly mode: string;
  readonly stacks: readonly string[];
  readonly startedAt: string;
  readonly stoppedAt?: string | undefined;
  /** Why it failed, in one line. */
  readonly why?: string | undefined;
}

/** Undefined where the service is not deployed. */
async function runsOf(kit: Kit, machineArn: string): Promise<readonly Run[] | undefined> {
  const machine = await kit.stateMachine();
  if (!(await machine.exists(machineArn))) {
    return undefined;
  }
  const executions = await machine.executions(machineArn, MOST_RUNS);
  const details = await Promise.all(executions.map(({ arn }) => machine.execution(arn)));
  return details.map(runOf);
}

function runOf({ name, status: state, startedAt, stoppedAt, input, cause }: ExecutionDetails): Run {
  const why = cause === undefined ? undefined : redacted(oneLine(cause));
  return { name, status: state, ...requestIn(input), startedAt, stoppedAt, why };
}

/** Longer reasons are in the report, and in the JSON document. */
const LONGEST_WHY = 300;

function clipped(text: string): string {
  return text.length <= LONGEST_WHY ? text : `${text.slice(0, LONGEST_WHY)}…`;
}

/** `2026-11-23 17:05` */
function clock(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

function stateWord(state: string, colours: Colours): string {
  const word = state.toLowerCase().padEnd(9);
  if (state === 'RUNNING') {
    return colours.cyan(word);
  }
  return state === 'SUCCEEDED' ? colours.green(word) : colours.red(word);
}
