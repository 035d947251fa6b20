/** Drains repositories and a log group of known sizes on the emulator and counts the calls. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient, CreateLogStreamCommand } from '@aws-sdk/client-cloudwatch-logs';
import { seedImages } from '#emulator/push-image.ts';
import type { Report } from '#functions/core/model.ts';
import type { LocalAccount } from '../lib/local-account.ts';
import { ROOT } from '../lib/sam.ts';

/** Added to every call: what a call within a Region takes at the least. */
export const LATENCY_MS = 20;

export interface DrainResult {
  readonly what: string;
  /** Calls that list and delete content. */
  readonly working: number;
  /** The least number of such calls that could do it. */
  readonly floor: number;
  /** Absent where none is set. */
  readonly goal?: number;
  /** Every other call: inventory, first question, seal. */
  readonly others: number;
  readonly seconds: number;
  readonly peakBytes: number;
  readonly outcome: Report['outcome'];
}

const ECR_WORK = ['ecr:DescribeImages', 'ecr:ListImages', 'ecr:BatchDeleteImage'];
const LOGS_WORK = ['logs:DescribeLogStreams', 'logs:DeleteLogStream'];

/**
 * Empties a repository of `count` images, half of them untagged children of indexes.
 *
 * @param run tells runs of the same count apart
 */
export async function drainImages(account: LocalAccount, count: number, run = 1): Promise<DrainResult> {
  const name = `bench-${count}-${run}`;
  const stackId = await createStack(account, name, {
    Repository: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: name } },
  });
  await seedImages(account.emulator.endpoint, name, count);
  const floor = Math.ceil(count / 1000) + Math.ceil(count / 100);
  return { ...(await drain(account, stackId, ECR_WORK)), what: `${count} images`, floor, goal: floor + 2 };
}

/** Removes log streams from a group of `count`: 60 seconds' worth, the rest goes with the group in one call. */
export async function drainLogStreams(account: LocalAccount, count: number): Promise<DrainResult> {
  const name = `bench-streams-${count}`;
  const stackId = await createStack(account, name, {
    Group: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: name } },
  });
  const logs = new CloudWatchLogsClient(account.root);
  for (let start = 0; start < count; start += 50) {
    await Promise.all(
      Array.from({ length: Math.min(50, count - start) }, (_, index) =>
        logs.send(new CreateLogStreamCommand({ logGroupName: name, logStreamName: `stream-${start + index}` })),
      ),
    );
  }
  // Ten a second for sixty seconds, and the pages of fifty that name them.
  const deletable = Math.min(count, 600);
  const floor = deletable + Math.ceil(deletable / 50);
  return { ...(await drain(account, stackId, LOGS_WORK)), what: `${count} log streams`, floor };
}

async function createStack(account: LocalAccount, StackName: string, Resources: object): Promise<string> {
  const client = new CloudFormationClient(account.root);
  await client.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources }) }));
  await waitUntilStackCreateComplete({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StackName });
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
  const stackId = Stacks?.[0]?.StackId;
  if (stackId === undefined) {
    throw new Error(`stack ${StackName} was not created`);
  }
  return stackId;
}

async function drain(
  account: LocalAccount,
  stackId: string,
  work: readonly string[],
): Promise<Omit<DrainResult, 'what' | 'floor' | 'goal'>> {
  await account.emulator.setLatency(LATENCY_MS);
  try {
    const { report, ms, peakBytes } = await inProcessOfItsOwn(account, stackId);
    const total = Object.values(report.calls).reduce((sum, calls) => sum + calls, 0);
    const working = work.reduce((sum, action) => sum + (report.calls[action] ?? 0), 0);
    return { working, others: total - working, seconds: ms / 1000, peakBytes, outcome: report.outcome };
  } finally {
    await account.emulator.setLatency(0);
  }
}

interface Measured {
  readonly report: Report;
  readonly ms: number;
  readonly peakBytes: number;
}

async function inProcessOfItsOwn(account: LocalAccount, stackId: string): Promise<Measured> {
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'bench', 'drain-once.ts'), stackId], {
    cwd: ROOT,
    env: { ...process.env, ...account.emulator.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) {
    throw new Error(`draining ${stackId} ended with exit code ${code}`);
  }
  return JSON.parse(output);
}
