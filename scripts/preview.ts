/**
 * Shows what Slack would be sent for an event, without sending anything. Prints the payload as JSON, or `null` for an
 * EventBridge event that gives no notice; stderr says why. Exit code 2 and one sentence for anything that is neither an
 * EventBridge event nor what a teardown tells.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { readBuildEvent } from '#functions/builds/build-event.ts';
import { noticeOf } from '#functions/builds/notice.ts';
import { BadRequest, messageOf } from '#functions/errors.ts';
import { LANGUAGES, type Language } from '#functions/schemas/build-notice-config.ts';
import type { Notice } from '#functions/schemas/notice.ts';
import { payloadOf } from '#functions/slack/payload.ts';
import { conversationPage } from './lib/conversation-page.ts';
import { messageText } from './lib/conversation-text.ts';
import { optionsOf, UsageError } from './lib/options.ts';
import { stackNoticeIn } from './lib/stack-notice.ts';

const USAGE =
  'usage: npm run --silent preview -- EVENT.json [--language en|ja] [--text] [--html PAGE.html] [--png PICTURE.png]';
const HELP = `${USAGE}

Prints what Slack would be sent for an EventBridge event, such as events/codebuild-failed.json; sends nothing. An event that
gives no notice prints null, and stderr says why. The same for a teardown: a report, which is the output of an execution, or
what the state machine has the function tell, such as events/teardown-failed.json. Exit code 2 for anything else.

  --language ja       the notice in Japanese (default en)
  --text              as text for people instead of JSON
  --html PAGE.html    writes a page that looks like Slack too
  --png PICTURE.png   takes a picture of that page, where a Chromium is found (CHROMIUM_PATH can name one)`;

interface Request {
  readonly path: string;
  readonly language: Language;
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
        language: { type: 'string', default: 'en' },
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
    throw new UsageError(`One event file is needed. ${USAGE}`);
  }
  const language = LANGUAGES.find((known) => known === values.language);
  if (language === undefined) {
    throw new UsageError(`--language must be one of ${LANGUAGES.join(', ')}. ${USAGE}`);
  }
  return { path, language, asText: values.text, page: values.html, picture: values.png };
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((thrown) => {
    throw new BadRequest('FILE_UNREADABLE', `${path} cannot be read: ${messageOf(thrown)}.`);
  });
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new BadRequest('NOT_JSON', `${path} is not JSON; one EventBridge event or report of a teardown is expected.`);
  }
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

async function show(json: unknown, { language, asText, page, picture }: Request): Promise<void> {
  const notice = noticeIn(json, language);
  if (notice === undefined) {
    console.log('null');
    return;
  }
  const payload = payloadOf(notice);
  const html = conversationPage([{ title: '#builds', messages: [{ message: payload }] }]);
  if (page !== undefined) {
    await writeFile(page, html).catch((thrown: unknown) => {
      throw new BadRequest('FILE_UNWRITABLE', `${page} cannot be written: ${messageOf(thrown)}.`);
    });
    console.error(`Wrote ${page}`);
  }
  if (picture !== undefined) {
    await takePicture(html, picture);
  }
  console.log(asText ? messageText(payload, { colour: process.stdout.isTTY }) : JSON.stringify(payload, null, 2));
}

/** Only where a browser is found; nothing else needs one. */
async function takePicture(html: string, file: string): Promise<void> {
  const { findChromium, screenshot } = await import('./lib/screenshot.ts');
  const browser = findChromium();
  if (browser === undefined) {
    console.error('No picture: no Chromium was found; CHROMIUM_PATH can name one. --html writes the same as a page.');
    return;
  }
  await screenshot(browser, html, file);
  console.error(`Wrote ${file}`);
}

try {
  const request = readArguments();
  if (request === undefined) {
    console.log(HELP);
  } else {
    await show(await readJson(request.path), request);
  }
} catch (thrown) {
  const expected = thrown instanceof BadRequest || thrown instanceof UsageError;
  console.error(expected ? thrown.message : thrown);
  process.exitCode = expected ? 2 : 1;
}
