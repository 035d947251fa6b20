import { describe, expect, it } from '@jest/globals';
import {
  at,
  isObject,
  type Json,
  type JsonObject,
  object,
  section,
  templateOf,
  textOf,
  usesOf,
} from './cloudformation.ts';

const NESTED = ['ecr', 'build-logs', 'codebuild-role', 'codebuild'] as const;
const ALL = ['main', ...NESTED, 'deploy-user'] as const;

function pathOf(name: string): string {
  return `pipeline/${name}.yaml`;
}

const main = templateOf(pathOf('main'));

function resource(template: JsonObject, name: string): JsonObject {
  return object(at(template, 'Resources', name), name);
}

function exportsOf(template: JsonObject): Record<string, Json> {
  const exported = section(template, 'Outputs').filter(([, output]) => 'Export' in output);
  return Object.fromEntries(
    exported.map(([, output]) => [String(at(output, 'Export', 'Name', 'Fn::Sub')), at(output, 'Value')]),
  );
}

describe.each(ALL)('pipeline/%s.yaml', (name) => {
  const template = templateOf(pathOf(name));
  const text = textOf(pathOf(name));

  it('says in its header what it is, what for, and how it is deployed', () => {
    const header = text.slice(0, text.indexOf('\nAWSTemplateFormatVersion'));
    expect(header.split('\n')[0]).toBe(`# ${pathOf(name)}`);
    expect(header).toMatch(/^#.*sam deploy --config-env (pipeline|deploy-user)$/m);
    expect(header.split('\n').every((line) => line.startsWith('#'))).toBe(true);
  });

  it('describes every parameter, and every one that is checked says what is right, by its name', () => {
    for (const [parameter, definition] of section(template, 'Parameters')) {
      expect(definition).toMatchObject({ Type: 'String', Description: expect.stringMatching(/\.$/) });
      expect('AllowedPattern' in definition || 'AllowedValues' in definition || 'MinLength' in definition).toBe(true);
      expect(String(definition['ConstraintDescription'])).toContain(`${parameter}:`);
    }
  });

  it('ends with its outputs', () => {
    expect(Object.keys(template).at(-1)).toBe('Outputs');
  });

  it('is plain CloudFormation', () => {
    expect(template).not.toHaveProperty('Transform');
    expect(section(template, 'Resources').filter(([, { Type }]) => String(Type).includes('Serverless'))).toEqual([]);
  });

  it('accepts the same project names as the others', () => {
    const names = section(template, 'Parameters').filter(([parameter]) => parameter === 'ProjectName');
    for (const [, { MinLength, MaxLength, AllowedPattern }] of names) {
      expect({ MinLength, MaxLength, AllowedPattern }).toEqual({
        MinLength: 2,
        MaxLength: 54,
        AllowedPattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
      });
    }
  });
});

describe('the contract with other stacks', () => {
  it.each([
    ['main', {}],
    [
      'ecr',
      {
        '${ProjectName}-ECR': { 'Fn::GetAtt': ['Repository', 'Arn'] },
        '${ProjectName}-ECR-Name': { Ref: 'Repository' },
      },
    ],
    [
      'build-logs',
      {
        '${ProjectName}-CloudWatchLogs-BuildLogGroup': { 'Fn::GetAtt': ['BuildLogGroup', 'Arn'] },
        '${ProjectName}-CloudWatchLogs-BuildLogGroup-Name': { Ref: 'BuildLogGroup' },
      },
    ],
    ['codebuild-role', { '${ProjectName}-Role-CodeBuild': { 'Fn::GetAtt': ['Role', 'Arn'] } }],
    ['codebuild', {}],
    ['deploy-user', {}],
  ])('%s exports exactly its names', (name, exported) => {
    expect(exportsOf(templateOf(pathOf(name)))).toEqual(exported);
  });

  it('siblings get values by parameters; only the service is imported', () => {
    expect(usesOf(main, 'Fn::ImportValue')).toEqual(['clean-exit-ServiceToken']);
    for (const name of NESTED) {
      expect(usesOf(templateOf(pathOf(name)), 'Fn::ImportValue')).toEqual([]);
    }
  });
});

describe('the nesting', () => {
  const stacks = section(main, 'Resources').filter(([, { Type }]) => Type === 'AWS::CloudFormation::Stack');

  it('holds the four templates by relative paths, so that sam deploy uploads them', () => {
    expect(stacks.map(([name, stack]) => [name, at(stack, 'Properties', 'TemplateURL')])).toEqual([
      ['Ecr', 'ecr.yaml'],
      ['BuildLogs', 'build-logs.yaml'],
      ['CodeBuildRole', 'codebuild-role.yaml'],
      ['CodeBuild', 'codebuild.yaml'],
    ]);
  });

  it.each(stacks)('%s gets every parameter that it declares, and no other', (_name, stack) => {
    const child = templateOf(`pipeline/${String(at(stack, 'Properties', 'TemplateURL'))}`);
    const given = object(at(stack, 'Properties', 'Parameters'), 'Parameters');
    expect(Object.keys(given).toSorted()).toEqual(
      section(child, 'Parameters')
        .map(([name]) => name)
        .toSorted(),
    );
  });

  it('reads only outputs that the children have', () => {
    const files = new Map(stacks.map(([name, stack]) => [name, String(at(stack, 'Properties', 'TemplateURL'))]));
    for (const use of usesOf(main, 'Fn::GetAtt')) {
      const [stack, output] = [String(at(use, 0)), String(at(use, 1)).replace('Outputs.', '')];
      expect(section(templateOf(`pipeline/${files.get(stack)}`), 'Outputs').map(([name]) => name)).toContain(output);
    }
  });

  it('creates ECR and build logs, then the role, then CodeBuild', () => {
    const dependencies = Object.fromEntries(
      stacks.map(([name, stack]) => [name, new Set(usesOf(stack, 'Fn::GetAtt').map((use) => at(use, 0)))]),
    );
    expect(dependencies).toEqual({
      Ecr: new Set(),
      BuildLogs: new Set(),
      CodeBuildRole: new Set(['Ecr', 'BuildLogs']),
      CodeBuild: new Set(['Ecr', 'BuildLogs', 'CodeBuildRole']),
    });
  });

  it('Custom::CleanExit depends on all of them, and asks for nothing but the defaults', () => {
    expect(resource(main, 'CleanExit')).toEqual({
      Type: 'Custom::CleanExit',
      DependsOn: stacks.map(([name]) => name),
      Properties: { ServiceToken: { 'Fn::ImportValue': 'clean-exit-ServiceToken' } },
    });
  });
});

describe('the resources', () => {
  const project = object(at(resource(templateOf(pathOf('codebuild')), 'Project'), 'Properties'), 'Project');

  it('the repository is called after the project and goes with its stack', () => {
    expect(resource(templateOf(pathOf('ecr')), 'Repository')).toMatchObject({
      Type: 'AWS::ECR::Repository',
      DeletionPolicy: 'Delete',
      Properties: { RepositoryName: { Ref: 'ProjectName' } },
    });
  });

  it('the build logs stay for 60 days', () => {
    expect(resource(templateOf(pathOf('build-logs')), 'BuildLogGroup')).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: { LogGroupName: { 'Fn::Sub': '${ProjectName}-build' }, RetentionInDays: 60 },
    });
  });

  it('every log group has a retention', () => {
    const groups = ALL.flatMap((name) => section(templateOf(pathOf(name)), 'Resources')).filter(
      ([, { Type }]) => Type === 'AWS::Logs::LogGroup',
    );
    expect(groups.map(([, group]) => typeof at(group, 'Properties', 'RetentionInDays'))).toEqual(['number']);
  });

  it('the project builds Docker images from a shallow clone, and keeps no artifacts', () => {
    expect(project).toMatchObject({
      Name: { Ref: 'RepositoryName' },
      Artifacts: { Type: 'NO_ARTIFACTS' },
      Source: { Type: 'GITHUB', GitCloneDepth: 1 },
      Environment: {
        Type: 'LINUX_CONTAINER',
        ComputeType: 'BUILD_GENERAL1_SMALL',
        Image: { Ref: 'BuildImage' },
        PrivilegedMode: true,
        EnvironmentVariables: [
          { Name: 'IMAGE_REPO_NAME', Type: 'PLAINTEXT', Value: { Ref: 'RepositoryName' } },
          { Name: 'AWS_ACCOUNT_ID', Type: 'PLAINTEXT', Value: { Ref: 'AWS::AccountId' } },
        ],
      },
      LogsConfig: { CloudWatchLogs: { Status: 'ENABLED', GroupName: { Ref: 'BuildLogGroupName' } } },
    });
    expect(at(main, 'Parameters', 'BuildImage', 'Default')).toBe('aws/codebuild/standard:8.0');
  });

  it('a push starts a build, a pull request never does', () => {
    const triggers = at(project, 'Triggers', 'Fn::If', 1);
    expect(at(project, 'Triggers', 'Fn::If', 0)).toBe('UseWebhook');
    expect(triggers).toEqual({
      Webhook: true,
      FilterGroups: [
        [
          { Type: 'EVENT', Pattern: 'PUSH' },
          { Type: 'HEAD_REF', Pattern: { Ref: 'WebhookHeadRefPattern' } },
        ],
      ],
    });
    expect(at(main, 'Parameters', 'Webhook', 'Default')).toBe('true');
  });

  it('GitHub is reached by connection, by secret, or by what the account has', () => {
    expect(at(project, 'Source', 'Auth')).toEqual({
      'Fn::If': [
        'UseConnection',
        { Type: 'CODECONNECTIONS', Resource: { Ref: 'ConnectionArn' } },
        {
          'Fn::If': [
            'UseTokenSecret',
            { Type: 'SECRETS_MANAGER', Resource: { Ref: 'GitHubTokenSecretArn' } },
            { Type: 'OAUTH' },
          ],
        },
      ],
    });
  });
});

it('no nested template asks for more of a parameter than main has checked already', () => {
  const checks = ['AllowedPattern', 'AllowedValues', 'MinLength', 'MaxLength'];
  const inMain = object(at(main, 'Parameters'), 'Parameters');
  for (const [name, definition] of NESTED.flatMap((file) => section(templateOf(pathOf(file)), 'Parameters'))) {
    const original = inMain[name];
    if (isObject(original)) {
      const pick = (from: JsonObject) => checks.map((check) => from[check]);
      expect([name, pick(definition)]).toEqual([name, pick(original)]);
    }
  }
});
