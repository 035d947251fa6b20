import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { LANGUAGES } from '#functions/schemas/build-notice-config.ts';
import { readStories } from '#scripts/lib/conversation-folder.ts';
import { type PlayedStory, play, TRANSPORTS } from '#scripts/lib/conversation-play.ts';
import { channelOf, storyPage } from '#scripts/lib/story-page.ts';
import { storyText } from '#scripts/lib/story-text.ts';
import { payloadFaults } from '#test/slack/markup.ts';
import { changed, eventFile } from './fixture.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/preview.ts', import.meta.url));
const STORIES = fileURLToPath(new URL('../../events/conversations/', import.meta.url));

jest.setTimeout(30_000);

let all: PlayedStory[];
beforeAll(async () => {
  all = [];
  for (const story of await readStories(STORIES)) {
    for (const language of LANGUAGES) {
      for (const transport of TRANSPORTS) {
        all.push(await play(story, language, transport));
      }
    }
  }
});

/** Headlines of the channel in the end; answers are indented, and what was edited says so. */
function channel(name: string, transport: string, language = 'en'): string[] {
  const played = all.find((one) => one.story.name === name && one.transport === transport && one.language === language);
  return (played === undefined ? [] : channelOf(played)).map(({ message, edited, threadTs }) => {
    const [headline = ''] = (message.text ?? '').split('\n');
    return `${threadTs === undefined ? '' : '  '}${headline}${edited === true ? ' (edited)' : ''}`;
  });
}

describe('what a channel shows in the end', () => {
  it.each([
    ['succeeded', ['✅ sales-report #21: build succeeded (edited)']],
    [
      'failed',
      [
        '❌ sales-report #22: build failed – main broke, the last build was fine (edited)',
        '  ❌ sales-report #22: build failed – main broke, the last build was fine',
      ],
    ],
    ['fixed', ['✅ sales-report #24: build succeeded – main is fixed (edited)']],
    [
      'failed-then-fixed',
      [
        '❌ sales-report #31: build failed – main broke, the last build was fine (edited)',
        '  ❌ sales-report #31: build failed – main broke, the last build was fine',
        '❌ sales-report #32: build failed – 2nd failure in a row (edited)',
        '  ❌ sales-report #32: build failed – 2nd failure in a row',
        '✅ sales-report #33: build succeeded – main is fixed (edited)',
      ],
    ],
    ['stopped', ['⏹️ sales-report #51: build was stopped (edited)']],
    ['lost', ['🔇 sales-report #71: we never heard how the build ended (edited)']],
    ['teardown-deleted', ['✅ 2 stacks: deleted (edited)']],
    ['teardown-failed', ['❌ xxxx-build: could not be deleted (edited)', '  ❌ xxxx-build: could not be deleted']],
  ])('by bot: %s', (name, shown) => {
    expect(channel(name, 'bot')).toEqual(shown);
  });

  it('by bot: a failure that a newer build follows, and one by time, with the end of its log below', () => {
    expect(channel('superseded', 'bot')).toEqual([
      expect.stringMatching(/^❌ sales-report #41: build failed .*\(edited\)$/),
      expect.stringMatching(/^ {2}❌ sales-report #41/),
      expect.stringMatching(/^✅ sales-report #42: build succeeded .*\(edited\)$/),
    ]);
    expect(channel('timed-out', 'bot', 'ja')).toEqual([
      expect.stringMatching(/^⏰ sales-report #61: ビルドが時間切れになりました.*\(edited\)$/),
      expect.stringMatching(/^ {2}⏰ sales-report #61/),
    ]);
  });

  it('by webhook: a fresh message for each end, nothing edited or answered', () => {
    for (const { story, transport, language } of all.filter((one) => one.transport === 'webhook')) {
      const shown = channel(story.name, transport, language);
      expect(shown.filter((line) => /^ |\(edited\)$/.test(line))).toEqual([]);
      expect({ [story.name]: shown.length }).toEqual({
        [story.name]: { 'failed-then-fixed': 3, superseded: 2 }[story.name] ?? 1,
      });
    }
  });
});

it('every payload of every conversation is one that Slack takes', () => {
  const payloads = all.flatMap(({ steps }) => steps).flatMap(({ sent }) => sent.map(({ payload }) => payload));
  expect(payloads.length).toBeGreaterThan(40);
  expect(payloads.flatMap((payload) => payloadFaults(payload, undefined, ['U0123TARO', 'U0456HANAKO']))).toEqual([]);
});

it('the page shows all of it in both languages, loads nothing and runs nothing', () => {
  const page = storyPage(all);
  const text = page.replace(/<style>[\s\S]*?<\/style>/, '').replace(/<[^>]*>/g, '');
  for (const words of [
    ...['sales-report #22: building', 'main is fixed', 'could not be deleted', 'docker pull 123456789012', '(edited)'],
    ...['sales-report #22: ビルド中です', 'main は復旧しました', '削除できませんでした', '（編集済み）', '山田 花子'],
    ...[
      'A newer commit of this branch is already building (#42)',
      'このブランチでは、より新しいコミットのビルド（#42）',
    ],
    ...['also sent to the channel', 'チャンネルにも投稿', '@Taro Suzuki', 'No matching distribution found'],
    'The build is IN_PROGRESS; a notice is made when it has ended.',
  ]) {
    expect(text).toContain(words);
  }
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|\son\w+=|url\((?!data:)/i);
  expect(page.length).toBeLessThan(2_500_000);
});

it('the terminal is told each step, and why nothing is sent', () => {
  const played = all.find(({ story, transport }) => story.name === 'lost' && transport === 'webhook');
  const text = played === undefined ? '' : storyText(played, false);
  expect(text).toContain('1-build-71-started.json: nothing sent. The build is IN_PROGRESS');
  expect(text).toContain('2-watch.json: posted\n🔇 sales-report #71: we never heard how the build ended');
});

describe('a folder', () => {
  let root: string;
  let folder: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'clean-exit-conversations-'));
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(root, 'one-'));
  });
  afterAll(() => rm(root, { recursive: true }));

  const put = (name: string, content: unknown) =>
    writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));

  it('needs events alone; numbers in names count as numbers', async () => {
    await put('10.json', eventFile('succeeded'));
    await put('9.json', eventFile('in-progress'));
    const [story, ...others] = await readStories(folder);
    expect(others).toEqual([]);
    const played = story && (await play(story, 'en', 'bot'));
    expect(played?.steps.map(({ sent }) => sent.map(({ call }) => call))).toEqual([['post'], ['edit']]);
  });

  it('tells what CodeBuild says where the event does not', async () => {
    await put('1.json', changed('failed', { info: { phases: [], logs: {} }, detail: { 'current-phase-context': '' } }));
    const context = { statusCode: 'YAML_FILE_ERROR', message: 'YAML file does not exist' };
    const phase = { phaseType: 'DOWNLOAD_SOURCE', phaseStatus: 'FAILED', contexts: [context] };
    const arn = String(Reflect.get(Object(eventFile('failed')['detail']), 'build-id'));
    const times = { startTime: '2026-11-09T04:12:29Z', endTime: '2026-11-09T04:14:03Z' };
    await put('1.answers.json', { builds: [{ arn, buildStatus: 'FAILED', ...times, phases: [phase] }] });
    const [story] = await readStories(folder);
    const played = story && (await play(story, 'en', 'webhook'));
    expect(played?.steps[0]?.sent[0]?.payload.text).toContain('The file buildspec.yml');
  });

  const oneSentence = /^[^\n]+\.$/;
  const failure = () =>
    readStories(folder)
      .then(
        async ([story]) => (story === undefined ? undefined : play(story, 'en', 'bot')),
        (thrown: unknown) => thrown,
      )
      .catch((thrown: unknown) => thrown);

  it.each([
    ['no events', {}, /holds no events/],
    ['no JSON', { '1.json': 'failed' }, /1\.json is not JSON/],
    ['no event', { '1.json': '{}' }, /1\.json: This is no EventBridge event/],
    ['a log beside nothing', { '1.json': '{}', '2.log': '' }, /2\.log stands beside no event/],
    ['answers that nobody gives', { '1.json': '{}', '1.answers.json': '{"s3":1}' }, /1\.answers\.json cannot be used/],
    ['a wrong field', { '1.json': '{}', 'conversation.json': '{"mention":"all"}' }, /conversation\.json .*mention/],
    ['a step that is not there', { 'conversation.json': '{"steps":["9.json"]}' }, /9\.json cannot be read/],
    ['a time that is none', { '1.json': '{"watch":"noon"}' }, /1\.json cannot be used: watch/],
  ])('with %s gives one sentence', async (_, files, words) => {
    for (const [name, content] of Object.entries(files)) {
      await put(name, content);
    }
    const thrown = await failure();
    expect(thrown).toMatchObject({ code: expect.any(String), message: expect.stringMatching(words) });
    expect(thrown).toMatchObject({ message: expect.stringMatching(oneSentence) });
  });

  it('may hold folders that hold events, and is refused where none does', async () => {
    await mkdir(join(folder, 'one'));
    await expect(readStories(folder)).rejects.toThrow(/holds no events/);
    await put('one/1.json', eventFile('failed'));
    expect((await readStories(folder)).map(({ name }) => name)).toEqual(['one']);
  });
});

