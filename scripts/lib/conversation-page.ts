import { escapeForSlackWithMarkdown } from 'slack-to-html';
import type { SlackBlock, SlackMessage } from '#emulator/slack-message.ts';
import type { Language } from '#functions/schemas/build-notice-config.ts';
import { withEmoji } from './page-emoji.ts';
import { FONTS, fontRules } from './page-fonts.ts';

/** A message as a channel shows it. What the Slack stand-in keeps fits. */
export interface ShownMessage {
  readonly message: SlackMessage;
  readonly edited?: boolean;
  /** Set on a reply in a thread. */
  readonly threadTs?: string;
  /** A reply that the channel shows too. */
  readonly broadcast?: boolean;
  /** Milliseconds since 1970. */
  readonly at?: number;
}

/** What Slack knows and a message does not say. */
export interface Surroundings {
  /** Slack's own words are in it. */
  readonly language: Language;
  /** Names by user ID; an ID without one is shown as it is. */
  readonly people: Readonly<Record<string, string>>;
}

/** Slack's own words. */
const SLACK = {
  en: { edited: '(edited)', broadcast: 'also sent to the channel' },
  ja: { edited: '（編集済み）', broadcast: 'チャンネルにも投稿' },
} as const satisfies Record<Language, object>;

export interface Conversation {
  /** The channel's name, or any heading. */
  readonly title: string;
  readonly messages: readonly ShownMessage[];
}

const STYLE = `
  body { margin: 0; background: #fff; color: #1d1c1d;
    font: 15px/1.47 ${FONTS.text}; }
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
  .edited, .broadcast, time { color: #616061; font-size: 12px; }
  .slack_bold { font-weight: 700; } .slack_italics { font-style: italic; }
  .slack_code code { background: #f8f8f8; border: 1px solid #ddd; border-radius: 3px; padding: 2px 3px; color: #c01343;
    font: 12px ${FONTS.log}; }
  div.slack_code code { display: block; white-space: pre-wrap; padding: 6px 8px; color: #1d1c1d; }
  .user-mention { background: #e8f5fa; color: #1264a3; border-radius: 3px; padding: 0 2px; }
  a { color: #1264a3; text-decoration: none; }
`;

/** An HTML page that shows conversations about as Slack does: colour bars, fields, links, threads, emoji. */
export function conversationPage(conversations: readonly Conversation[], title = 'Slack'): string {
  const sections = conversations.map(
    ({ title: heading, messages }) =>
      `<section><h1>${html(heading)}</h1>${messages.map((one) => messageHtml(one)).join('')}</section>`,
  );
  return htmlDocument({ title, language: 'en', body: `<main>${sections.join('\n')}</main>` });
}

/** A page that loads nothing: no script, no address; the fonts and emoji that its text needs are in it. */
export function htmlDocument({
  title,
  language,
  body,
  style = '',
}: {
  readonly title: string;
  readonly language: Language;
  readonly body: string;
  readonly style?: string;
}): string {
  const { html: drawn, style: emoji } = withEmoji(body);
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:">
<title>${html(title)}</title><style>${STYLE}${style}${emoji}
${fontRules(body)}</style></head>
<body>${drawn}</body></html>
`;
}

const NOWHERE: Surroundings = { language: 'en', people: {} };

/** One message with everything around it: sender, time, marks of edits and replies. */
export function messageHtml(
  { message, edited, threadTs, broadcast, at }: ShownMessage,
  { language, people }: Surroundings = NOWHERE,
): string {
  const { blocks = [], attachments = [], text = '' } = message;
  const words = SLACK[language];
  const show = (block: SlackBlock) => blockHtml(block, people);
  // As in Slack: the text is shown only where there are no blocks of the message's own.
  const body = blocks.length > 0 ? blocks.map(show).join('') : `<div class="block">${markup(text, people)}</div>`;
  const bars = attachments.map(
    ({ color, blocks: inner }) =>
      `<div class="attachment" style="--bar: ${html(color)}">${inner.map(show).join('')}</div>`,
  );
  const time = at === undefined ? '' : ` <time>${new Date(at).toISOString().slice(11, 16)}</time>`;
  const also = broadcast === true ? ` <span class="broadcast">· ${words.broadcast}</span>` : '';
  const after = edited === true ? `<span class="edited">${words.edited}</span>` : '';
  return `<article${threadTs === undefined ? '' : ' class="reply"'}><div class="avatar" aria-hidden="true">ce</div>
<div><span class="app">clean-exit</span> <span class="badge">APP</span>${time}${also}${body}${bars.join('')}${after}</div></article>`;
}

function blockHtml(block: SlackBlock, people: Surroundings['people']): string {
  switch (block.type) {
    case 'header':
      return `<div class="block header">${html(block.text.text)}</div>`;
    case 'divider':
      return '<hr>';
    case 'context':
      return `<div class="block context">${block.elements.map(({ text }) => `<span>${markup(text, people)}</span>`).join('')}</div>`;
    case 'section': {
      const text = block.text === undefined ? '' : `<div class="block">${markup(block.text.text, people)}</div>`;
      const fields =
        'fields' in block ? block.fields.map((field) => `<div>${markup(field.text, people)}</div>`).join('') : '';
      return fields === '' ? text : `${text}<div class="block fields">${fields}</div>`;
    }
    default:
      return block satisfies never;
  }
}

/** Slack's markup as HTML; `slack-to-html` escapes everything that is no markup. */
function markup(text: string, people: Surroundings['people']): string {
  // By their IDs where nobody says who they are: only Slack knows.
  const ids = Array.from(text.matchAll(/<@([UW][A-Z0-9]+)>/g), ([, id = '']) => id);
  const users = Object.fromEntries(ids.map((id) => [id, people[id] ?? id]));
  return escapeForSlackWithMarkdown(text, { users });
}

/** Text as HTML. */
export function html(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
