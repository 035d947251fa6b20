import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createPorts } from '#functions/aws/index.ts';
import { invokeAsync } from '#functions/aws/lambda.ts';
import { secureParameter } from '#functions/aws/ssm.ts';
import type { Ports } from '#functions/core/ports/index.ts';
import { AwsFailure } from '#functions/errors.ts';
import { IAM_METHODS } from './iam-methods.ts';
import { collect } from './sdk.ts';
import { type LocalAws, localAws } from './server.ts';

const BUCKET = { name: 'bucket', owner: '123456789012' };

/**
 * Every method of every port, over the container's own clients, against an AWS that throttles for ever: the failure names
 * the action that was really called, six attempts are made and counted, and the endpoint comes from the environment.
 */
const METHODS: readonly (readonly [action: string, call: (ports: Ports) => Promise<unknown>])[] = [
  ['cloudformation:DescribeStacks', ({ cloudFormation }) => cloudFormation.stack('s')],
  ['cloudformation:ListStackResources', ({ cloudFormation }) => cloudFormation.resources('s')],
  ['cloudformation:GetTemplate', ({ cloudFormation }) => cloudFormation.template('s')],
  ['cloudformation:ListImports', ({ cloudFormation }) => cloudFormation.importers('e')],
  ['cloudformation:DescribeStackEvents', ({ cloudFormation }) => cloudFormation.updateStartedAt('s')],
  ['cloudformation:DescribeStackEvents', ({ cloudFormation }) => cloudFormation.madeAt('s', 'Group')],
  ['ecr:DescribeRepositories', ({ ecr }) => ecr.repository('r')],
  ['ecr:DescribeImages', ({ ecr }) => collect(ecr.images('r'))],
  ['ecr:BatchDeleteImage', ({ ecr }) => ecr.deleteImages('r', ['sha256:0'])],
  ['ecr:GetRepositoryPolicy', ({ ecr }) => ecr.policy('r')],
  ['ecr:SetRepositoryPolicy', ({ ecr }) => ecr.setPolicy('r', '{}')],
  ['ecr:DeleteRepositoryPolicy', ({ ecr }) => ecr.deletePolicy('r')],
  ['logs:DescribeLogGroups', ({ logs }) => logs.logGroup('g')],
  ['logs:DescribeLogStreams', ({ logs }) => collect(logs.logStreams('g'))],
  ['logs:DeleteLogStream', ({ logs }) => logs.deleteLogStream('g', 's')],
  ['logs:PutLogGroupDeletionProtection', ({ logs }) => logs.disableDeletionProtection('g')],
  ['iam:GetRole', ({ iam }) => iam.role('r')],
  ['iam:ListAttachedRolePolicies', ({ iam }) => iam.attachedPolicies('r')],
  ['iam:ListRolePolicies', ({ iam }) => iam.inlinePolicies('r')],
  ['iam:ListInstanceProfilesForRole', ({ iam }) => iam.instanceProfiles('r')],
  ['iam:DetachRolePolicy', ({ iam }) => iam.detachPolicy('r', 'arn:aws:iam::aws:policy/ReadOnlyAccess')],
  ['iam:DeleteRolePolicy', ({ iam }) => iam.deleteInlinePolicy('r', 'p')],
  ['iam:RemoveRoleFromInstanceProfile', ({ iam }) => iam.removeFromInstanceProfile('r', 'p')],
  ['codebuild:BatchGetProjects', ({ codeBuild }) => codeBuild.project('p')],
  ['codebuild:ListBuildsForProject', ({ codeBuild }) => codeBuild.runningBuilds('p')],
  ['codebuild:BatchGetBuilds', ({ codeBuild }) => codeBuild.stillRunning('p', ['p:1'])],
  ['codebuild:StopBuild', ({ codeBuild }) => codeBuild.stopBuild('p', 'p:1')],
  ['codebuild:DeleteWebhook', ({ codeBuild }) => codeBuild.deleteWebhook('p')],
  ['codebuild:GetResourcePolicy', ({ codeBuild }) => codeBuild.hasResourcePolicy('arn')],
  ['codebuild:DeleteResourcePolicy', ({ codeBuild }) => codeBuild.deleteResourcePolicy('arn')],
  ['codebuild:BatchGetReportGroups', ({ codeBuild }) => codeBuild.reportGroup('arn')],
  ['codebuild:ListReportsForReportGroup', ({ codeBuild }) => collect(codeBuild.reports('arn'))],
  ['codebuild:DeleteReport', ({ codeBuild }) => codeBuild.deleteReport('group', 'report')],
  ['s3:GetBucketVersioning', ({ s3 }) => s3.bucket(BUCKET)],
  ['s3:ListBucketVersions', ({ s3 }) => collect(s3.versions(BUCKET))],
  ['s3:DeleteObjectVersion', ({ s3 }) => s3.deleteVersions(BUCKET, [{ key: 'k', versionId: 'v', isMarker: false }])],
  ['s3:ListBucketMultipartUploads', ({ s3 }) => collect(s3.uploads(BUCKET))],
  ['s3:AbortMultipartUpload', ({ s3 }) => s3.abortUpload(BUCKET, { key: 'k', uploadId: 'u' })],
  ['s3:GetBucketPolicy', ({ s3 }) => s3.policy(BUCKET)],
  ['s3:PutBucketPolicy', ({ s3 }) => s3.setPolicy(BUCKET, '{}')],
  ['s3:DeleteBucketPolicy', ({ s3 }) => s3.deletePolicy(BUCKET)],
  ['lambda:InvokeFunction', () => invokeAsync('f', {})],
  ['ssm:GetParameter', () => secureParameter('n')],
];

/** Not among the ports: the entries call them directly. */
const OUTSIDE_PORTS = new Set(['lambda:InvokeFunction', 'ssm:GetParameter']);

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
    const ports = createPorts();
    const requests = aws.requests();
    const failed = method(ports);
    await expect(failed).rejects.toBeInstanceOf(AwsFailure);
    await expect(failed).rejects.toMatchObject({ context: { action, status: 429 } });
    expect(ports.callsMade()).toEqual({ [action]: 6 });
    expect(aws.requests() - requests).toBe(6);
  });
});

describe.each(METHODS.filter(([action]) => !OUTSIDE_PORTS.has(action)))('%s', (action, method) => {
  it("ends with its caller's signal", async () => {
    const requests = aws.requests();
    const ports = createPorts({ signal: AbortSignal.abort() });
    await expect(method(ports)).rejects.toMatchObject({ context: { action, errorName: 'AbortError' } });
    expect(aws.requests()).toBe(requests);
  });
});

it('covers every method of every port', () => {
  const { cloudFormation, ecr, logs, iam, codeBuild, s3 } = createPorts();
  const methods = [cloudFormation, ecr, logs, iam, codeBuild, s3].flatMap((port) => Object.keys(port));
  expect(METHODS.length + IAM_METHODS.length).toBe(methods.length + OUTSIDE_PORTS.size);
});

it('has the real time', async () => {
  const { clock } = createPorts();
  const before = Date.now();
  await clock.sleep(20);
  // Timers may fire a millisecond early.
  expect(clock.now()).toBeGreaterThanOrEqual(before + 19);
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000);
});
