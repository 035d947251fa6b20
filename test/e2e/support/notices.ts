import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { CodeBuildClient, StartBuildCommand } from '@aws-sdk/client-codebuild';
import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
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
export const WATCH_FUNCTION = 'clean-exit-build-watch';
export const TOKEN_PARAMETER = '/clean-exit/slack-token';
export const ROUTES_PARAMETER = '/clean-exit/routes';
/** What a service deployed with it tells by bot. The stand-in knows this channel, and this token. */
export const BY_BOT = { SlackTokenParameter: TOKEN_PARAMETER, SlackChannel: 'C0BUILDS' };
const TOKEN = 'xoxb-stand-in';
/** Longer than the watch gives an event to come by itself. */
const OVERDUE_MS = 11 * 60_000;
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
    await notices.putSecret(TOKEN_PARAMETER, TOKEN);
    await deployService(notices.account, parameters);
    await notices.createProjects(projects);
  });
  afterAll(async () => {
    const text = `${await notices?.logText()}${await notices?.logText(WATCH_FUNCTION)}`;
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
  readonly #dynamo: DynamoDBClient;
  readonly #sqs: SQSClient;
  readonly #ssm: SSMClient;
  readonly #secrets: Set<string>;

  constructor(account: LocalAccount) {
    this.account = account;
    this.#codeBuild = new CodeBuildClient(account.root);
    this.#lambda = new LambdaClient(account.root);
    this.#logs = new CloudWatchLogsClient(account.root);
    this.#dynamo = new DynamoDBClient(account.root);
    this.#sqs = new SQSClient(account.root);
    this.#ssm = new SSMClient(account.root);
    this.#secrets = new Set([PLANTED, secretPart(account.webhook), TOKEN]);
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
    const Action = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'];
    const PolicyDocument = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] };
    const Policies = [{ PolicyName: 'log', PolicyDocument }];
    const Role = role('notice-builds', 'codebuild.amazonaws.com', {}, { Policies });
    const resources: Resources = { Role, ...Object.fromEntries(all) };
    expect(await new Stacks(this.account).create('notice-builds', resources)).toMatchObject({
      status: 'CREATE_COMPLETE',
    });
  }

  async start(projectName: string): Promise<StartedBuild> {
    const { build } = await this.#codeBuild.send(new StartBuildCommand({ projectName, sourceVersion: 'main' }));
    const { id = '', buildNumber = 0 } = build ?? {};
    return { id, subject: `${projectName} #${buildNumber}` };
  }

  /** @throws Error where log lines are given that the build may not write */
  async finish({ id }: StartedBuild, status: string, more: object = {}): Promise<void> {
    expect(await this.account.emulator.finishBuild({ id, status, ...more })).not.toHaveProperty('logNotWritten');
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
  async log(functionName = NOTICE_FUNCTION): Promise<readonly NoticeLine[]> {
    return (await this.logText(functionName)).split('\n').flatMap((line) => parse(line) ?? []);
  }

  /** Invocations that have ended. */
  async invocations(): Promise<number> {
    return (await this.logText()).split('\n').filter((line) => line.startsWith('END RequestId')).length;
  }

  /** Everything in a function's group, of all streams. */
  async logText(functionName = NOTICE_FUNCTION): Promise<string> {
    const messages: string[] = [];
    const logGroupName = `/aws/lambda/${functionName}`;
    for await (const page of paginateFilterLogEvents({ client: this.#logs }, { logGroupName })) {
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

  async putSecret(Name: string, Value: string): Promise<void> {
    this.#secrets.add(Value);
    await this.#ssm.send(new PutParameterCommand({ Name, Type: 'SecureString', Value, Overwrite: true }));
  }

  /** The routes document; undefined takes it away. Read by the next environment. */
  async putRoutes(document: object | string | undefined): Promise<void> {
    await this.#ssm.send(new DeleteParametersCommand({ Names: [ROUTES_PARAMETER] }));
    if (document !== undefined) {
      const Value = typeof document === 'string' ? document : JSON.stringify(document);
      await this.#ssm.send(new PutParameterCommand({ Name: ROUTES_PARAMETER, Type: 'String', Value }));
    }
    await this.startAfresh();
  }

  /** As if a build had been heard of long ago: the watch looks for its end. */
  async makeOverdue({ id }: StartedBuild): Promise<void> {
    const TableName = await new Stacks(this.account).physicalId(SERVICE_STACK, 'NoticeTable');
    await this.#dynamo.send(
      new UpdateItemCommand({
        TableName,
        Key: { id: { S: `build#${id}` } },
        UpdateExpression: 'SET due = due - :age',
        ExpressionAttributeValues: { ':age': { N: String(OVERDUE_MS) } },
      }),
    );
  }

  /** What the schedule does. @returns the error's message where the watch failed */
  async watch(): Promise<string | undefined> {
    const { FunctionError, Payload } = await this.#lambda.send(new InvokeCommand({ FunctionName: WATCH_FUNCTION }));
    return FunctionError === undefined ? undefined : JSON.parse(Buffer.from(Payload ?? []).toString()).errorMessage;
  }

  async deleteParameter(): Promise<void> {
    await this.#ssm.send(new DeleteParametersCommand({ Names: [SLACK_PARAMETER] }));
  }

  /** As Lambda does sooner or later: the next invocation starts in a new environment, which has read no parameter yet. */
  async startAfresh(Timeout = 60): Promise<void> {
    await this.#lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: NOTICE_FUNCTION, Timeout }));
  }

  /** How often the function read the webhook's parameter since a call's number. */
  async parameterReads(since: number): Promise<number> {
    const { calls } = await this.account.emulator.calls(since);
    const own = calls.filter(({ principal }) => principal.includes(`assumed-role/${NOTICE_FUNCTION}-`));
    const secrets = own.filter(({ request }) => JSON.stringify(request).includes(SLACK_PARAMETER));
    return secrets.filter(({ operation }) => operation === 'GetParameter').length;
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
