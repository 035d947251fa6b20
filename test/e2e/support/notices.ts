import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { CodeBuildClient, StartBuildCommand } from '@aws-sdk/client-codebuild';
import { LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GetQueueUrlCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { DeleteParametersCommand, type ParameterType, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import {
  deployService,
  type LocalAccount,
  SERVICE_STACK,
  SLACK_PARAMETER,
  startLocalAccount,
  until,
} from '#scripts/lib/local-account.ts';
import { Stacks } from './stacks.ts';
import { project, type Resources, role } from './templates.ts';

export const NOTICE_FUNCTION = 'clean-exit-build-notice';
const LOG_GROUP = `/aws/lambda/${NOTICE_FUNCTION}`;
/** The value of a plaintext environment variable of every project here, as a careless team has it. */
export const PLANTED = 'planted-password-0123';
/** Long enough for any test and hook here on a machine that is busy with others. */
const PATIENCE_MS = 120_000;

/** A line of the function's log, as queries see it. */
export interface NoticeLine {
  readonly code: string;
  readonly level: string;
  /** `PROJECT:UUID`; empty where the line is about no build. */
  readonly build: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A build that has begun. */
export interface StartedBuild {
  /** `PROJECT:UUID` */
  readonly id: string;
  /** How a notice names it. */
  readonly subject: string;
}

/**
 * Gives a test file an account of its own: the service deployed by `sam deploy`, and CodeBuild projects by CloudFormation.
 * In the end: no webhook, credential or environment variable in any line of the function's log.
 */
export function inNoticeAccount(projects: readonly string[], parameters: Record<string, string> = {}): () => Notices {
  let notices: Notices | undefined;
  jest.setTimeout(PATIENCE_MS);
  beforeAll(async () => {
    notices = new Notices(await startLocalAccount());
    await deployService(notices.account, parameters);
    await notices.createProjects(projects);
  });
  afterAll(async () => {
    const text = (await notices?.logText()) ?? '';
    const secrets = notices?.secrets ?? [];
    await notices?.account.stop();
    // Short on purpose: a failure must not print the log.
    expect(text.includes('NOTICE_')).toBe(true);
    const forbidden = [...secrets, '/services/T', 'SecretAccessKey', 'SESSION_TOKEN'];
    expect(forbidden.filter((word) => text.toLowerCase().includes(word.toLowerCase()))).toEqual([]);
  });
  return () => {
    if (notices === undefined) {
      throw new Error('the account is there from the first test on');
    }
    return notices;
  };
}

/** Builds, and what the deployed service makes of them. */
export class Notices {
  readonly account: LocalAccount;
  readonly #codeBuild: CodeBuildClient;
  readonly #lambda: LambdaClient;
  readonly #logs: CloudWatchLogsClient;
  readonly #sqs: SQSClient;
  readonly #ssm: SSMClient;
  readonly #secrets: Set<string>;

  constructor(account: LocalAccount) {
    this.account = account;
    this.#codeBuild = new CodeBuildClient(account.root);
    this.#lambda = new LambdaClient(account.root);
    this.#logs = new CloudWatchLogsClient(account.root);
    this.#sqs = new SQSClient(account.root);
    this.#ssm = new SSMClient(account.root);
    this.#secrets = new Set([PLANTED, secretPart(account.webhook)]);
  }

  /** What must stand in no log. */
  get secrets(): readonly string[] {
    return [...this.#secrets];
  }

  async createProjects(names: readonly string[]): Promise<void> {
    const environment = {
      Type: 'LINUX_CONTAINER',
      ComputeType: 'BUILD_GENERAL1_SMALL',
      Image: 'aws/codebuild/amazonlinux-x86_64-standard:6.0',
      EnvironmentVariables: [{ Name: 'DB_PASSWORD', Type: 'PLAINTEXT', Value: PLANTED }],
    };
    const all = names.map((name, index) => [
      `Project${index}`,
      project(name, 'Role', {}, { Environment: environment }),
    ]);
    const resources: Resources = { Role: role('notice-builds', 'codebuild.amazonaws.com'), ...Object.fromEntries(all) };
    expect(await new Stacks(this.account).create('notice-builds', resources)).toMatchObject({
      status: 'CREATE_COMPLETE',
    });
  }

  async start(projectName: string): Promise<StartedBuild> {
    const { build } = await this.#codeBuild.send(new StartBuildCommand({ projectName, sourceVersion: 'main' }));
    const { id = '', buildNumber = 0 } = build ?? {};
    return { id, subject: `${projectName} #${buildNumber}` };
  }

  finish({ id }: StartedBuild, status: string, more: object = {}): Promise<unknown> {
    return this.account.emulator.finishBuild({ id, status, ...more });
  }

  /** A build from its start to its end. */
  async build(projectName: string, status = 'FAILED', more: object = {}): Promise<StartedBuild> {
    const started = await this.start(projectName);
    await this.finish(started, status, more);
    return started;
  }

  /** The texts of the messages that came to Slack about a build. */
  messagesAbout({ subject }: StartedBuild): readonly string[] {
    const texts = this.account.slack.messages.map(({ message }) => message.text ?? '');
    return texts.filter((text) => text.includes(`${subject}:`));
  }

  /** Waits until the log says that a build was told, and for anything that might still come after it. */
  async told(build: StartedBuild): Promise<readonly string[]> {
    await this.lines('NOTICE_SENT', { build });
    await sleep(200);
    return this.messagesAbout(build);
  }

  /** Waits until the log has so many lines of a code: a function's log arrives after its end. */
  async lines(code: string, { build, count = 1 }: { build?: StartedBuild; count?: number } = {}) {
    let found: readonly NoticeLine[] = [];
    await until(
      async () => {
        const all = await this.log();
        found = all.filter((line) => line.code === code && (build === undefined || line.build === build.id));
        return found.length >= count;
      },
      `${count} log lines ${code} about ${build?.id ?? 'anything'}`,
    );
    return found;
  }

  /** The coded lines, in the order in which they were written. */
  async log(): Promise<readonly NoticeLine[]> {
    return (await this.logText()).split('\n').flatMap((line) => parse(line) ?? []);
  }

  /** Invocations that have ended. */
  async invocations(): Promise<number> {
    return (await this.logText()).split('\n').filter((line) => line.startsWith('END RequestId')).length;
  }

  /** Everything in the group, of all streams. */
  async logText(): Promise<string> {
    const messages: string[] = [];
    for await (const page of paginateFilterLogEvents({ client: this.#logs }, { logGroupName: LOG_GROUP })) {
      messages.push(...(page.events ?? []).map(({ message = '' }) => message));
    }
    return messages.join('\n');
  }

  /** The message about something that is in a queue of the service's stack, by the queue's logical id. */
  async queued(logicalId: string, about: string): Promise<Message> {
    const QueueUrl = await this.#queueUrl(logicalId);
    const request = { QueueUrl, VisibilityTimeout: 0, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
    let message: Message | undefined;
    await until(async () => {
      const { Messages = [] } = await this.#sqs.send(new ReceiveMessageCommand(request));
      message = Messages.find(({ Body = '' }) => Body.includes(about));
      return message !== undefined;
    }, `a message about ${about} in ${logicalId}`);
    return message ?? {};
  }

  /** Messages that wait in a queue of the service's stack. */
  async waiting(logicalId: string): Promise<number> {
    const QueueUrl = await this.#queueUrl(logicalId);
    const { Messages = [] } = await this.#sqs.send(new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }));
    return Messages.length;
  }

  async #queueUrl(logicalId: string): Promise<string> {
    const QueueName = await this.queueName(logicalId);
    const { QueueUrl = '' } = await this.#sqs.send(new GetQueueUrlCommand({ QueueName }));
    return QueueUrl;
  }

  async queueName(logicalId: string): Promise<string> {
    const url = await new Stacks(this.account).physicalId(SERVICE_STACK, logicalId);
    return url.slice(url.lastIndexOf('/') + 1);
  }

  /** A new webhook of the stand-in, whose secret is looked for in the log too. */
  createWebhook(): string {
    const url = this.account.slack.createWebhook();
    this.#secrets.add(secretPart(url));
    return url;
  }

  /** Makes the parameter anew: its type cannot be changed. */
  async putParameter(Value: string, Type: ParameterType = 'SecureString'): Promise<void> {
    await this.deleteParameter();
    await this.#ssm.send(new PutParameterCommand({ Name: SLACK_PARAMETER, Type, Value }));
  }

  async deleteParameter(): Promise<void> {
    await this.#ssm.send(new DeleteParametersCommand({ Names: [SLACK_PARAMETER] }));
  }

  /** As Lambda does sooner or later: the next invocation starts in a new environment, which has read no parameter yet. */
  async startAfresh(Timeout = 60): Promise<void> {
    await this.#lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: NOTICE_FUNCTION, Timeout }));
  }

  /** How often the function read a parameter since a call's number. */
  async parameterReads(since: number): Promise<number> {
    const { calls } = await this.account.emulator.calls(since);
    const own = calls.filter(({ principal }) => principal.includes(`assumed-role/${NOTICE_FUNCTION}-`));
    return own.filter(({ operation }) => operation === 'GetParameter').length;
  }
}

function secretPart(webhook: string): string {
  return webhook.slice(webhook.lastIndexOf('/') + 1);
}

function parse(line: string): NoticeLine | undefined {
  if (!line.startsWith('{')) {
    return undefined;
  }
  const value: unknown = JSON.parse(line);
  const {
    code = '',
    level = '',
    build = '',
    ...fields
  }: Record<string, unknown> = typeof value === 'object' && value !== null ? { ...value } : {};
  return { code: String(code), level: String(level), build: String(build), fields };
}
