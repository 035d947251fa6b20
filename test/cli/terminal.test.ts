import { PassThrough } from 'node:stream';
import { ReadStream, WriteStream } from 'node:tty';
import { describe, expect, it } from '@jest/globals';
import { ask } from '../../cli/ask.ts';
import { Interrupted } from '../../cli/errors.ts';
import { settle } from '../../cli/real-kit.ts';
import { type Streams, terminalOf } from '../../cli/terminal.ts';

/** A stream as a process has it: on a terminal or not; keeps what is written. */
function stream(isTTY: boolean): NodeJS.WriteStream & { readonly written: () => string } {
  const through = new PassThrough();
  let written = '';
  through.on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  return Object.assign(Object.create(WriteStream.prototype), {
    isTTY,
    columns: isTTY ? 90 : undefined,
    rows: isTTY ? 30 : undefined,
    write: (text: string) => through.write(text),
    written: () => written,
  });
}

function made(isTTY: boolean, env: Streams['env'] = {}) {
  const stdin: NodeJS.ReadStream = Object.assign(Object.create(ReadStream.prototype), { isTTY });
  const stdout = stream(isTTY);
  const stderr = stream(isTTY);
  return { terminal: terminalOf({ stdin, stdout, stderr, env }), stdout, stderr };
}

describe('a terminal', () => {
  it('has colours, its own width, and can be asked', () => {
    const { terminal } = made(true, { TERM: 'xterm' });
    expect(terminal).toMatchObject({
      outIsTerminal: true,
      errIsTerminal: true,
      interactive: true,
      columns: 90,
      rows: 30,
    });
    expect(terminal.errColours.red('x')).toBe('\u001B[31mx\u001B[39m');
  });

  it('with NO_COLOR has no colours', () => {
    const { terminal } = made(true, { TERM: 'xterm', NO_COLOR: '1' });
    expect(terminal.outColours.red('x')).toBe('x');
    expect(terminal.errColours.red('x')).toBe('x');
    expect(terminal.interactive).toBe(true);
  });

  it('with an empty NO_COLOR has them, as no-color.org has it', () => {
    expect(made(true, { NO_COLOR: '' }).terminal.outColours.red('x')).not.toBe('x');
  });

  it('that is dumb gets plain lines, and can be asked', () => {
    const { terminal } = made(true, { TERM: 'dumb' });
    expect(terminal).toMatchObject({ outIsTerminal: false, errIsTerminal: false, interactive: true });
    expect(terminal.errColours.red('x')).toBe('x');
  });
});

describe('a pipe', () => {
  it('has no colours, whatever TERM says, and cannot be asked', () => {
    const { terminal, stdout, stderr } = made(false, { TERM: 'xterm-256color' });
    terminal.out(terminal.outColours.red('result'));
    terminal.err(terminal.errColours.red('progress'));
    expect(stdout.written()).toBe('result\n');
    expect(stderr.written()).toBe('progress\n');
    expect(terminal).toMatchObject({ outIsTerminal: false, errIsTerminal: false, interactive: false });
  });
});

describe('a question', () => {
  const asked = (colour = false) => {
    const input = new PassThrough();
    const output = new PassThrough();
    let shown = '';
    output.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
    });
    return { input, shown: () => shown, answer: ask('Type it:', { input, output, colour }) };
  };

  it('gives what is typed', async () => {
    const { input, answer, shown } = asked();
    input.write('xxxx-build\n');
    expect(await answer).toBe('xxxx-build');
    expect(shown()).toContain('Type it:');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a colour is what must not be there
    expect(shown()).not.toMatch(/\u001B\[[0-9;]*m/);
  });

  it('gives nothing where the input ends', async () => {
    const { input, answer } = asked();
    input.end();
    expect(await answer).toBeUndefined();
  });

  it('gives nothing on Ctrl-D', async () => {
    const { input, answer } = asked();
    setImmediate(() => input.write('\u0004'));
    expect(await answer).toBeUndefined();
  });

  it('is interrupted by Ctrl-C', async () => {
    const { input, answer } = asked();
    setImmediate(() => input.write('\u0003'));
    await expect(answer).rejects.toThrow(Interrupted);
  });
});

describe('what the command line says about the place', () => {
  it.each([
    [
      '--region goes before all',
      { region: 'eu-west-1' },
      { AWS_REGION: 'a', AWS_DEFAULT_REGION: 'b' },
      { AWS_REGION: 'eu-west-1' },
    ],
    [
      'AWS_REGION goes before the AWS CLI’s variable',
      {},
      { AWS_REGION: 'a', AWS_DEFAULT_REGION: 'b' },
      { AWS_REGION: 'a' },
    ],
    ['the AWS CLI’s variable counts', {}, { AWS_DEFAULT_REGION: 'b' }, { AWS_REGION: 'b' }],
    [
      'that the SDK will need a newer Node some day is not told',
      {},
      {},
      { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    ],
    ['an empty Region is none', {}, { AWS_REGION: '' }, { AWS_REGION: undefined }],
    [
      'a named profile goes before keys of the environment',
      { profile: 'team' },
      { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' },
      {
        AWS_PROFILE: 'team',
        AWS_ACCESS_KEY_ID: undefined,
        AWS_SECRET_ACCESS_KEY: undefined,
        AWS_SESSION_TOKEN: undefined,
      },
    ],
    ['without a profile keys stay', {}, { AWS_ACCESS_KEY_ID: 'k' }, { AWS_ACCESS_KEY_ID: 'k' }],
  ])('%s', (_, globals, before, after) => {
    const environment: Record<string, string | undefined> = { ...before };
    settle(environment, globals);
    expect({ ...Object.fromEntries(Object.keys(after).map((key) => [key, undefined])), ...environment }).toMatchObject(
      after,
    );
  });
});
