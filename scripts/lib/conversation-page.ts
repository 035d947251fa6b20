import { escapeForSlackWithMarkdown } from 'slack-to-html';
import type { SlackBlock, SlackMessage } from '#emulator/slack-message.ts';

/** A message as a channel shows it. What the Slack stand-in keeps fits. */
interface ShownMessage {
  readonly message: SlackMessage;
  readonly edited?: boolean;
  /** Set on a reply in a thread. */
  readonly threadTs?: string;
}

export interface Conversation {
  /** The channel's name, or any heading. */
  readonly title: string;
  readonly messages: readonly ShownMessage[];
}

const STYLE = `
  body { margin: 0; background: #fff; color: #1d1c1d;
    font: 15px/1.47 Lato, "Noto Sans", "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic", "Noto Color Emoji", sans-serif; }
  main { max-width: 760px; margin: auto; padding: 16px 20px; }
  h1 { font-size: 18px; margin: 0 0 8px; padding-bottom: 8px; border-bottom: 1px solid #ddd; }
  section + section { margin-top: 24px; }
  article { display: grid; grid-template-columns: 36px 1fr; gap: 8px; padding: 8px 0; }
  article.reply { margin-left: 44px; }
  .avatar { width: 36px; height: 36px; border-radius: 6px; background: #3f0e40; color: #fff; display: grid;
    place-items: center; font-weight: 700; font-size: 13px; }
  .app { font-weight: 900; } .badge { font-size: 10px; background: #ddd; border-radius: 2px; padding: 1px 4px; color: #616061; }
  .attachment { border-left: 4px solid var(--bar); padding: 2px 0 2px 12px; margin-top: 6px; border-radius: 4px 0 0 4px; }
  .fields { display: grid; grid-template-columns: 1fr 1fr; gap: 8px 16px; }
  .block { margin: 6px 0; white-space: pre-wrap; overflow-wrap: anywhere; }
  .fields > div { white-space: pre-wrap; overflow-wrap: anywhere; }
  .context { display: flex; flex-wrap: wrap; gap: 4px 12px; font-size: 13px; color: #616061; }
  .header { font-size: 18px; font-weight: 900; }
  .edited { color: #616061; font-size: 13px; }
  .slack_bold { font-weight: 700; } .slack_italics { font-style: italic; }
  .slack_code code { background: #f8f8f8; border: 1px solid #ddd; border-radius: 3px; padding: 2px 3px; color: #c01343;
    font: 12px "Noto Sans Mono", Menlo, Consolas, "Noto Sans Mono CJK JP", monospace; }
  div.slack_code code { display: block; white-space: pre-wrap; padding: 6px 8px; color: #1d1c1d; }
  .user-mention { background: #e8f5fa; color: #1264a3; border-radius: 3px; padding: 0 2px; }
  a { color: #1264a3; text-decoration: none; }
`;

/** An HTML page that shows conversations about as Slack does: colour bars, fields, links, threads, emoji. */
export function conversationPage(conversations: readonly Conversation[], title = 'Slack'): string {
  const sections = conversations.map(
    (conversation) =>
      `<section><h1>${html(conversation.title)}</h1>${conversation.messages.map(article).join('')}</section>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${html(title)}</title><style>${STYLE}</style></head>
<body><main>${sections.join('\n')}</main></body></html>
`;
}

function article({ message, edited, threadTs }: ShownMessage): string {
  const { blocks = [], attachments = [], text = '' } = message;
  // As in Slack: the text is shown only where there are no blocks of the message's own.
  const body = blocks.length > 0 ? blocks.map(blockHtml).join('') : `<div class="block">${markup(text)}</div>`;
  const bars = attachments.map(
    ({ color, blocks: inner }) =>
      `<div class="attachment" style="--bar: ${html(color)}">${inner.map(blockHtml).join('')}</div>`,
  );
  const after = edited === true ? '<span class="edited">(edited)</span>' : '';
  return `<article${threadTs === undefined ? '' : ' class="reply"'}><div class="avatar" aria-hidden="true">ce</div>
<div><span class="app">clean-exit</span> <span class="badge">APP</span>${body}${bars.join('')}${after}</div></article>`;
}

function blockHtml(block: SlackBlock): string {
  switch (block.type) {
    case 'header':
      return `<div class="block header">${html(block.text.text)}</div>`;
    case 'divider':
      return '<hr>';
    case 'context':
      return `<div class="block context">${block.elements.map(({ text }) => `<span>${markup(text)}</span>`).join('')}</div>`;
    case 'section': {
      const text = block.text === undefined ? '' : `<div class="block">${markup(block.text.text)}</div>`;
      const fields = 'fields' in block ? block.fields.map((field) => `<div>${markup(field.text)}</div>`).join('') : '';
      return fields === '' ? text : `${text}<div class="block fields">${fields}</div>`;
    }
    default:
      return block satisfies never;
  }
}

/** Slack's markup as HTML; `slack-to-html` escapes everything that is no markup. */
function markup(text: string): string {
  // People by their IDs: who they are, only Slack knows.
  const users = Object.fromEntries(Array.from(text.matchAll(/<@([UW][A-Z0-9]+)>/g), ([, id = '']) => [id, id]));
  return escapeForSlackWithMarkdown(text, { users });
}

function html(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
