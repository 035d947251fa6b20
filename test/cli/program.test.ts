import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FLAGS } from '#functions/teardown/wording.ts';
import { EXIT, EXIT_HELP } from '../../cli/exit.ts';
import { programOf } from '../../cli/program.ts';
import { FakeTerminal } from './fake-terminal.ts';
import { play } from './stage.ts';

const program = () =>
  programOf(
    new FakeTerminal(),
    () => {
      throw new Error('no kit is needed');
    },
    () => {},
  );

describe('help', () => {
  it.each(
    [
      [],
      ['plan'],
      ['delete'],
      ['status'],
      ['leftovers'],
      ['doctor'],
      ['routes'],
      ['routes', 'check'],
      ['routes', 'set'],
    ].map((words) => [words]),
  )('of %j: exit code 0, on stdout, with examples', async (words) => {
    const { exit, stdout, stderr } = await play([...words, '--help']);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toContain('Examples:\n  clean-exit ');
    expect(stdout).toMatchSnapshot();
  });

  it('without a word: the help on stderr, exit code 2', async () => {
    const { exit, stdout, stderr } = await play([]);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(/^Usage: clean-exit/);
  });

  it('no line is wider than 110 columns', async () => {
    const { terminal } = await play(['delete', '--help'], { columns: 300 });
    expect(Math.max(...terminal.stdout.map((line) => line.length))).toBeLessThanOrEqual(110);
  });
});

it('--version is that of the checkout', async () => {
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'));
  expect(await play(['--version'])).toMatchObject({ exit: 0, stdout: version, stderr: '' });
});

describe('wrong usage: exit code 2, one line, nothing asked of AWS', () => {
  it.each([
    [['plan'], "missing required argument 'stack'."],
    [['plan', 'a', '--froce'], "unknown option '--froce'."],
    [['delte', 'a'], "unknown command 'delte' (Did you mean delete?)"],
    [['plan', 'a', '--local', '--service'], "option '--local' cannot be used with option '--service'."],
    [['plan', 'a', '--role-arn'], "option '--role-arn <arn>' argument missing."],
    [['plan', 'x*'], '"x*" must be one stack, not a pattern: write every name out.'],
    [['plan', '1a', 'ok'], '"1a" must be the name of a stack (letters, digits, hyphens, a letter first) or its ARN.'],
    [['plan', 'a', '--role-arn', 'admin'], '--role-arn must be the ARN of an IAM role.'],
    [['leftovers', 'x*'], '"x*" must be one stack, not a pattern: write every name out.'],
    [['status', 'a'], "too many arguments for 'status'. Expected 0 arguments but got 1: a."],
    [
      Array.from({ length: 52 }, (_, at) => (at === 0 ? 'plan' : `s${at}`)),
      'a request must name 50 stacks at the most.',
    ],
  ])('%j', async (words, sentence) => {
    const identity = async () => {
      throw new Error('asked');
    };
    const { exit, stdout, stderr } = await play(words, { kit: { identity } });
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toBe(`clean-exit: ${sentence} \`clean-exit --help\` shows what is possible.`);
  });
});

describe('options', () => {
  it('has every consent that refusals and remedies name', () => {
    for (const name of ['plan', 'delete']) {
      const flags = program()
        .commands.find((command) => command.name() === name)
        ?.options.map(({ long }) => long);
      expect(flags).toEqual(expect.arrayContaining(Object.values(FLAGS)));
    }
  });

  it('Region and profile may stand before and after the command', async () => {
    const before = await play(['--region', 'eu-west-1', '--profile', 'team', 'status']);
    const after = await play(['status', '--region', 'eu-west-1', '--profile', 'team']);
    expect(before.globals).toMatchObject([{ region: 'eu-west-1', profile: 'team' }]);
    expect(after.globals).toEqual(before.globals);
  });
});

describe('docs/command-line.md', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'command-line.md'), 'utf8');

  it('names every command and every option, and no other', () => {
    const commands = program()
      .commands.filter((command) => command.name() !== 'help')
      .flatMap((command) => (command.commands.length === 0 ? [command] : command.commands));
    const options = [program(), ...commands].flatMap((command) => command.options.map(({ long }) => long ?? ''));
    const rows = text.split('\n').filter((line) => line.startsWith('| `'));
    const named = new Set(rows.flatMap((row) => row.match(/(?<=^\|[^|]*)--[a-z-]+/g) ?? []));
    expect([...named].sort()).toEqual([...new Set(options)].filter((name) => name !== '--version').sort());
    for (const command of commands) {
      const parent = command.parent?.name() === 'clean-exit' ? '' : `${command.parent?.name()} `;
      expect(text).toContain(`| \`clean-exit ${parent}${command.name()} `.trimEnd());
    }
  });

  it('tells the exit codes of --help', () => {
    const told = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    expect(told).toEqual(Object.values(EXIT));
    expect([...EXIT_HELP.matchAll(/^ {2}(\d+)/gm)].map(([, code]) => Number(code))).toEqual(told);
  });
});
