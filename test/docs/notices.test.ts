import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import * as z from 'zod/mini';
import { checkRoutes } from '#functions/builds/routes.ts';
import { markdownOf } from './markdown.ts';

const TEXT = readFileSync('docs/notices.md', 'utf8');

it('shows a routes document that is a good one', () => {
  const example = markdownOf(TEXT).codeBlocks.find((block) => block.startsWith('json')) ?? '';
  expect(checkRoutes(example.replace(/^json/, ''))).toHaveProperty('routes');
});

it('explains every field of a route', () => {
  const Published = z.object({
    properties: z.object({ routes: z.object({ items: z.object({ properties: z.record(z.string(), z.unknown()) }) }) }),
  });
  const schema = Published.parse(JSON.parse(readFileSync('schemas/routes.schema.json', 'utf8')));
  for (const field of Object.keys(schema.properties.routes.items.properties)) {
    expect(TEXT).toMatch(new RegExp(`^\\|.*\`${field}\``, 'm'));
  }
});

it('names parameters, outputs and log lines that exist', () => {
  const template = readFileSync('template.yaml', 'utf8');
  const names = ['SlackTokenParameter', 'SlackChannel', 'SlackWebhookParameter', 'RoutesParameter', 'NoticeLanguage'];
  for (const name of [
    ...names,
    'AlarmTopicArn',
    'AlarmEmail',
    'NoticeProjectPrefix',
    'BuildNoticeFailureQueue',
    'RoutesWrongAlarm',
  ]) {
    expect([TEXT.includes(name), new RegExp(`^  ${name}:$`, 'm').test(template)]).toEqual([true, true]);
  }
  const log = readFileSync('functions/log.ts', 'utf8');
  for (const code of ['NOTICE_SENT', 'NOTICE_SKIPPED', 'NOTICE_FAILED', 'ROUTES_WRONG']) {
    expect([TEXT.includes(code), log.includes(`${code}:`)]).toEqual([true, true]);
  }
});
