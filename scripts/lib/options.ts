import { type ParseArgsConfig, parseArgs } from 'node:util';

/** A command was called in a way that it does not know; the message is one sentence and the usage. */
export class UsageError extends Error {}

/**
 * `parseArgs`, with its complaint cut to the sentence that names the word.
 *
 * @param usage what the command is called like, added to the sentence
 * @throws UsageError for options and words that the command does not know
 */
export function optionsOf<Config extends ParseArgsConfig>(
  config: Config,
  usage: string,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config);
  } catch (thrown) {
    const [sentence = ''] = (thrown instanceof Error ? thrown.message : String(thrown)).split(/\. |\n/);
    throw new UsageError(`${sentence.replace(/\.$/, '')}. ${usage}`);
  }
}
