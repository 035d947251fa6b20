import { describe, expect, it } from '@jest/globals';
import { at, isObject, listed, statementsIn, templateOf, textOf } from './cloudformation.ts';

const role = at(templateOf('pipeline/codebuild-role.yaml'), 'Resources', 'Role', 'Properties');
const deployUser = templateOf('pipeline/deploy-user.yaml');

const LOG_IN = { Sid: 'LogInToRegistry', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' };
const LOG_GROUP = 'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${BuildLogGroupName}';

describe('the role of the builds', () => {
  it('is called after the project and serves CodeBuild only', () => {
    expect(role).toMatchObject({
      RoleName: { 'Fn::Sub': '${ProjectName}-codebuild' },
      AssumeRolePolicyDocument: {
        Statement: [{ Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
    });
    expect(role).not.toHaveProperty('ManagedPolicyArns');
  });

  it('has one inline policy, with exactly these statements', () => {
    expect(at(role, 'Policies')).toHaveLength(1);
    expect(at(role, 'Policies', 0, 'PolicyName')).toEqual({ 'Fn::Sub': '${ProjectName}-codebuild-role' });
    expect(at(role, 'Policies', 0, 'PolicyDocument', 'Statement')).toEqual([
      LOG_IN,
      {
        Sid: 'PullOwnImages',
        Effect: 'Allow',
        Action: ['ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage', 'ecr:BatchCheckLayerAvailability'],
        Resource: { Ref: 'RepositoryArn' },
      },
      {
        Sid: 'PushOwnImages',
        Effect: 'Allow',
        Action: ['ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:PutImage'],
        Resource: { Ref: 'RepositoryArn' },
      },
      {
        Sid: 'WriteBuildLog',
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: [{ 'Fn::Sub': LOG_GROUP }, { 'Fn::Sub': `${LOG_GROUP}:*` }],
      },
      {
        'Fn::If': [
          'HasConnection',
          {
            Sid: 'UseGitHubConnection',
            Effect: 'Allow',
            Action: [
              'codeconnections:GetConnectionToken',
              'codeconnections:GetConnection',
              'codeconnections:UseConnection',
              'codestar-connections:GetConnectionToken',
              'codestar-connections:GetConnection',
              'codestar-connections:UseConnection',
            ],
            Resource: { Ref: 'ConnectionArn' },
          },
          { Ref: 'AWS::NoValue' },
        ],
      },
      {
        'Fn::If': [
          'HasTokenSecret',
          {
            Sid: 'ReadGitHubToken',
            Effect: 'Allow',
            Action: 'secretsmanager:GetSecretValue',
            Resource: { Ref: 'GitHubTokenSecretArn' },
          },
          { Ref: 'AWS::NoValue' },
        ],
      },
    ]);
  });

  it('hands a connection or a secret on only when there is one', () => {
    expect(at(templateOf('pipeline/codebuild-role.yaml'), 'Conditions')).toEqual({
      HasConnection: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'ConnectionArn' }, ''] }] },
      HasTokenSecret: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'GitHubTokenSecretArn' }, ''] }] },
    });
  });
});

describe('the deploy user', () => {
  const group = at(deployUser, 'Resources', 'Developers', 'Properties');

  it('has its rights from the group alone', () => {
    expect(at(deployUser, 'Resources', 'DeployUser')).toEqual({
      Type: 'AWS::IAM::User',
      Properties: { UserName: { 'Fn::Sub': '${ProjectName}_deploy' }, Groups: [{ Ref: 'Developers' }] },
    });
    expect(group).toMatchObject({ GroupName: { 'Fn::Sub': '${ProjectName}-developers' } });
    expect(at(group, 'Policies', 0, 'PolicyName')).toEqual({ 'Fn::Sub': '${ProjectName}-developers-policy' });
  });

  it('may log in, and read the repositories that it imports', () => {
    expect(at(group, 'Policies')).toHaveLength(1);
    expect(at(group, 'Policies', 0, 'PolicyDocument', 'Statement')).toEqual([
      LOG_IN,
      {
        Sid: 'PullImages',
        Effect: 'Allow',
        Action: [
          'ecr:BatchCheckLayerAvailability',
          'ecr:GetDownloadUrlForLayer',
          'ecr:GetRepositoryPolicy',
          'ecr:DescribeRepositories',
          'ecr:ListImages',
          'ecr:DescribeImages',
          'ecr:BatchGetImage',
        ],
        Resource: [
          { 'Fn::ImportValue': { 'Fn::Sub': '${ProjectName}-ECR' } },
          ...Array.from({ length: 9 }, (_, index) => ({
            'Fn::If': [
              `HasFurther${index + 1}`,
              { 'Fn::ImportValue': { 'Fn::Sub': `\${FurtherProject${index + 1}}-ECR` } },
              { Ref: 'AWS::NoValue' },
            ],
          })),
        ],
      },
    ]);
  });

  it('each place for a further project has the condition of its own number', () => {
    for (let place = 1; place <= 9; place += 1) {
      expect(at(deployUser, 'Conditions', `HasFurther${place}`)).toEqual({
        'Fn::Not': [{ 'Fn::Equals': [{ Ref: `FurtherProject${place}` }, ''] }],
      });
    }
  });

  it('is cleaned before user and group are deleted', () => {
    expect(at(deployUser, 'Resources', 'CleanExit')).toEqual({
      Type: 'Custom::CleanExit',
      DependsOn: ['Developers', 'DeployUser'],
      Properties: { ServiceToken: { 'Fn::ImportValue': 'clean-exit-ServiceToken' } },
    });
  });

  it('lets further people join the group', () => {
    expect(at(deployUser, 'Resources', 'FurtherMembership')).toEqual({
      Type: 'AWS::IAM::UserToGroupAddition',
      Condition: 'HasFurtherMembers',
      Properties: { GroupName: { Ref: 'Developers' }, Users: { 'Fn::Split': [',', { Ref: 'FurtherMembers' }] } },
    });
  });
});

describe.each(['pipeline/codebuild-role.yaml', 'pipeline/deploy-user.yaml'])('every right in %s', (path) => {
  const statements = statementsIn(templateOf(path)).filter((statement) => 'Resource' in statement);
  const lines = textOf(path).split('\n');

  it('names its actions, and its resources wherever the action knows one', () => {
    for (const { Action, Resource, Effect } of statements.map((statement) => ({
      Action: listed(at(statement, 'Action')),
      Resource: listed(at(statement, 'Resource')),
      Effect: at(statement, 'Effect'),
    }))) {
      expect(Effect).toBe('Allow');
      expect(Action.filter((action) => !/^[a-z-]+:[A-Z][A-Za-z]+$/.test(String(action)))).toEqual([]);
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
      if (Resource.some((resource) => !isObject(resource) && String(resource).includes('*'))) {
        expect(Action).toEqual(['ecr:GetAuthorizationToken']);
      }
    }
  });

  it('has its reason beside it', () => {
    for (const statement of statements) {
      const line = lines.findIndex((text) => text.trim().endsWith(`Sid: ${String(at(statement, 'Sid'))}`));
      const above = lines.slice(Math.max(0, line - 3), line).map((text) => text.trim());
      expect([at(statement, 'Sid'), above.some((text) => text.startsWith('# '))]).toEqual([at(statement, 'Sid'), true]);
    }
  });
});
