import { checkRoutes } from '#functions/builds/routes.ts';
import { counted, oneLine } from '#functions/core/report.ts';
import type { Routes } from '#functions/schemas/routes.ts';
import { STANDARD_BYTES } from '../aws/routes-parameter.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { redacted } from '../failures.ts';
import type { Kit } from '../kit.ts';

export interface Document {
  readonly text: string;
  readonly routes: Routes;
  readonly bytes: number;
}

/** Reads and checks a document. Where it is wrong, every fault is said, and how the command ends. */
export async function checkedDocument(
  { terminal, readDocument }: Pick<Kit, 'terminal' | 'readDocument'>,
  file: string,
  json: boolean,
): Promise<Document | { readonly exit: ExitCode }> {
  const text = await readDocument(file);
  const checked = checkRoutes(text);
  if ('routes' in checked) {
    return { text, routes: checked.routes, bytes: Buffer.byteLength(text) };
  }
  // Faults repeat names of fields, and the words around what is no JSON: whatever somebody wrote there.
  const faults = checked.faults.map((fault) => redacted(oneLine(fault)));
  if (json) {
    terminal.out(JSON.stringify({ version: 1, valid: false, faults }, null, 2));
  }
  const { red } = terminal.errColours;
  const name = file === '-' ? 'What was piped in' : oneLine(file);
  terminal.err(`${red('clean-exit:')} ${name} has ${counted(faults.length, 'fault')}:`);
  for (const fault of faults) {
    terminal.err(`  ${fault}`);
  }
  return { exit: EXIT.usage };
}

/** What the size means for the parameter; undefined for what fits the standard tier. */
export function tierSentence(bytes: number): string | undefined {
  return bytes > STANDARD_BYTES
    ? `The document has ${bytes.toLocaleString('en-US')} bytes: more than ${STANDARD_BYTES.toLocaleString('en-US')} need a parameter of the advanced tier, which AWS charges for each month and never turns back into a standard one.`
    : undefined;
}
