import { describe, expect, it } from '@jest/globals';
import { readBuildEvent } from '#functions/builds/build-event.ts';
import { BadRequest } from '#functions/errors.ts';
import { changed, eventFile } from './fixture.ts';

function refusal(input: unknown): BadRequest {
  try {
    readBuildEvent(input);
  } catch (thrown) {
    if (thrown instanceof BadRequest) {
      return thrown;
    }
  }
  throw new Error('was not refused');
}

describe('which events give a notice', () => {
  it.each([
    ['succeeded', 'SUCCEEDED'],
    ['failed', 'FAILED'],
    ['stopped', 'STOPPED'],
    ['timed-out', 'TIMED_OUT'],
    ['fault', 'FAULT'],
    ['unknown-status', 'UNKNOWN'],
    ['minimal', 'SUCCEEDED'],
  ])('%s does', (name, status) => {
    expect(readBuildEvent(eventFile(name))).toMatchObject({ kind: 'finished', build: { status } });
  });

  it('a build that has started is told apart from one that has ended', () => {
    const read = readBuildEvent(eventFile('in-progress'));
    expect(read).toMatchObject({ kind: 'started', build: { status: 'IN_PROGRESS', withoutLog: false } });
    expect(read).not.toHaveProperty('build.endedAt');
    expect(read).not.toHaveProperty('build.durationSeconds');
    expect(read).not.toHaveProperty('build.failure');
  });

  it('a change of phase does not, and the reason names it', () => {
    const reason = expect.stringContaining('CodeBuild Build Phase Change');
    expect(readBuildEvent(eventFile('phase-change'))).toEqual({ kind: 'none', reason });
  });

  it('another service does not, even with the same detail-type', () => {
    const event = changed('succeeded', { envelope: { source: 'my.app' } });
    expect(readBuildEvent(event)).toEqual({ kind: 'none', reason: expect.stringContaining('"my.app"') });
  });

  it.each([
    ['of CodeBuild', {}, 'no detail'],
    ['of another service', { source: 'aws.ec2' }, '"aws.ec2"'],
  ])('an event %s without a detail does not', (_, envelope, word) => {
    for (const detail of [undefined, null]) {
      const event = { ...eventFile('succeeded'), detail, ...envelope };
      expect(readBuildEvent(event)).toEqual({ kind: 'none', reason: expect.stringContaining(word) });
    }
  });

  it('a build without a status gives one only if it says that it has ended', () => {
    const detail = { 'build-status': null };
    const open = changed('succeeded', { detail, info: { 'build-complete': false } });
    expect(readBuildEvent(open)).toMatchObject({ kind: 'none' });
    const ended = changed('succeeded', { detail, info: { 'build-complete': true } });
    expect(readBuildEvent(ended)).toMatchObject({ kind: 'finished', build: { status: 'UNKNOWN', rawStatus: '' } });
  });
});

describe('what is no EventBridge event', () => {
  const event = eventFile('succeeded');

  it.each([
    ['a list', [event], 'a list'],
    ['an SNS record', { Records: [{ EventSource: 'aws:sns', Sns: { Message: JSON.stringify(event) } }] }, 'records'],
    ['an SQS record', { Records: [{ eventSource: 'aws:sqs', body: JSON.stringify(event) }] }, 'records'],
    ['an SNS message', { Type: 'Notification', TopicArn: 'arn', Message: JSON.stringify(event) }, 'SNS message'],
    [
      'a notification rule',
      { ...event, notificationRuleArn: 'arn:aws:codestar-notifications:eu-west-1:123456789012:notificationrule/1' },
      'notification rule',
    ],
    ['its own shape', { detailType: 'CodeBuild Build State Change', source: 'aws.codebuild' }, 'notification rule'],
  ])('%s is refused as wrapped', (_, input, words) => {
    const { code, message } = refusal(input);
    expect(code).toBe('EVENT_WRAPPED');
    expect(message).toContain(words);
    expect(message).toContain('expected');
  });

  it.each([
    ['null', null, 'the event'],
    ['text', 'build failed', 'the event'],
    ['a number', 7, 'the event'],
    ['an empty object', {}, 'source, detail-type'],
    ['no source', { ...event, source: undefined }, 'source'],
    ['an empty detail-type', { ...event, 'detail-type': '' }, 'detail-type'],
    ['a detail of text', { ...event, detail: 'FAILED' }, 'detail'],
  ])('%s is refused as malformed, by field', (_, input, fields) => {
    const { code, message } = refusal(input);
    expect(code).toBe('EVENT_MALFORMED');
    expect(message).toContain(`no EventBridge event: ${fields} missing or of a wrong type`);
  });
});
