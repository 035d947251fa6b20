import { stripVTControlCharacters } from 'node:util';

/**
 * Makes outside text fit for a line of a message: one line, no terminal colours, no control or direction-changing
 * characters, no half characters.
 */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text.toWellFormed())
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim();
}

/** Shortens to `limit` code points, the ellipsis included. Clip before escaping: an entity is never cut. */
export function clip(text: string, limit: number): string {
  if (text.length <= limit) {
    return text;
  }
  // Two UTF-16 units at most make a code point, so this much is enough to look at.
  const points = [...text.slice(0, 2 * limit + 2)];
  return points.length <= limit ? points.join('') : `${points.slice(0, limit - 1).join('')}…`;
}

/**
 * Escapes what Slack's markup begins with: mentions, channel pings and links cannot come from the text any more.
 * https://docs.slack.dev/messaging/formatting-message-text#escaping
 */
export function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Outside text in a line of markup: cleaned, clipped, escaped. */
export function plain(text: string, limit: number): string {
  return escapeMarkup(clip(oneLine(text), limit));
}

/** Outside text between `*`: an asterisk inside would end the bold type early. */
export function bold(text: string, limit: number): string {
  const inner = plain(text.replaceAll('*', '\u2217'), limit);
  return inner === '' ? '' : `*${inner}*`;
}

/** Outside text as a code span; a backtick inside would end it early. */
export function code(text: string, limit: number): string {
  const inner = plain(text.replaceAll('`', '\u02cb'), limit);
  return inner === '' ? '' : `\`${inner}\``;
}

/** A link with outside text as its label. The address is ours; what could end it early is encoded all the same. */
export function link(url: string, label: string, limit: number): string {
  const address = url.replace(/[<>|\s]/g, (character) => encodeURIComponent(character)).replaceAll('&', '&amp;');
  const inner = plain(label.replaceAll('|', '\u00a6'), limit);
  return inner === '' ? '' : `<${address}|${inner}>`;
}

/** A mention of a person, by an ID of Slack's; nothing for anything else. */
export function mention(userId: string): string {
  return /^[UW][A-Z0-9]{6,20}$/.test(userId) ? `<@${userId}>` : '';
}

/** A line of a log between fences: cleaned and escaped, with its spaces; a backtick inside would end the fence early. */
export function logLine(text: string, limit: number): string {
  const cleaned = stripVTControlCharacters(text.toWellFormed())
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, ' ')
    .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .replaceAll('`', '\u02cb')
    .trimEnd();
  return escapeMarkup(clip(cleaned, limit));
}
