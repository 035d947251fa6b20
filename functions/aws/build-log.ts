import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { type AdapterOptions, CLIENT_SETTINGS, perContainer } from './clients.ts';
import { callUnlessGone } from './errors.ts';

/** Reads the ends of build logs. `functions/builds/log-tail.ts` says what is asked for. */
interface BuildLog {
  newestEvents(group: string, stream: string, signal: AbortSignal): Promise<readonly string[] | undefined>;
}

/** One attempt and a repetition: what is read is worth a moment, not a wait. */
const containerClient = perContainer('logs', () => new CloudWatchLogsClient({ ...CLIENT_SETTINGS, maxAttempts: 2 }));

/** GetLogEvents gives up to 10,000 events; the end of a step needs far fewer, and fewer come sooner. */
const NEWEST = 1_000;

/**
 * The build-log port over the SDK: `logs:GetLogEvents` alone.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 */
export function createBuildLog({
  client = containerClient,
}: Pick<AdapterOptions<CloudWatchLogsClient>, 'client'> = {}): BuildLog {
  return {
    async newestEvents(group, stream, signal) {
      const ask = (nextToken?: string) =>
        callUnlessGone('logs:GetLogEvents', `${group}:${stream}`, ['ResourceNotFoundException'], () =>
          client().send(
            new GetLogEventsCommand({
              logGroupName: group,
              logStreamName: stream,
              startFromHead: false,
              limit: NEWEST,
              ...(nextToken === undefined ? {} : { nextToken }),
            }),
            { abortSignal: signal },
          ),
        );
      const newest = await ask();
      // An empty page does not mean that there is nothing: the one before it may be full.
      const empty = newest?.events?.length === 0 && newest.nextBackwardToken !== undefined;
      const page = empty ? await ask(newest.nextBackwardToken) : newest;
      return page && (page.events ?? []).map((event) => event.message ?? '');
    },
  };
}
