import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SlackMessage } from '#emulator/slack-message.ts';
import { noticeOf } from '#functions/builds/notice.ts';
import { payloadOf } from '#functions/slack/payload.ts';
import { conversationPage } from '#scripts/lib/conversation-page.ts';
import { messageText } from '#scripts/lib/conversation-text.ts';
import { buildOf, changed, eventFile, exported } from '#test/builds/fixture.ts';
import { anyText } from './hostile.ts';

const message = (event: unknown) => SlackMessage.parse(payloadOf(noticeOf(buildOf(event), { language: 'ja' })));
const page = (...messages: SlackMessage[]) =>
  conversationPage([{ title: '#ビルド <1>', messages: messages.map((one) => ({ message: one })) }]);

it('the page shows verdict, colour bar, facts, links and Japanese', () => {
  const html = page(message(eventFile('failed')), message(eventFile('succeeded')));
  expect(html).toContain(
    '<span class="emoji e274c">❌</span> <span class="slack_bold">xxxx #8: ビルドが失敗しました</span>',
  );
  expect(html).toContain('style="--bar: #e01e5a"');
  expect(html).toContain('style="--bar: #2eb67d"');
  expect(html).toMatch(/<a href="https:\/\/github\.com\/example-data\/xxxx\/commit\/[0-9a-f]{40}"/);
  expect(html).toContain('売上集計のバッチに 10 月分を追加');
  expect(html).toContain('<h1>#ビルド &#60;1&#62;</h1>');
});

it('the page marks edits and replies, and shows the text where a message has no blocks', () => {
  const plain = SlackMessage.parse({ text: '*log* &lt;tail&gt;' });
  const html = conversationPage([{ title: '#builds', messages: [{ message: plain, edited: true, threadTs: '1.1' }] }]);
  expect(html).toContain('<article class="reply">');
  expect(html).toContain('<span class="slack_bold">log</span> &lt;tail&gt;');
  expect(html).toContain('(edited)');
});

it('the page brings its fonts and emoji along, and only those that it needs', () => {
  const html = page(SlackMessage.parse({ text: '✅ ok' }), SlackMessage.parse({ text: '✅ 🔨 売上' }));
  expect(html.match(/\.e[0-9a-f]+ \{ background-image: url\(data:image\/svg\+xml;base64,/g)).toHaveLength(2);
  expect(html).toMatch(/url\(data:font\/woff2;base64,/);
  expect(html.replaceAll(/url\(data:[^)]*\)/g, '')).not.toMatch(/url\(|<script|<link|<img|@import/);
  expect(html.length).toBeGreaterThan(page(SlackMessage.parse({ text: 'ok' })).length + 20_000);
});

it('an emoji without a picture stays as it is, and one in an address too', () => {
  const html = page(SlackMessage.parse({ text: '5 © <https://example.com/✅|here>' }));
  expect(html).not.toContain('class="emoji');
});

it('in the terminal, nothing between fences is markup', () => {
  const text = '```* a *b* `c` &lt;d&gt;```';
  expect(messageText(SlackMessage.parse({ text }), { colour: false })).toBe('* a *b* `c` <d>');
});

it('a message that its sender did not escape becomes no tag either', () => {
  const html = page(SlackMessage.parse({ text: '<b>x</b> <img src=x onerror=alert(1)> <javascript:alert(1)|y>' }));
  expect(html).toContain('&lt;b&gt;x&lt;/b&gt; &lt;img src=x onerror=alert(1)&gt; &lt;javascript:alert(1)|y&gt;');
});

it('nothing from outside becomes a tag, an attribute or an address', () => {
  const tags =
    /<\/?(?!(?:!doctype|html|head|meta|title|style|body|main|section|h1|article|div|span|code|a|hr)\b)[a-z!]/i;
  fc.assert(
    fc.property(fc.oneof(anyText(), fc.constant('"><img src=x onerror=alert(1)>')), (text) => {
      const info = { ...exported({ COMMIT_SUBJECT: text, BRANCH_NAME: text }), initiator: text };
      const html = page(message(changed('failed', { info, detail: { 'project-name': text } })));
      expect(html).not.toMatch(tags);
      for (const [, address] of html.matchAll(/href="([^"]*)"/g)) {
        expect(address).toMatch(/^https:\/\/(github\.com|ap-northeast-1\.console\.aws\.amazon\.com)\//);
      }
    }),
  );
});

it('the terminal shows the same in lines, coloured only when asked', () => {
  const shown = message(eventFile('failed'));
  expect(messageText(shown, { colour: false })).toMatchSnapshot();
  expect(messageText(shown, { colour: true })).toContain('\u001b[31m▌');
  expect(messageText(SlackMessage.parse({ text: 'a &lt;b&gt; &amp;amp;' }), { colour: false })).toBe('a <b> &amp;');
});
