import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { at, type Json, listed, object, section, statementsIn, templateOf, textOf } from './cloudformation.ts';

const FILE = 'pipeline/delete-role.yaml';
const template = templateOf(FILE);
const role = object(at(template, 'Resources', 'DeleteRole'), 'DeleteRole');
const statements = statementsIn(at(role, 'Properties', 'Policies'));
const arn = (service: string, rest: string) =>
  `arn:\${AWS::Partition}:${service}:${service === 'iam' ? '' : '${AWS::Region}'}:\${AWS::AccountId}:${rest}`;

/**
 * What deleting a type takes: the permissions of its delete handler (`aws cloudformation describe-type`), but for those that
 * no resource of the pipeline has anything for. A type without handlers has the calls that undo it.
 */
const DELETES: Readonly<Record<string, readonly string[]>> = {
  'AWS::CloudFormation::Stack': ['cloudformation:DeleteStack', 'cloudformation:DescribeStacks'],
  'Custom::CleanExit': ['lambda:InvokeFunction'],
  'AWS::ECR::Repository': ['ecr:DeleteRepository'],
  'AWS::Logs::LogGroup': ['logs:DeleteLogGroup', 'logs:DeleteDataProtectionPolicy', 'logs:DescribeLogGroups'],
  'AWS::IAM::Role': [
    'iam:GetRole',
    'iam:ListRolePolicies',
    'iam:ListAttachedRolePolicies',
    'iam:DeleteRolePolicy',
    'iam:DetachRolePolicy',
    'iam:DeleteRole',
  ],
  'AWS::CodeBuild::Project': ['codebuild:BatchGetProjects', 'codebuild:DeleteWebhook', 'codebuild:DeleteProject'],
  'AWS::IAM::User': [
    'iam:GetUser',
    'iam:GetLoginProfile',
    'iam:GetUserPolicy',
    'iam:ListAccessKeys',
    'iam:ListAttachedUserPolicies',
    'iam:ListGroupsForUser',
    'iam:ListUserPolicies',
    'iam:DeleteAccessKey',
    'iam:DeleteLoginProfile',
    'iam:DeleteUserPolicy',
    'iam:DetachUserPolicy',
    'iam:DeleteUser',
    'iam:RemoveUserFromGroup',
  ],
  'AWS::IAM::Group': [
    'iam:GetGroup',
    'iam:GetGroupPolicy',
    'iam:ListAttachedGroupPolicies',
    'iam:ListGroupPolicies',
    'iam:DeleteGroupPolicy',
    'iam:DetachGroupPolicy',
    'iam:DeleteGroup',
  ],
  'AWS::IAM::UserToGroupAddition': ['iam:RemoveUserFromGroup'],
};

/** The types that pipelines and deploy users hold. */
const types = readdirSync('pipeline')
  .filter((file) => file.endsWith('.yaml') && !FILE.endsWith(file))
  .flatMap((file) => section(templateOf(`pipeline/${file}`), 'Resources').map(([, { Type = '' }]) => String(Type)));

const actionsOf = ({ Action = [] }: { readonly [key: string]: Json }): readonly Json[] => listed(Action);
const resourcesOf = ({ Resource = [] }: { readonly [key: string]: Json }): readonly Json[] =>
  listed(Resource).map((each) => at(each, 'Fn::Sub'));

describe('the delete role', () => {
  it('serves CloudFormation only, for this account where it says so, and outlives its stack', () => {
    expect(role).toMatchObject({ Type: 'AWS::IAM::Role', DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
    expect(at(role, 'Properties', 'AssumeRolePolicyDocument', 'Statement')).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'cloudformation.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: { StringEqualsIfExists: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
    expect(role['Properties']).not.toHaveProperty('ManagedPolicyArns');
    // Another role of the same name could not be made while the first one outlives its stack.
    expect(role['Properties']).not.toHaveProperty('RoleName');
  });

  it('may do what deleting the types of the pipeline takes, and nothing else', () => {
    const wanted = [...new Set(types)].flatMap((type) => DELETES[type] ?? [`nobody knows what deleting ${type} takes`]);
    expect(statements.flatMap(actionsOf).toSorted()).toEqual([...new Set(wanted)].toSorted());
    expect(Object.keys(DELETES).toSorted()).toEqual([...new Set(types)].toSorted());
  });

  it('may do it to what begins with the prefix and is called as the pipeline calls it', () => {
    expect(statements.map((statement) => [statement['Sid'], resourcesOf(statement)])).toEqual([
      ['DeleteNestedStacks', [arn('cloudformation', 'stack/${ProjectPrefix}*')]],
      ['AskCleanExit', [arn('lambda', 'function:clean-exit-custom-resource')]],
      ['DeleteRepositories', [arn('ecr', 'repository/${ProjectPrefix}*')]],
      [
        'DeleteBuildLogs',
        [arn('logs', 'log-group:${ProjectPrefix}*-build'), arn('logs', 'log-group:${ProjectPrefix}*-build:*')],
      ],
      ['FindBuildLogs', [arn('logs', 'log-group:*')]],
      ['DeleteBuildRoles', [arn('iam', 'role/${ProjectPrefix}*-codebuild')]],
      ['DeleteProjects', [arn('codebuild', 'project/${ProjectPrefix}*')]],
      ['DeleteDeployUsers', [arn('iam', 'user/${ProjectPrefix}*_deploy')]],
      ['DeleteDeployGroups', [arn('iam', 'group/${ProjectPrefix}*-developers')]],
    ]);
  });

  it('gives a reason beside each statement', () => {
    const lines = textOf(FILE).split('\n');
    const without = lines.filter((line, index) => /^\s+- Sid: /.test(line) && !/^\s+# \S/.test(lines[index - 1] ?? ''));
    expect(without).toEqual([]);
  });

  it('has a section of its own in samconfig.toml', () => {
    const [, deploy = ''] = textOf('samconfig.toml').split('[delete-role.deploy.parameters]');
    expect(deploy).toContain(`template_file = "${FILE}"`);
    expect(deploy).toContain('stack_name = "clean-exit-delete-role"');
  });
});