describe('the command', () => {
  function preview(...args: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const env = { ...process.env, CHROMIUM_PATH: join(tmpdir(), 'no-browser') };
      const child = execFile(process.execPath, [SCRIPT, ...args], { env }, (_, stdout, stderr) => {
        resolve({ exit: child.exitCode ?? -1, stdout, stderr });
      });
    });
  }

  it('prints a folder as JSON, by one transport in one language where that is asked for', async () => {
    const { exit, stdout, stderr } = await preview(join(STORIES, 'failed'), '--language', 'ja', '--transport', 'bot');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject([
      {
        conversation: 'failed',
        language: 'ja',
        transport: 'bot',
        steps: [{ sent: [{ call: 'post' }] }, { sent: [{ call: 'edit' }, { call: 'reply', broadcast: true }] }],
      },
    ]);
  });

  it('writes a page, and says so where there is no browser for a picture', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'clean-exit-page-'));
    const page = join(folder, 'page.html');
    const { exit, stderr } = await preview(STORIES, '--text', '--html', page, '--png', join(folder, 'none.png'));
    expect(exit).toBe(0);
    expect(stderr).toMatch(/Wrote .*page\.html\nNo picture: .*CHROMIUM_PATH/);
    expect(await readdir(folder)).toEqual(['page.html']);
    expect(await readFile(page, 'utf8')).toContain('<main class="stories">');
    await rm(folder, { recursive: true });
  });

  it.each([
    [['nowhere/']],
    [[STORIES, '--transport', 'mail']],
    [[STORIES, '--json', '--text']],
    [[fileURLToPath(new URL('../../events/codebuild-failed.json', import.meta.url)), '--transport', 'bot']],
  ])('exit code 2 and one sentence: %j', async (args) => {
    const { exit, stdout, stderr } = await preview(...args);
    expect([exit, stdout]).toEqual([2, '']);
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});
