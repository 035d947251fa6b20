import {
  CloudWatchLogsClient,
  DeleteLogStreamCommand,
  ListTagsForResourceCommand,
  type LogGroup,
  PutLogGroupDeletionProtectionCommand,
  paginateDescribeLogGroups,
  paginateDescribeLogStreams,
} from '@aws-sdk/client-cloudwatch-logs';
import type { LogsPort } from '../core/ports/logs.ts';
import { type AdapterOptions, CLIENT_SETTINGS, perContainer, sendOptions } from './clients.ts';
import { callUnlessGone } from './errors.ts';
import { pagesOf } from './paging.ts';
import { required, tagRecord } from './values.ts';

/** The container's own client. */
export const logsClient = perContainer('logs', () => new CloudWatchLogsClient(CLIENT_SETTINGS));

const NOT_FOUND = ['ResourceNotFoundException'];

/** Groups and streams come 50 a page. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html */
const PER_PAGE = 50;

/** The CloudWatch Logs port over the SDK. */
export function createLogs({ client = logsClient, signal }: AdapterOptions<CloudWatchLogsClient> = {}): LogsPort {
  const options = sendOptions(signal);

  /** The prefix finds longer names too; names are sorted, so that the exact one is on the first page. */
  async function describe(name: string): Promise<LogGroup | undefined> {
    const pages = paginateDescribeLogGroups(
      { client: client(), pageSize: PER_PAGE },
      { logGroupNamePrefix: name },
      options,
    );
    const listing = { action: 'logs:DescribeLogGroups', resource: name, gone: NOT_FOUND } as const;
    for await (const page of pagesOf({ ...listing, tokenOf: (answer) => answer.nextToken }, pages)) {
      const group = page.logGroups?.find((candidate) => candidate.logGroupName === name);
      if (group !== undefined) {
        return group;
      }
    }
    return undefined;
  }

  return {
    async logGroup(name) {
      const group = await describe(name);
      if (group === undefined) {
        return undefined;
      }
      // Tagging wants the ARN without the `:*` that `arn` ends with; `logGroupArn` is that one.
      const arn = group.logGroupArn ?? required(group.arn, 'arn', 'logs:DescribeLogGroups', name).replace(/:\*$/, '');
      const tagged = await callUnlessGone('logs:ListTagsForResource', name, NOT_FOUND, () =>
        client().send(new ListTagsForResourceCommand({ resourceArn: arn }), options),
      );
      return (
        tagged && {
          arn,
          deletionProtected: group.deletionProtectionEnabled === true,
          tags: tagRecord(Object.entries(tagged.tags ?? {})),
        }
      );
    },

    async *logStreams(groupName) {
      const pages = paginateDescribeLogStreams(
        { client: client(), pageSize: PER_PAGE },
        // By name: the order by time changes while somebody writes.
        { logGroupName: groupName, orderBy: 'LogStreamName' },
        options,
      );
      const listing = { action: 'logs:DescribeLogStreams', resource: groupName, gone: NOT_FOUND } as const;
      for await (const page of pagesOf({ ...listing, tokenOf: (answer) => answer.nextToken }, pages)) {
        const names = (page.logStreams ?? []).flatMap((stream) => stream.logStreamName ?? []);
        if (names.length > 0) {
          yield names;
        }
      }
    },

    async deleteLogStream(groupName, streamName) {
      await callUnlessGone('logs:DeleteLogStream', `${groupName}:${streamName}`, NOT_FOUND, () =>
        client().send(new DeleteLogStreamCommand({ logGroupName: groupName, logStreamName: streamName }), options),
      );
    },

    async disableDeletionProtection(groupName) {
      await callUnlessGone('logs:PutLogGroupDeletionProtection', groupName, NOT_FOUND, () =>
        client().send(
          new PutLogGroupDeletionProtectionCommand({ logGroupIdentifier: groupName, deletionProtectionEnabled: false }),
          options,
        ),
      );
    },
  };
}
