import { SlackMessage } from '#emulator/slack-message.ts';

/** The only hosts that a notice may lead to. */
const TRUSTED =
  /^https:\/\/(github\.com\/|([a-z0-9-]+)\.(console\.aws\.amazon\.com|console\.amazonaws\.cn|console\.amazonaws-us-gov\.com)\/)/;

/**
 * What Slack could take for more than text, or would refuse. Empty for a payload that is as it should be.
 *
 * @param trusted where links may lead; by default the consoles of AWS and GitHub
 * @param people who may be mentioned, by their IDs; nobody by default
 */
export function payloadFaults(payload: unknown, trusted: RegExp = TRUSTED, people: readonly string[] = []): string[] {
  const faults: string[] = [];
  const parsed = SlackMessage.safeParse(payload);
  if (!parsed.success) {
    faults.push(`refused by Slack: ${JSON.stringify(parsed.error.issues)}`);
  }
  visit(payload, (object) => {
    if (object['type'] === 'mrkdwn') {
      faults.push(...markupFaults(String(object['text']), trusted, people));
      if (object['verbatim'] !== true) {
        faults.push(`Slack may make links out of words: ${String(object['text'])}`);
      }
    }
  });
  const { text = '' } = parsed.data ?? {};
  if (text.trim() === '') {
    faults.push('no text for push messages and screen readers');
  }
  faults.push(...markupFaults(text, /(?!)/, people));
  const json = JSON.stringify(payload);
  if (JSON.stringify(JSON.parse(json)) !== json || !json.isWellFormed() || /\\ud[89a-f]/i.test(json)) {
    faults.push('does not survive JSON');
  }
  return faults;
}

/** Every `<` opens one of our links, every `&` an entity; nothing else does. */
function markupFaults(whole: string, trusted: RegExp, people: readonly string[]): string[] {
  const faults: string[] = [];
  const text = people.reduce((left, person) => left.replaceAll(`<@${person}>`, ''), whole);
  const rest = text.replace(/<([^<>|\s]*)\|([^<>|\n]*)>/g, (link, url: string) => {
    if (!trusted.test(url)) {
      faults.push(`leads elsewhere: ${link}`);
    }
    return '';
  });
  if (/[<>]/.test(rest)) {
    faults.push(`markup from outside: ${text}`);
  }
  if (/&(?!(amp|lt|gt);)/.test(text)) {
    faults.push(`a broken entity: ${text}`);
  }
  if (/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(text.replaceAll('\n', ''))) {
    faults.push(`control characters: ${JSON.stringify(text)}`);
  }
  return faults;
}

function visit(value: unknown, look: (object: Record<string, unknown>) => void): void {
  if (typeof value === 'object' && value !== null) {
    look({ ...value });
    for (const inner of Object.values(value)) {
      visit(inner, look);
    }
  }
}
