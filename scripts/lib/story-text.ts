import { basename } from 'node:path';
import type { PlayedStory } from './conversation-play.ts';
import { messageText } from './conversation-text.ts';

const CALLS = { post: 'posted', edit: 'edited in place', reply: 'answered in the thread' } as const;

/** What a conversation sends, for the terminal: every step, every message, or why there is none. */
export function storyText({ story, language, transport, steps }: PlayedStory, colour: boolean): string {
  const heading = `== ${story.title?.[language] ?? story.name} (${language}, ${transport})`;
  const told = steps.flatMap(({ file, at, sent, silent }) => {
    const when = `-- ${new Date(at).toISOString()} ${basename(file)}`;
    return silent === undefined
      ? sent.map(({ call, payload }) => `${when}: ${CALLS[call]}\n${messageText(payload, { colour })}`)
      : [`${when}: nothing sent. ${silent}`];
  });
  return [heading, ...told].join('\n\n');
}

/** The same for programs. */
export function storyJson({ story, language, transport, steps }: PlayedStory): object {
  const told = steps.map(({ file, at, ...rest }) => ({
    step: basename(file),
    at: new Date(at).toISOString(),
    ...rest,
  }));
  return { conversation: story.name, language, transport, steps: told };
}
