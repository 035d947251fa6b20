/** The command line on a stage: the real commands and core, an account of fakes, a terminal that remembers. */

import { depsOf, PERSON, type Place, place } from '#test/teardown/running.ts';
import { chooseDoor } from '../../cli/doors/choose.ts';
import { localDeps, localDoor } from '../../cli/doors/local.ts';
import type { Interruptible } from '../../cli/interruption.ts';
import { listenToInterruption } from '../../cli/interruption.ts';
import type { Globals, Kit } from '../../cli/kit.ts';
import type { Identity } from '../../cli/place.ts';
import { run } from '../../cli/program.ts';
import { FakeStateMachine } from './fake-state-machine.ts';
import { FakeTerminal, type TerminalScript } from './fake-terminal.ts';

export const IDENTITY: Identity = { accountId: '123456789012', arn: PERSON, partition: 'aws', region: 'eu-west-1' };

export interface StageOptions extends TerminalScript {
  readonly where?: Place;
  readonly machine?: FakeStateMachine;
  readonly kit?: Partial<Kit>;
}

export interface Played {
  readonly exit: number;
  readonly terminal: FakeTerminal;
  /** The whole of stdout. */
  readonly stdout: string;
  readonly stderr: string;
  readonly globals: readonly Globals[];
}

/** Ctrl-C for tests. */
export class FakeProcess implements Interruptible {
  readonly exits: number[] = [];
  readonly #listeners: (() => void)[] = [];

  on(event: string, listener: () => void): void {
    if (event === 'SIGINT') {
      this.#listeners.push(listener);
    }
  }

  exit(code: number): void {
    this.exits.push(code);
  }

  interrupt(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }
}

/** Runs the command line with these words. */
export async function play(
  words: readonly string[],
  { where = place(), machine = new FakeStateMachine(), kit: changes = {}, ...script }: StageOptions = {},
  process = new FakeProcess(),
): Promise<Played> {
  const terminal = new FakeTerminal(script);
  const interruption = listenToInterruption(process, 130);
  const globals: Globals[] = [];
  const ports = () => depsOf(where).ports;
  const kit: Kit = {
    terminal,
    interruption,
    newRun: () => 'run-1',
    identity: async () => IDENTITY,
    door: (wish, identity) =>
      chooseDoor(wish, identity, {
        serviceIsDeployed: () => machine.exists(''),
        local: async (sentence) => localDoor(identity, sentence, ports),
        service: async (sentence) => machine.door(identity, sentence),
      }),
    stateMachine: async () => machine,
    stuckStacks: async () => [],
    localDeps: async (identity) => localDeps(identity, ports()),
    serviceStack: async () => undefined,
    routesParameter: async () => {
      throw new Error('no parameter on this stage');
    },
    readDocument: async (file) => {
      throw new Error(`no file ${file} on this stage`);
    },
    checks: async () => [],
    ...changes,
  };
  const exit = await run(words, terminal, (given) => {
    globals.push(given);
    return kit;
  });
  return { exit, terminal, stdout: terminal.stdout.join('\n'), stderr: terminal.stderr.join('\n'), globals };
}
