import { styleText } from 'node:util';
import type { SlackBlock, SlackMessage } from '#emulator/slack-message.ts';

/** The colours of `functions/slack/payload.ts` as a terminal has them. */
const BARS = new Map<string, 'green' | 'red' | 'yellow' | 'gray'>([
  ['#2eb67d', 'green'],
  ['#e01e5a', 'red'],
  ['#ecb22e', 'yellow'],
]);

/**
 * A Slack message for the terminal, one line per line of the message.
 *
 * @param colour true only where the output is a terminal
 */
export function messageText(message: SlackMessage, { colour }: { readonly colour: boolean }): string {
  const { blocks = [], attachments = [], text = '' } = message;
  const head = blocks.length > 0 ? blocks.flatMap(lines) : plain(text).split('\n');
  const bars = attachments.flatMap(({ color, blocks: inner }) => {
    const bar = colour ? styleText(BARS.get(color) ?? 'gray', '▌', { validateStream: false }) : '|';
    return inner.flatMap(lines).map((line) => `  ${bar} ${line}`);
  });
  return [...head, ...bars].join('\n');
}

function lines(block: SlackBlock): string[] {
  switch (block.type) {
    case 'header':
      return [block.text.text];
    case 'divider':
      return ['─'.repeat(40)];
    case 'context':
      return block.elements.flatMap(({ text }) => plain(text).split('\n'));
    case 'section': {
      const text = block.text === undefined ? [] : plain(block.text.text).split('\n');
      const fields = 'fields' in block ? block.fields.map((field) => plain(field.text).replace('\n', ': ')) : [];
      return [...text, ...fields];
    }
    default:
      return block satisfies never;
  }
}

/** Markup as plain text: links as `label (address)`, without the marks of bold type and code, entities read. */
function plain(text: string): string {
  // Between fences nothing is markup.
  return text
    .split('```')
    .map((part, index) => unescaped(index % 2 === 1 ? part : unmarked(part)))
    .join('');
}

function unmarked(text: string): string {
  return text
    .replace(/<(https?:[^|>]+)\|([^>]*)>/g, '$2 ($1)')
    .replace(/<(https?:[^|>]+)>/g, '$1')
    .replace(/\*([^*\n]+)\*/g, '$1')
    .replace(/`([^`\n]+)`/g, '$1');
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
