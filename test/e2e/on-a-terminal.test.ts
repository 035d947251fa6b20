/** The bundled command line on a real pseudo-terminal: what a person sees and types. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { seedImages } from '#emulator/push-image.ts';
import { type LocalAccount, startLocalAccount } from '#scripts/lib/local-account.ts';
import { inTerminal } from '#scripts/record/cast.ts';
import { Stacks } from './support/stacks.ts';
import { repository } from './support/templates.ts';

jest.setTimeout(120_000);

let account: LocalAccount;
let stacks: Stacks;

beforeAll(async () => {
  account = await startLocalAccount();
  stacks = new Stacks(account);
});

afterAll(() => account?.stop());

async function fullStack(name: string): Promise<string> {
  const { id } = await stacks.create(name, { Repository: repository(name) });
  await seedImages(account.emulator.endpoint, name, 4);
  return id;
}

/** Types the answer at the question. */
async function deleteTyping(name: string, typed: string, env: Readonly<Record<string, string>> = {}) {
  const { lines, exit } = await inTerminal(
    {
      shown: '',
      command: [process.execPath, join(import.meta.dirname, '..', '..', 'dist', 'clean-exit.mjs'), 'delete', name],
      env: { PATH: process.env['PATH'] ?? '', HOME: join(account.logFile, '..'), ...account.emulator.env, ...env },
      answers: [['To delete, type the name of the stack:', typed]],
      exit: 0,
    },
    110,
    40,
  );
  return { exit, seen: lines.map(([, text]) => text).join('') };
}

describe('a person at a terminal', () => {
  test('sees the plan as a table, types the name, watches, and reads the report', async () => {
    const id = await fullStack('typed');
    const { exit, seen } = await deleteTyping('typed', 'typed\r');
    expect({ exit, seen }).toMatchObject({ exit: 0 });
    expect(seen).toContain('┌──────┬');
    expect(seen).toMatch(/removed 4 images/);
    expect(seen).toContain('\u001B[32mtyped: deleted\u001B[39m');
    // The cursor is given back.
    expect(seen.lastIndexOf('\u001B[?25h')).toBeGreaterThan(seen.lastIndexOf('\u001B[?25l'));
    expect(await stacks.status(id)).toBe('DELETE_COMPLETE');
  });

  test.each([
    ['another name', 'mistyped\r', 3, 'Nothing was deleted: what was typed is not kept.'],
    ['Ctrl-D', '\u0004', 3, 'Nothing was deleted: nothing was typed.'],
    ['Ctrl-C', '\u0003', 130, 'Interrupted; nothing was deleted.'],
  ])('%s at the question: nothing is touched', async (_, typed, code, words) => {
    await stacks.status('kept').catch(() => fullStack('kept'));
    const { exit, seen } = await deleteTyping('kept', typed);
    expect({ exit, seen }).toMatchObject({ exit: code });
    expect(seen).toContain(words);
    expect(await stacks.status('kept')).toBe('CREATE_COMPLETE');
  });

  test('with NO_COLOR sees the same without colours', async () => {
    await fullStack('colourless');
    const { exit, seen } = await deleteTyping('colourless', 'colourless\r', { NO_COLOR: '1' });
    expect({ exit, seen }).toMatchObject({ exit: 0 });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a colour is what must not be there
    expect(seen.match(/\u001B\[[0-9;]*m/g) ?? []).toEqual([]);
  });
});
