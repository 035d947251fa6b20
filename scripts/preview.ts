/**
 * Shows what Slack would be sent, without sending anything: for one event, or for whole conversations from a folder of
 * events. Exit code 2 and one sentence for what is neither.
 */
import { stat, writeFile } from 'node:fs/promises';
import { readBuildEvent } from '#functions/builds/build-event.ts';
import { noticeOf } from '#functions/builds/notice.ts';
import { BadRequest, messageOf } from '#functions/errors.ts';
import { LANGUAGES, type Language } from '#functions/schemas/build-notice-config.ts';
import type { Notice } from '#functions/schemas/notice.ts';
import { payloadOf } from '#functions/slack/payload.ts';
import { readJson, readStories } from './lib/conversation-folder.ts';
import { conversationPage } from './lib/conversation-page.ts';
import { type PlayedStory, play, TRANSPORTS, type TransportName } from './lib/conversation-play.ts';
import { messageText } from './lib/conversation-text.ts';
import { optionsOf, UsageError } from './lib/options.ts';
import { stackNoticeIn } from './lib/stack-notice.ts';
import { storyPage } from './lib/story-page.ts';
import { storyJson, storyText } from './lib/story-text.ts';

const USAGE =
  'usage: npm run --silent preview -- EVENT.json|FOLDER [--language en|ja] [--transport bot|webhook] [--json|--text] [--html PAGE.html] [--png PICTURE.png]';
const HELP = `${USAGE}

Prints what Slack would be sent for an EventBridge event, such as events/codebuild-failed.json; sends nothing. An event that
gives no notice prints null, and stderr says why. The same for a teardown: a report, which is the output of an execution, or
what the state machine has the function tell, such as events/teardown-failed.json.

For a folder: whole conversations, played through the functions' own code. The folder holds the events of one conversation,
such as events/conversations/failed, or folders that do, such as events/conversations; the README there says how to write one.

Exit code 2 and one sentence for anything else.

  --language ja       in Japanese; default en, for a folder both
  --transport bot     for a folder: by the bot alone, or by webhook alone; default both
  --json              as JSON (default)
  --text              as text for people instead
  --html PAGE.html    writes a page that looks like Slack too; it loads nothing, fonts are in it
  --png PICTURE.png   takes a picture of that page, where a Chromium is found (CHROMIUM_PATH can name one)`;

interface Request {
  readonly path: string;
  readonly language: Language | undefined;
  readonly transport: TransportName | undefined;
  readonly asText: boolean;
  readonly page: string | undefined;
  readonly picture: string | undefined;
}

/** Undefined where only help is wanted. */
function readArguments(): Request | undefined {
  const { values, positionals } = optionsOf(
    {
      allowPositionals: true,
      options: {
        language: { type: 'string' },
        transport: { type: 'string' },
        json: { type: 'boolean', default: false },
        text: { type: 'boolean', default: false },
        html: { type: 'string' },
        png: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    },
    USAGE,
  );
  if (values.help) {
    return undefined;
  }
  const [path, ...others] = positionals;
  if (path === undefined || others.length > 0) {
    throw new UsageError(`One event file or folder is needed. ${USAGE}`);
  }
  if (values.json && values.text) {
    throw new UsageError(`--json and --text exclude each other. ${USAGE}`);
  }
  const language = oneOf('language', LANGUAGES, values.language);
  const transport = oneOf('transport', TRANSPORTS, values.transport);
  return { path, language, transport, asText: values.text, page: values.html, picture: values.png };
}

function oneOf<T extends string>(name: string, words: readonly T[], given: string | undefined): T | undefined {
  const word = words.find((known) => known === given);
  if (given !== undefined && word === undefined) {
    throw new UsageError(`--${name} must be one of ${words.join(', ')}. ${USAGE}`);
  }
  return word;
}

/** What people would be told; undefined, with the reason on stderr, for an event that gives no notice. */
function noticeIn(json: unknown, language: Language): Notice | undefined {
  const aboutStacks = stackNoticeIn(json, language);
  if (aboutStacks !== undefined) {
    return aboutStacks;
  }
  const event = readBuildEvent(json);
  if (event.kind === 'none') {
    console.error(event.reason);
    return undefined;
  }
  return noticeOf(event.build, { language });
}

async function showEvent(request: Request): Promise<void> {
  if (request.transport !== undefined) {
    throw new UsageError(`--transport is for a folder: one event gives the same message by both. ${USAGE}`);
  }
  const notice = noticeIn(await readJson(request.path), request.language ?? 'en');
  if (notice === undefined) {
    console.log('null');
    return;
  }
  const payload = payloadOf(notice);
  await writePage(() => conversationPage([{ title: '#builds', messages: [{ message: payload }] }]), request);
  console.log(
    request.asText ? messageText(payload, { colour: process.stdout.isTTY }) : JSON.stringify(payload, null, 2),
  );
}

async function showFolder(request: Request): Promise<void> {
  const { language, transport } = request;
  const played: PlayedStory[] = [];
  for (const story of await readStories(request.path)) {
    for (const way of transport === undefined ? TRANSPORTS : [transport]) {
      for (const tongue of language === undefined ? LANGUAGES : [language]) {
        played.push(await play(story, tongue, way));
      }
    }
  }
  await writePage(() => storyPage(played), request);
  console.log(
    request.asText
      ? played.map((one) => storyText(one, process.stdout.isTTY)).join('\n\n')
      : JSON.stringify(played.map(storyJson), null, 2),
  );
}

async function writePage(render: () => string, { page, picture }: Request): Promise<void> {
  if (page === undefined && picture === undefined) {
    return;
  }
  const html = render();
  if (page !== undefined) {
    await write(page, html);
  }
  if (picture !== undefined) {
    await takePicture(html, picture);
  }
}

/** Only where a browser is found; nothing else needs one. */
async function takePicture(html: string, file: string): Promise<void> {
  const { findChromium, screenshot } = await import('./lib/screenshot.ts');
  const browser = findChromium();
  if (browser === undefined) {
    console.error('No picture: no Chromium was found; CHROMIUM_PATH can name one. --html writes the same as a page.');
    return;
  }
  const taken = await screenshot(browser, html);
  if (taken === undefined) {
    console.error(`No picture: ${browser} does not start; CHROMIUM_PATH can name another one.`);
    return;
  }
  await write(file, taken);
}

async function write(file: string, content: string | Buffer): Promise<void> {
  await writeFile(file, content).catch((thrown: unknown) => {
    throw new BadRequest('FILE_UNWRITABLE', `${file} cannot be written: ${messageOf(thrown)}.`);
  });
  console.error(`Wrote ${file}`);
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() ?? false;
}

try {
  const request = readArguments();
  if (request === undefined) {
    console.log(HELP);
  } else if (await isFolder(request.path)) {
    await showFolder(request);
  } else {
    await showEvent(request);
  }
} catch (thrown) {
  const expected = thrown instanceof BadRequest || thrown instanceof UsageError;
  console.error(expected ? thrown.message : thrown);
  process.exitCode = expected ? 2 : 1;
}
