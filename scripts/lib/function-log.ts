import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import type { Plan, Report } from '#functions/core/model.ts';
import type { ClientSettings } from './local-account.ts';

const LOG_GROUP = '/aws/lambda/clean-exit-custom-resource';

/** What the custom resource wrote into its log about one stack. */
export interface CleaningLog {
  readonly plan?: Plan;
  readonly report?: Report;
}

/**
 * The last plan and report of a stack, as the function logged them.
 *
 * @param stackName the name of the root stack
 */
export async function cleaningLogOf(settings: ClientSettings, stackName: string): Promise<CleaningLog> {
  const client = new CloudWatchLogsClient(settings);
  let found: CleaningLog = {};
  for await (const page of paginateFilterLogEvents({ client }, { logGroupName: LOG_GROUP })) {
    for (const { message = '' } of page.events ?? []) {
      if (message.startsWith('{')) {
        const line: CleaningLog & { stackId?: string } = JSON.parse(message);
        if (line.stackId?.includes(`:stack/${stackName}/`)) {
          found = { ...found, ...(line.plan && { plan: line.plan }), ...(line.report && { report: line.report }) };
        }
      }
    }
  }
  return found;
}
