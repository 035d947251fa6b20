import { WrongUsage } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Kit } from '../kit.ts';
import { checkedDocument, tierSentence } from '../routes/checked.ts';
import { answerFor, remarksOn, rowsOf } from '../routes/meaning.ts';
import { tableLines } from '../routes/table.ts';

export interface CheckFlags {
  readonly project?: string | undefined;
  readonly branch?: string | undefined;
  readonly json?: boolean | undefined;
}

/** `clean-exit routes check`: every fault of a routes document, or what it means. Asks nothing of AWS. */
export async function checkRoutesFile(
  kit: Pick<Kit, 'terminal' | 'readDocument'>,
  file: string,
  { project, branch, json = false }: CheckFlags,
): Promise<ExitCode> {
  if (branch !== undefined && project === undefined) {
    throw new WrongUsage('--branch needs --project: name the project whose build you ask about.');
  }
  const document = await checkedDocument(kit, file, json);
  if ('exit' in document) {
    return document.exit;
  }
  const { terminal } = kit;
  const { routes, bytes } = document;
  const rows = rowsOf(routes);
  const tier = tierSentence(bytes);
  const notes = [...remarksOn(routes), ...(tier === undefined ? [] : [tier])];
  const answer = project === undefined ? undefined : answerFor(routes, { project, branch });
  if (json) {
    const told = answer && { route: answer.row, sentences: answer.sentences };
    terminal.out(JSON.stringify({ version: 1, valid: true, bytes, routes: rows, notes, build: told }, null, 2));
    return EXIT.done;
  }
  for (const line of [...tableLines(rows, terminal.outColours), ...(answer ? ['', ...answer.sentences] : [])]) {
    terminal.out(line);
  }
  for (const note of notes) {
    terminal.err(`${terminal.errColours.yellow('note:')} ${note}`);
  }
  return EXIT.done;
}
