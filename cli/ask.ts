import type { Key } from 'node:readline';
import input from '@inquirer/input';
import { Interrupted } from './errors.ts';

export interface Conversation {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
  readonly colour: boolean;
}

/**
 * Asks one question on a terminal.
 *
 * @returns what was typed; undefined where the input ended (Ctrl-D)
 * @throws Interrupted on Ctrl-C
 */
export async function ask(
  question: string,
  { input: from, output, colour }: Conversation,
): Promise<string | undefined> {
  const ended = new AbortController();
  const onEnd = (): void => ended.abort();
  const onKey = (_: string | undefined, key: Key | undefined): void => {
    if (key?.ctrl === true && key.name === 'd') {
      ended.abort();
    }
  };
  from.once('end', onEnd).on('keypress', onKey);
  try {
    const plain = (text: string): string => text;
    const style = { answer: plain, message: plain, error: plain, defaultAnswer: plain, help: plain, key: plain };
    const theme = colour ? {} : { prefix: '?', style: { ...style, highlight: plain } };
    return await input({ message: question, theme }, { input: from, output, signal: ended.signal });
  } catch (thrown) {
    // Both are the library's names; its classes are of a package that is not ours.
    if (thrown instanceof Error && thrown.name === 'AbortPromptError') {
      return undefined;
    }
    if (thrown instanceof Error && thrown.name === 'ExitPromptError') {
      throw new Interrupted(undefined, { cause: thrown });
    }
    throw thrown;
  } finally {
    from.removeListener('end', onEnd).removeListener('keypress', onKey);
  }
}
