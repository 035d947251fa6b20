import { basename } from 'node:path';
import type { Language } from '#functions/schemas/build-notice-config.ts';
import { html, htmlDocument, messageHtml, type ShownMessage } from './conversation-page.ts';
import type { PlayedStory, Sent, TransportName } from './conversation-play.ts';

const LANGUAGE_NAMES = { en: 'English', ja: '日本語' } as const satisfies Record<Language, string>;
const TRANSPORT_NAMES = { bot: 'Bot', webhook: 'Webhook' } as const satisfies Record<TransportName, string>;
const CALLS = { post: 'posted', edit: 'edited in place', reply: 'answered' } as const satisfies Record<
  Sent['call'],
  string
>;

const STYLE = `
  main.stories { max-width: none; width: fit-content; min-width: 760px; }
  nav { display: inline-flex; gap: 4px 16px; margin: 0 32px 12px 0; }
  input[type="radio"] { position: absolute; opacity: 0; }
  nav label { padding: 2px 10px; border: 1px solid #ddd; border-radius: 12px; cursor: pointer; }
  .panels { display: flex; flex-wrap: wrap; gap: 12px 32px; }
  .panel { width: 760px; }
  h2 { font-size: 13px; margin: 0; color: #616061; }
  details { margin: 4px 0 12px 44px; color: #616061; font-size: 13px; }
  summary { cursor: pointer; }
  .step { margin-top: 8px; } .step article { color: #1d1c1d; font-size: 15px; }
  .nothing { color: #616061; font-style: italic; margin: 8px 0; }
  @media print { nav, details, input, h2 { display: none } .panel { width: 740px; } }
`;

/** Switches between two or more kinds of panels, by style alone. The first choice is made. */
interface Switch {
  readonly name: string;
  readonly choices: readonly { readonly id: string; readonly label: string; readonly hides: readonly string[] }[];
}

/**
 * Conversations in one page: languages side by side, transports by a switch; below each, what was sent step by step.
 *
 * @param played all ways of telling each story, stories together
 */
export function storyPage(played: readonly PlayedStory[]): string {
  const languages = [...new Set(played.map(({ language }) => language))];
  const transports = [...new Set(played.map(({ transport }) => transport))];
  const switches = [languageSwitch(languages), transportSwitch(transports)].filter(({ choices }) => choices.length > 1);
  const stories = Map.groupBy(played, ({ story }) => story);
  const sections = [...stories].map(([story, ways]) => {
    const titles = languages.map((language) => story.title?.[language] ?? story.name);
    const heading = [...new Set(titles)].map(html).join(' / ');
    return `<section id="${html(story.name)}"><h1>${heading}</h1><div class="panels">${ways.map(panel).join('\n')}</div></section>`;
  });
  return htmlDocument({
    title: 'clean-exit',
    language: languages[0] ?? 'en',
    style: `${STYLE}${switches.map(switchStyle).join('')}`,
    body: `<main class="stories">${switches.map(switchHtml).join('')}${sections.join('\n')}</main>`,
  });
}

function languageSwitch(languages: readonly Language[]): Switch {
  const both = { id: 'all-languages', label: languages.map((one) => LANGUAGE_NAMES[one]).join(' + '), hides: [] };
  const each = languages.map((language) => ({
    id: `only-${language}`,
    label: LANGUAGE_NAMES[language],
    hides: languages.filter((other) => other !== language),
  }));
  return { name: 'language', choices: languages.length > 1 ? [both, ...each] : [] };
}

function transportSwitch(transports: readonly TransportName[]): Switch {
  const choices = transports.map((transport) => ({
    id: `by-${transport}`,
    label: TRANSPORT_NAMES[transport],
    hides: transports.filter((other) => other !== transport),
  }));
  return { name: 'transport', choices };
}

function switchHtml({ name, choices }: Switch): string {
  const inputs = choices.map(
    ({ id }, index) => `<input type="radio" name="${name}" id="${id}"${index === 0 ? ' checked' : ''}>`,
  );
  const labels = choices.map(({ id, label }) => `<label for="${id}">${label}</label>`);
  return `${inputs.join('')}<nav>${labels.join('')}</nav>`;
}

function switchStyle({ choices }: Switch): string {
  return choices
    .map(({ id, hides }) => {
      const hidden = hides.map((kind) => `  #${id}:checked ~ section .panel.${kind} { display: none }\n`).join('');
      return `${hidden}  #${id}:checked ~ nav label[for="${id}"] { background: #1264a3; color: #fff; }
  #${id}:focus-visible ~ nav label[for="${id}"] { outline: 2px solid #1d1c1d; }\n`;
    })
    .join('');
}

function panel(played: PlayedStory): string {
  const { language, transport } = played;
  const around = surroundingsOf(played);
  const messages = channelOf(played).map((message) => messageHtml(message, around));
  const shown = messages.length > 0 ? messages.join('') : '<p class="nothing">Nothing is sent.</p>';
  return `<div class="panel ${language} ${transport}" lang="${language}">
<h2>${LANGUAGE_NAMES[language]} · ${TRANSPORT_NAMES[transport]}</h2>${shown}${stepByStep(played)}</div>`;
}

function surroundingsOf({ story, language }: PlayedStory) {
  const people = Object.fromEntries(Object.values(story.people).map(({ id, name }) => [id, name]));
  return { language, people };
}

/** The channel in the end: messages with their last words, answers below what they answer. */
export function channelOf({ steps }: PlayedStory): ShownMessage[] {
  const roots = new Map<string, ShownMessage[]>();
  for (const { at, sent } of steps) {
    for (const one of sent) {
      const { ts, payload: message } = one;
      switch (one.call) {
        case 'post':
          roots.set(ts, [{ message, at }]);
          break;
        case 'edit': {
          const [root, ...answers] = roots.get(ts) ?? [];
          roots.set(ts, [{ ...root, message, edited: true }, ...answers]);
          break;
        }
        case 'reply':
          roots.get(one.threadTs)?.push({ message, at, threadTs: one.threadTs, broadcast: one.broadcast });
          break;
        default:
          one satisfies never;
      }
    }
  }
  return [...roots.values()].flat();
}

/** Every message as it was when it was sent, and why nothing was. */
function stepByStep(played: PlayedStory): string {
  const around = surroundingsOf(played);
  const steps = played.steps.map(({ file, at, sent, silent }) => {
    const name = `<code>${html(basename(file))}</code>`;
    const said = sent.map(({ call, payload }) => `${CALLS[call]}${messageHtml({ message: payload, at }, around)}`);
    return `<div class="step">${name}: ${silent === undefined ? said.join('') : html(`nothing sent. ${silent}`)}</div>`;
  });
  return `<details><summary>Step by step</summary>${steps.join('')}</details>`;
}
