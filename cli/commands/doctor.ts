import type { Verdict } from '../doctor/check.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Kit } from '../kit.ts';
import { whileWaiting } from '../show/waiting.ts';
import type { Colours } from '../terminal.ts';

/** `clean-exit doctor`: one line for each thing, and what to do about it. */
export async function doctor(kit: Kit, { json = false }: { readonly json?: boolean | undefined }): Promise<ExitCode> {
  const { terminal } = kit;
  const checks = await kit.checks();
  const verdicts: (Verdict & { readonly title: string })[] = [];
  await whileWaiting(kit, 'Looking around', async () => {
    // One after the other: what needs credentials is not asked without them.
    for (const { title, look } of checks) {
      verdicts.push({ title, ...(await look()) });
    }
  });
  const problems = verdicts.filter(({ state }) => state === 'problem').length;
  if (json) {
    terminal.out(JSON.stringify({ version: 1, problems, checks: verdicts }, null, 2));
  } else {
    for (const { title, state, words, remedy } of verdicts) {
      terminal.out(
        `${MARKS[state](terminal.outColours)} ${title.padEnd(12)} ${words}${remedy === undefined ? '' : `. ${remedy}`}`,
      );
    }
  }
  return problems === 0 ? EXIT.done : EXIT.failed;
}

const MARKS = {
  ok: (colours: Colours) => colours.green('ok     '),
  problem: (colours: Colours) => colours.red('problem'),
  note: (colours: Colours) => colours.dim('note   '),
} as const satisfies Record<Verdict['state'], (colours: Colours) => string>;
