import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { beforeEach, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { createBuildLog } from '#functions/aws/build-log.ts';
import { sdkError } from './sdk.ts';

const sdk = mockClient(CloudWatchLogsClient);
const log = createBuildLog();
const { signal } = new AbortController();
const read = () => log.newestEvents('xxxx-build', '0c5d', signal);
const ASKED = { logGroupName: 'xxxx-build', logStreamName: '0c5d', startFromHead: false, limit: 1_000 };

beforeEach(() => {
  sdk.reset();
});

it('gives the newest page, oldest first, and asks no further', async () => {
  sdk.on(GetLogEventsCommand).resolves({ events: [{ message: 'a\n' }, { message: 'b\n' }], nextBackwardToken: 'b/1' });
  expect(await read()).toEqual(['a\n', 'b\n']);
  expect(sdk.commandCalls(GetLogEventsCommand).map(({ args }) => args[0].input)).toEqual([ASKED]);
  // The options beside the command are not in the type of what was recorded.
  const [call]: { readonly args: readonly unknown[] }[] = sdk.commandCalls(GetLogEventsCommand);
  expect(call?.args[1]).toEqual({ abortSignal: signal });
});

it('asks once more where the newest page is empty', async () => {
  sdk
    .on(GetLogEventsCommand)
    .resolvesOnce({ events: [], nextBackwardToken: 'b/1' })
    .resolves({ events: [{ message: 'a' }], nextBackwardToken: 'b/2' });
  expect(await read()).toEqual(['a']);
  expect(sdk.commandCalls(GetLogEventsCommand)[1]?.args[0].input).toEqual({ ...ASKED, nextToken: 'b/1' });
});

it('gives nothing for a stream that stays empty', async () => {
  sdk.on(GetLogEventsCommand).resolves({ events: [], nextBackwardToken: 'b/1' });
  expect(await read()).toEqual([]);
  expect(sdk.commandCalls(GetLogEventsCommand)).toHaveLength(2);
});

it('is undefined where group or stream is gone', async () => {
  sdk.on(GetLogEventsCommand).rejects(sdkError('ResourceNotFoundException'));
  expect(await read()).toBeUndefined();
});

it('fails on anything else, naming group and stream, and tells a missing right', async () => {
  sdk.on(GetLogEventsCommand).rejects(sdkError('AccessDeniedException'));
  await expect(read()).rejects.toMatchObject({
    accessDenied: true,
    context: { action: 'logs:GetLogEvents', resource: 'xxxx-build:0c5d' },
  });
});
