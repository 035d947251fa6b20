/**
 * How far the rights of the custom resource reach, asked of IAM itself under the role: whatever the code tried, it could not do
 * more. First with the service as it is by default, then with prefixes.
 */
import { CloudFormationClient, DescribeStacksCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import {
  asRole,
  type ClientSettings,
  deployService,
  type LocalAccount,
  SERVICE_STACK,
  SLACK_PARAMETER,
  startLocalAccount,
} from '#scripts/lib/local-account.ts';
import { isDenied } from '#test/emulator/rights.ts';
import { CHANGES, OWN, WITHOUT_PREFIX } from './permissions/reach.ts';
import { RoleRights } from './permissions/role-rights.ts';
import { Stacks } from './support/stacks.ts';

const ROLE = 'clean-exit-custom-resource-ap-northeast-1';
const changes = Object.entries(CHANGES);
const onlyOf = (...actions: string[]) => changes.filter(([action]) => actions.includes(action));
let account: LocalAccount;
let role: ClientSettings;

jest.setTimeout(120_000);

beforeAll(async () => {
  account = await startLocalAccount();
  await deployService(account);
  role = await asRole(account, ROLE);
});

afterAll(async () => {
  await account?.stop();
});

test('every change that the role is allowed is tried', async () => {
  expect(await new RoleRights(account, ROLE).actions(`clean-exit-clean-${account.region}`)).toEqual(
    Object.keys(CHANGES).sort(),
  );
});

describe('what each function needs to run is its own', () => {
  const group = (name: string) => `/aws/lambda/clean-exit-${name}`;
  const queue = (logicalId: string) => new Stacks(account).physicalId(SERVICE_STACK, logicalId);
  const same = (name: string) => () => Promise.resolve(name);
  test.each([
    ['custom-resource', 'logs:CreateLogStream', same(group('custom-resource')), same(group('build-notice'))],
    ['custom-resource', 'logs:PutLogEvents', same(group('custom-resource')), same(group('build-notice'))],
    ['custom-resource', 'sqs:SendMessage', () => queue('CustomResourceFailures'), () => queue('BuildNoticeFailures')],
    ['custom-resource', 'lambda:InvokeFunction', same('clean-exit-custom-resource'), same('clean-exit-build-notice')],
    ['build-notice', 'logs:CreateLogStream', same(group('build-notice')), same(group('custom-resource'))],
    ['build-notice', 'logs:PutLogEvents', same(group('build-notice')), same(group('custom-resource'))],
    ['build-notice', 'sqs:SendMessage', () => queue('BuildNoticeFailures'), () => queue('CustomResourceFailures')],
    ['build-notice', 'ssm:GetParameter', same(SLACK_PARAMETER), same('/team/password')],
    ['build-notice', 'ssm:GetParameter', same('/clean-exit/webhooks/team-a'), same('/clean-exit/other')],
    ['build-notice', 'logs:GetLogEvents', same('xxxx-build'), same('/aws/lambda/of-somebody')],
    ['build-notice', 'logs:GetLogEvents', same('/aws/codebuild/xxxx'), same(group('custom-resource'))],
    ['build-watch', 'logs:CreateLogStream', same(group('build-watch')), same(group('build-notice'))],
    ['build-watch', 'ssm:GetParameter', same('/clean-exit/routes'), same('/team/password')],
  ])('%s: %s', async (name, action, own, foreign) => {
    const as = await asRole(account, `clean-exit-${name}-${account.region}`);
    const call = OWN[action] ?? (() => Promise.reject(new Error(`no call for ${action}`)));
    expect([
      await isDenied(async () => call(as, await own())),
      await isDenied(async () => call(as, await foreign())),
    ]).toEqual([false, true]);
  });
});

describe('without prefixes', () => {
  test.each(changes)('%s is allowed everywhere in the account', async (_action, change) => {
    expect(await isDenied(() => change(role, 'anything'))).toBe(false);
  });

  describe.each(onlyOf('iam:DetachRolePolicy', 'iam:DeleteRolePolicy', 'iam:DeleteRolePermissionsBoundary'))(
    'but %s',
    (action, change) => {
      test.each([ROLE, 'clean-exit-custom-resource-eu-west-1', 'clean-exit-build-notice-ap-northeast-1'])(
        'never on %s, a role of the service itself',
        async (name) => {
          expect(await isDenied(() => change(role, name))).toBe(true);
        },
      );

      test.each([
        ['/aws-service-role/codebuild.amazonaws.com/', 'AWSServiceRoleForExample', true],
        ['/aws-reserved/sso.amazonaws.com/ap-northeast-1/', 'AWSReservedSSO_Example', true],
        ['/team/', 'Example', false],
      ])('on a role below %s', async (Path, Name, denied) => {
        const RoleName = `${Name}${action.replace(':', '')}`;
        const trust = { Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' };
        const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
        await new IAMClient(account.root).send(new CreateRoleCommand({ Path, RoleName, AssumeRolePolicyDocument }));
        expect(await isDenied(() => change(role, RoleName))).toBe(denied);
      });
    },
  );

  describe.each(onlyOf('iam:DeletePolicyVersion'))('but %s', (_action, change) => {
    test.each([
      ['clean-exit-look-ap-northeast-1', true],
      ['clean-exit-never-eu-west-1', true],
      ['of-somebody-else', false],
    ])('on the policy %s', async (policy, denied) => {
      expect(await isDenied(() => change(role, policy))).toBe(denied);
    });
  });

  describe.each(onlyOf('logs:DeleteLogStream', 'logs:PutLogGroupDeletionProtection'))('but %s', (_action, change) => {
    test.each([
      ['/aws/lambda/clean-exit-custom-resource', true],
      ['/aws/lambda/clean-exit-build-notice', true],
      ['/aws/lambda/clean-exit-build-watch', true],
      ['/aws/lambda/clean-exit-of-somebody-else', false],
    ])('on the log group %s', async (group, denied) => {
      expect(await isDenied(() => change(role, group))).toBe(denied);
    });
  });
});

describe('without prefixes, on buckets', () => {
  const onBuckets = changes.filter(([action]) => action.startsWith('s3:'));
  test.each(onBuckets)('%s is never allowed on what the SAM CLI deployed', async (_action, change) => {
    expect(await isDenied(() => change(role, 'aws-sam-cli-managed-default-samclisourcebucket-1'))).toBe(true);
    expect(await isDenied(() => change(role, 'sam-cli-of-somebody'))).toBe(false);
  });
});

describe('with prefixes', () => {
  const prefixes = [
    'RepositoryPrefix',
    'LogGroupPrefix',
    'RolePrefix',
    'UserPrefix',
    'GroupPrefix',
    'PolicyPrefix',
    'ProjectPrefix',
    'BucketPrefix',
    'ReportGroupPrefix',
  ];

  beforeAll(async () => {
    const client = new CloudFormationClient(account.root);
    const { Stacks: found = [] } = await client.send(new DescribeStacksCommand({ StackName: SERVICE_STACK }));
    const Parameters = (found[0]?.Parameters ?? []).map(({ ParameterKey = '' }) =>
      prefixes.includes(ParameterKey)
        ? { ParameterKey, ParameterValue: 'team-a-' }
        : { ParameterKey, UsePreviousValue: true },
    );
    const update = { StackName: SERVICE_STACK, UsePreviousTemplate: true, Parameters };
    await client.send(
      new UpdateStackCommand({ ...update, Capabilities: ['CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'] }),
    );
    expect(await new Stacks(account).settled(found[0]?.StackId ?? '')).toMatchObject({ status: 'UPDATE_COMPLETE' });
  });

  const limited = changes.filter(([action]) => !WITHOUT_PREFIX.includes(action));

  test.each(limited)(
    '%s is allowed on what bears the prefix, and refused on anything else',
    async (_action, change) => {
      expect(await isDenied(() => change(role, 'team-a-report'))).toBe(false);
      for (const foreign of ['team-b-report', 'team-a', 'not-team-a-report', 'report']) {
        expect([foreign, await isDenied(() => change(role, foreign))]).toEqual([foreign, true]);
      }
    },
  );

  test.each(onlyOf(...WITHOUT_PREFIX))('%s knows no prefix', async (_action, change) => {
    expect(await isDenied(() => change(role, 'team-b-report'))).toBe(false);
  });
});
