import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { callsFromNow } from '#functions/aws/call-counter.ts';
import { createPorts } from '#functions/aws/index.ts';
import { invokeAsync } from '#functions/aws/lambda.ts';
import { secureParameter } from '#functions/aws/ssm.ts';
import type { Ports } from '#functions/core/ports/index.ts';
import { AwsFailure } from '#functions/errors.ts';
import { collect } from './sdk.ts';
import { type LocalAws, localAws } from './server.ts';

/**
 * Every method of every port, over the container's own clients, against an AWS that throttles for ever: the failure names
 * the action that was really called, six attempts are made and counted, and the endpoint comes from the environment.
 */
const { cloudFormation, ecr, logs, iam, codeBuild }: Ports = createPorts();

const METHODS: readonly (readonly [action: string, call: () => Promise<unknown>])[] = [
  ['cloudformation:DescribeStacks', () => cloudFormation.stack('s')],
  ['cloudformation:ListStackResources', () => cloudFormation.resources('s')],
  ['cloudformation:GetTemplate', () => cloudFormation.template('s')],
  ['cloudformation:ListImports', () => cloudFormation.importers('e')],
  ['cloudformation:DescribeStackEvents', () => cloudFormation.updateStartedAt('s')],
  ['ecr:DescribeRepositories', () => ecr.repository('r')],
  ['ecr:DescribeImages', () => collect(ecr.images('r'))],
  ['ecr:BatchDeleteImage', () => ecr.deleteImages('r', ['sha256:0'])],
  ['ecr:GetRepositoryPolicy', () => ecr.policy('r')],
  ['ecr:SetRepositoryPolicy', () => ecr.setPolicy('r', '{}')],
  ['ecr:DeleteRepositoryPolicy', () => ecr.deletePolicy('r')],
  ['logs:DescribeLogGroups', () => logs.logGroup('g')],
  ['logs:DescribeLogStreams', () => collect(logs.logStreams('g'))],
  ['logs:DeleteLogStream', () => logs.deleteLogStream('g', 's')],
  ['logs:PutLogGroupDeletionProtection', () => logs.disableDeletionProtection('g')],
  ['iam:GetRole', () => iam.role('r')],
  ['iam:ListAttachedRolePolicies', () => iam.attachedPolicies('r')],
  ['iam:ListRolePolicies', () => iam.inlinePolicies('r')],
  ['iam:ListInstanceProfilesForRole', () => iam.instanceProfiles('r')],
  ['iam:DetachRolePolicy', () => iam.detachPolicy('r', 'arn:aws:iam::aws:policy/ReadOnlyAccess')],
  ['iam:DeleteRolePolicy', () => iam.deleteInlinePolicy('r', 'p')],
  ['iam:RemoveRoleFromInstanceProfile', () => iam.removeFromInstanceProfile('r', 'p')],
  ['codebuild:BatchGetProjects', () => codeBuild.project('p')],
  ['codebuild:ListBuildsForProject', () => codeBuild.runningBuilds('p')],
  ['codebuild:BatchGetBuilds', () => codeBuild.stillRunning('p', ['p:1'])],
  ['codebuild:StopBuild', () => codeBuild.stopBuild('p', 'p:1')],
  ['codebuild:DeleteWebhook', () => codeBuild.deleteWebhook('p')],
  ['codebuild:GetResourcePolicy', () => codeBuild.hasResourcePolicy('arn')],
  ['codebuild:DeleteResourcePolicy', () => codeBuild.deleteResourcePolicy('arn')],
  ['lambda:InvokeFunction', () => invokeAsync('f', {})],
  ['ssm:GetParameter', () => secureParameter('n')],
];

const SET = ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
const before = new Map(SET.map((name) => [name, process.env[name]]));
let aws: LocalAws;

beforeAll(async () => {
  jest.spyOn(Math, 'random').mockReturnValue(0);
  aws = await localAws(() => ({ status: 429, body: '' }));
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  });
});

afterAll(async () => {
  for (const [name, value] of before) {
    if (value === undefined) {
      delete process.env[name];
    } else {
      process.env[name] = value;
    }
  }
  jest.restoreAllMocks();
  await aws.close();
});

describe.each(METHODS)('%s', (action, method) => {
  it('is what is called, six times, and what the failure names', async () => {
    const calls = callsFromNow();
    const requests = aws.requests();
    const failed = method();
    await expect(failed).rejects.toBeInstanceOf(AwsFailure);
    await expect(failed).rejects.toMatchObject({ context: { action, status: 429 } });
    expect(calls()).toEqual({ [action]: 6 });
    expect(aws.requests() - requests).toBe(6);
  });
});

it('covers every method of every port', () => {
  const methods = [cloudFormation, ecr, logs, iam, codeBuild].flatMap((port) => Object.keys(port));
  expect(METHODS).toHaveLength(methods.length + 2);
});
