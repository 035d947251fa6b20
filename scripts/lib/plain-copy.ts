import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { ROOT } from './sam.ts';

/**
 * A copy of the pipeline's templates without the custom resource: what a team has that does not know clean-exit.
 *
 * @returns the path of its main template and how to remove the copy
 */
export async function copyWithoutCleanExit(): Promise<{ template: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'clean-exit-copy-'));
  await cp(join(ROOT, 'pipeline'), folder, { recursive: true });
  const template = join(folder, 'main.yaml');
  const document = parseDocument(await readFile(template, 'utf8'), { logLevel: 'silent' });
  document.deleteIn(['Resources', 'CleanExit']);
  await writeFile(template, document.toString());
  return { template, remove: () => rm(folder, { recursive: true, force: true }) };
}
