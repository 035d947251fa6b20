import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { messageOf } from '#functions/errors.ts';
import { WrongUsage } from '../errors.ts';

/**
 * @param file a path, or `-` for what is piped in
 * @throws WrongUsage where it cannot be read
 */
export async function readDocument(file: string, stdin: NodeJS.ReadableStream): Promise<string> {
  try {
    // Editors of Windows begin a file with a byte order mark, which is no JSON.
    return (file === '-' ? await text(stdin) : await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (thrown) {
    const missing = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
    throw new WrongUsage(missing ? `There is no file ${file}.` : `${file} cannot be read: ${messageOf(thrown)}.`, {
      cause: thrown,
    });
  }
}
