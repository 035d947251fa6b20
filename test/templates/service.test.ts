import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod/mini';
import { parseTemplate, type TemplateResource } from '#functions/core/template.ts';
import { BuildNoticeConfig } from '#functions/schemas/build-notice-config.ts';
import { CustomResourceConfig } from '#functions/schemas/custom-resource-config.ts';
import { StackNoticeConfig } from '#functions/schemas/stack-notice-config.ts';
import { TeardownConfig } from '#functions/schemas/teardown-config.ts';

const TEXT = readFileSync('template.yaml', 'utf8');
const RESOURCES = Object.entries(parseTemplate(TEXT).resources);
const ofType = (type: string): readonly (readonly [string, TemplateResource])[] =>
  RESOURCES.filter(([, resource]) => resource.type === type);

const FUNCTIONS = ofType('AWS::Serverless::Function');
const ROLES = ofType('AWS::IAM::Role');
const POLICIES = ofType('AWS::IAM::ManagedPolicy');

const strings = z.union([
  z.pipe(
    z.string(),
    z.transform((text) => [text]),
  ),
  z.array(z.string()),
]);
const Statement = z.object({
  Sid: z.string(),
  Effect: z.enum(['Allow', 'Deny']),
  Action: z._default(strings, []),
  NotAction: z.optional(z.string()),
  Resource: z.unknown(),
  Condition: z.optional(z.unknown()),
});
type Statement = z.output<typeof Statement>;
const Policy = z.object({ PolicyDocument: z.object({ Statement: z.array(z.unknown()) }) });

/** The statements of policies, those behind an Fn::If included. */
function statementsOf(policies: unknown): readonly Statement[] {
  return z
    .array(Policy)
    .parse(policies)
    .flatMap((policy) => policy.PolicyDocument.Statement)
    .map((statement) => {
      const conditional = z.object({ 'Fn::If': z.array(z.unknown()) }).safeParse(statement);
      return Statement.parse(conditional.success ? conditional.data['Fn::If'][1] : statement);
    });
}

const STATEMENTS = [
  ...ROLES.map(([name, { properties }]) => ({ name, policies: properties['Policies'] })),
  ...POLICIES.map(([name, { properties }]) => ({ name, policies: [properties] })),
].flatMap(({ name, policies }) => statementsOf(policies).map((statement) => ({ name, statement })));

/** Every ARN of a statement as the text that stands in the template. */
function arnsOf(resource: unknown): readonly string[] {
  const each: readonly unknown[] = Array.isArray(resource) ? resource : [resource];
  return each.map((value) => {
    const sub = z.object({ 'Fn::Sub': z.string() }).safeParse(value);
    return sub.success ? sub.data['Fn::Sub'] : typeof value === 'string' ? value : JSON.stringify(value);
  });
}

/** Their actions know no resource that they could be limited to. */
const WITHOUT_RESOURCE = ['ReadImports', 'ReadDeletedStacks', 'ReadReplication'];
const READ = /:(Describe|List|Get|BatchGet)/;

function ofThisAccount({ Condition }: Statement): boolean {
  const own = { StringEquals: { 'aws:ResourceAccount': { Ref: 'AWS::AccountId' } } };
  return JSON.stringify(Condition) === JSON.stringify(own);
}

describe('the functions of the service', () => {
  it('are those that the service has', () => {
    expect(FUNCTIONS.map(([name]) => name)).toEqual(['CustomResource', 'Teardown', 'BuildNotice', 'BuildWatch']);
  });

  it.each(FUNCTIONS)('%s has a role and a log group of its own', (name, { properties }) => {
    expect(properties).toMatchObject({
      FunctionName: expect.any(String),
      Role: { 'Fn::GetAtt': [`${name}Role`, 'Arn'] },
      LoggingConfig: { LogGroup: { Ref: `${name}Logs` } },
    });
    expect(properties).not.toHaveProperty('Policies');
  });

  it.each(FUNCTIONS.filter(([name]) => !['Teardown', 'BuildWatch'].includes(name)))(
    '%s, which is invoked asynchronously, has a failure queue of its own',
    (name, { properties }) => {
      const OnFailure = { Type: 'SQS', Destination: { 'Fn::GetAtt': [`${name}Failures`, 'Arn'] } };
      expect(properties).toMatchObject({ EventInvokeConfig: { DestinationConfig: { OnFailure } } });
    },
  );

  it('BuildWatch needs no queue: its schedule repeats it, and one run ends before the next', () => {
    const { Timeout, EventInvokeConfig } = RESOURCES.find(([id]) => id === 'BuildWatch')?.[1].properties ?? {};
    const rule = RESOURCES.find(([id]) => id === 'BuildWatchRule')?.[1].properties;
    expect(EventInvokeConfig).toMatchObject({ MaximumRetryAttempts: 0 });
    expect(rule).toMatchObject({
      ScheduleExpression: 'rate(15 minutes)',
      Targets: [{ Arn: { 'Fn::GetAtt': ['BuildWatch', 'Arn'] } }],
    });
    expect(Number(Timeout)).toBeLessThan(15 * 60);
    expect(RESOURCES.find(([id]) => id === 'BuildWatchPermission')?.[1].properties).toMatchObject({
      FunctionName: { Ref: 'BuildWatch' },
      SourceArn: { 'Fn::GetAtt': ['BuildWatchRule', 'Arn'] },
    });
  });

  it.each(FUNCTIONS)('%s logs where Lambda looks by default', (name, { properties }) => {
    const group = RESOURCES.find(([id]) => id === `${name}Logs`)?.[1];
    expect(group?.properties['LogGroupName']).toBe(`/aws/lambda/${String(properties['FunctionName'])}`);
  });

  it.each(FUNCTIONS)('%s has its entry as a file', (_, { raw, properties }) => {
    const { BuildProperties } = z
      .object({ BuildProperties: z.object({ EntryPoints: z.array(z.string()), Format: z.literal('esm') }) })
      .parse(raw['Metadata']);
    const [entry = ''] = BuildProperties.EntryPoints;
    expect(readFileSync(`functions/${entry}`, 'utf8')).toContain('export const handler');
    expect(properties['Handler']).toBe(entry.replace('.ts', '.handler'));
  });

  it('may run as long as their work takes', () => {
    const seconds = FUNCTIONS.map(([name, { properties }]) => [name, properties['Timeout']]);
    expect(seconds).toEqual([
      ['CustomResource', 900],
      ['Teardown', 300],
      ['BuildNotice', 60],
      ['BuildWatch', 300],
    ]);
  });

  it('hands over early enough, and less than CloudFormation waits', () => {
    const { Parameters } = z
      .object({ Parameters: z.record(z.string(), z.record(z.string(), z.unknown())) })
      .parse(parameters());
    const seconds = Parameters['HandoverSeconds'];
    expect(seconds).toMatchObject({ Default: 60, MinValue: 10, MaxValue: 890 });
    for (const bound of [60, 10, 890]) {
      expect(CustomResourceConfig.parse({ HANDOVER_SECONDS: String(bound) }).HANDOVER_SECONDS).toBe(bound);
    }
    const age = FUNCTIONS[0]?.[1].properties['EventInvokeConfig'];
    expect(age).toMatchObject({ MaximumEventAgeInSeconds: 3600 });
  });

  it.each([
    ['CustomResource', [CustomResourceConfig]],
    ['Teardown', [TeardownConfig, StackNoticeConfig]],
    ['BuildNotice', [BuildNoticeConfig]],
    ['BuildWatch', [BuildNoticeConfig]],
  ])('%s is given the environment that it reads, and nothing else', (name, schemas) => {
    const environment = FUNCTIONS.find(([id]) => id === name)?.[1].properties['Environment'];
    const { Variables } = z.object({ Variables: z.record(z.string(), z.unknown()) }).parse(environment);
    const read = schemas.flatMap((schema) => Object.keys(schema.shape));
    expect(Object.keys(Variables).sort()).toEqual(read.sort());
  });

  it('keeps the name that other stacks hold', () => {
    expect(FUNCTIONS[0]?.[1].properties).toMatchObject({
      FunctionName: 'clean-exit-custom-resource',
      RecursiveLoop: 'Allow',
    });
    expect(FUNCTIONS[0]?.[1].properties).not.toHaveProperty('AutoPublishAlias');
    expect(TEXT).toContain('Export: { Name: clean-exit-ServiceToken }');
  });
});

/** The Parameters section, by way of a resource: one parser is enough. */
function parameters(): unknown {
  const section = /^Parameters:\n([\s\S]*?)^Conditions:/m.exec(TEXT)?.[1] ?? '';
  const as = parseTemplate(`Resources:\n${section}`).resources;
  return { Parameters: Object.fromEntries(Object.entries(as).map(([name, { raw }]) => [name, raw])) };
}

describe('the rights of the service', () => {
  it('has statements to look at', () => {
    expect(STATEMENTS.length).toBeGreaterThan(12);
  });

  it.each(STATEMENTS.filter(({ statement }) => statement.Sid !== 'NeverWithOwnRights'))(
    '$name $statement.Sid names actions one by one',
    ({ statement }) => {
      expect(statement.Action).not.toEqual([]);
      for (const action of statement.Action) {
        expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
      }
    },
  );

  it('denies everything that CloudFormation would do with the rights of the teardown itself', () => {
    const found = STATEMENTS.filter(({ statement }) => statement.Sid === 'NeverWithOwnRights');
    expect(found).toMatchObject([
      { name: 'TeardownRole', statement: { Effect: 'Deny', Action: [], NotAction: 'iam:PassRole', Resource: '*' } },
    ]);
    expect(TEXT).toContain(
      "Condition: { 'ForAnyValue:StringEquals': { aws:CalledVia: [cloudformation.amazonaws.com] } }",
    );
  });

  it.each(STATEMENTS.filter(({ statement }) => statement.Effect === 'Allow'))(
    '$name $statement.Sid stays in account and Region',
    ({ statement }) => {
      for (const arn of arnsOf(statement.Resource)) {
        const generated = /^\{"(Fn::GetAtt|Ref)":/.test(arn) || /^\$\{\w+\.Arn\}/.test(arn);
        const bare =
          arn === '*' &&
          WITHOUT_RESOURCE.includes(statement.Sid) &&
          statement.Action.every((action) => READ.test(action));
        const region = arn.startsWith('arn:${AWS::Partition}:iam:') ? '' : '${AWS::Region}';
        const scoped =
          arn.split(':').slice(0, 2).join(':') === 'arn:${AWS' && arn.includes(`:${region}:\${AWS::AccountId}:`);
        // An S3 ARN names neither: the condition says the account.
        const bucket = arn.startsWith('arn:${AWS::Partition}:s3:::') && ofThisAccount(statement);
        expect({ arn, fine: generated || bare || scoped || bucket }).toEqual({ arn, fine: true });
      }
    },
  );

  it.each([
    ['EmptyRepositories', ':repository/${RepositoryPrefix}*'],
    ['EmptyLogGroups', ':log-group:${LogGroupPrefix}*'],
    ['StripRoles', ':role/${RolePrefix}*'],
    ['StripUsers', ':user/${UserPrefix}*'],
    ['EmptyGroups', ':group/${GroupPrefix}*'],
    ['DeletePolicyVersions', ':policy/${PolicyPrefix}*'],
    ['QuietProjects', ':project/${ProjectPrefix}*'],
    ['EmptyReportGroups', ':report-group/${ReportGroupPrefix}*'],
    ['EmptyBuckets', ':s3:::${BucketPrefix}*'],
  ])('%s is limited by its parameter', (sid, end) => {
    const [arn, ...more] = STATEMENTS.filter(({ statement }) => statement.Sid === sid).flatMap(({ statement }) =>
      arnsOf(statement.Resource),
    );
    expect(more).toEqual([]);
    expect(arn?.endsWith(end)).toBe(true);
  });

  it('writes nothing that is not limited by a parameter, but for a reason', () => {
    const free = STATEMENTS.filter(({ statement }) => statement.Effect === 'Allow')
      .filter(({ statement }) => statement.Action.some((action) => !READ.test(action)))
      .filter(({ statement }) => !arnsOf(statement.Resource).every((arn) => /Prefix\}\*$/.test(arn)))
      .map(({ name, statement }) => `${name} ${statement.Sid}`);
    expect(free).toEqual([
      'CustomResourceRole WriteOwnLog',
      'CustomResourceRole ReportFailure',
      'CustomResourceRole ContinueInNewInvocation',
      'TeardownStateMachineRole InvokeTeardown',
      'TeardownRole WriteOwnLog',
      'TeardownRole DecryptSlackWebhook',
      'TeardownRole DeleteStacks',
      'TeardownRole UnprotectStacks',
      'TeardownRole DeleteOrphanedLogGroups',
      'TeardownRole PassDeleteRole',
      'BuildNoticeRole WriteOwnLog',
      'BuildNoticeRole ReportFailure',
      'BuildWatchRole WriteOwnLog',
      'BuildWatchRole ListOpenBuilds',
      'CleanPolicy TakeRolesOutOfInstanceProfiles',
      'CleanPolicy DeleteUnusedVirtualDevices',
      'NoticePolicy RememberNotices',
      'NoticePolicy DecryptSlackWebhook',
    ]);
  });

  it('may not bring a deleted log group back', () => {
    const actions = STATEMENTS.flatMap(({ statement }) => statement.Action);
    expect(actions).not.toContain('logs:CreateLogGroup');
    const own = POLICIES.map(([name]) => ({ Ref: name }));
    for (const [, { properties }] of ROLES) {
      for (const attached of z.array(z.unknown()).parse(properties['ManagedPolicyArns'] ?? [])) {
        expect(own).toContainEqual(attached);
      }
    }
  });

  it.each(POLICIES)('%s fits into a managed policy', (_, { properties }) => {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: 6,144 characters without white space.
    const text = JSON.stringify(properties['PolicyDocument'])
      .replaceAll('${AWS::Region}', 'ap-northeast-1')
      .replaceAll('${AWS::AccountId}', '123456789012')
      .replaceAll('${AWS::Partition}', 'aws')
      .replace(/\$\{\w+Prefix\}/g, 'a-prefix-of-32-characters-or-less');
    expect(text.length).toBeLessThan(6144);
  });

  it('denies what no template may ask for, for every action on roles and logs that is allowed', () => {
    const actions = (effect: string, sids: readonly string[]) =>
      STATEMENTS.filter(({ statement }) => statement.Effect === effect && sids.includes(statement.Sid)).flatMap(
        ({ statement }) => statement.Action,
      );
    const onRoles = [...actions('Allow', ['StripRoles']), 'iam:DeleteRolePermissionsBoundary'];
    expect(actions('Deny', ['NeverTheseRoles'])).toEqual(onRoles);
    expect(actions('Deny', ['NeverOwnPolicies'])).toEqual(actions('Allow', ['DeletePolicyVersions']));
    expect(actions('Deny', ['NeverOwnLogs'])).toEqual(actions('Allow', ['EmptyLogGroups']));
    expect(actions('Deny', ['NeverDeploymentBuckets'])).toEqual(actions('Allow', ['EmptyBuckets']));
    const denied = STATEMENTS.filter(({ statement }) => statement.Effect === 'Deny').flatMap(({ statement }) =>
      arnsOf(statement.Resource),
    );
    for (const [, role] of ROLES) {
      const { 'Fn::Sub': name } = z.object({ 'Fn::Sub': z.string() }).parse(role.properties['RoleName']);
      const covered = (arn: string) =>
        arn.endsWith('-*') && `:role/${name}`.startsWith(arn.slice(arn.indexOf(':role/'), -1));
      expect({ name, covered: denied.some(covered) }).toEqual({ name, covered: true });
    }
    for (const end of [':role/aws-service-role/*', ':role/aws-reserved/*', ':s3:::aws-sam-cli-managed-default-*']) {
      expect(denied.some((arn) => arn.endsWith(end))).toBe(true);
    }
    for (const [, group] of ofType('AWS::Logs::LogGroup')) {
      const name = String(group.properties['LogGroupName']);
      expect(denied.filter((arn) => arn.endsWith(`:${name}`) || arn.endsWith(`:${name}:*`))).toHaveLength(2);
    }
  });

  it('gives a reason beside each statement', () => {
    const lines = TEXT.split('\n');
    const without = lines.filter((line, index) => /^\s+- Sid: /.test(line) && !/^\s+# \S/.test(lines[index - 1] ?? ''));
    expect(without).toEqual([]);
  });
});

describe('what the notices remember', () => {
  const table = RESOURCES.find(([id]) => id === 'NoticeTable')?.[1];

  it('costs nothing while nothing is built, is encrypted, forgets, and goes with the stack', () => {
    expect(table?.properties).toMatchObject({
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    });
    expect(table?.raw).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
    expect(table?.properties).not.toHaveProperty('TableName');
  });

  it('is kept longer than a failure queue keeps an event, so that an event sent again finds what was told', () => {
    const [, days] = /BUILD_KEPT_MS = (\d+) \* DAY_MS/.exec(readFileSync('functions/aws/dynamodb.ts', 'utf8')) ?? [];
    const queues = ofType('AWS::SQS::Queue').map(([, { properties }]) => Number(properties['MessageRetentionPeriod']));
    expect(Number(days) * 24 * 60 * 60).toBeGreaterThan(Math.max(...queues));
  });
});

describe('what watches the service', () => {
  it('tells the version of the package', () => {
    const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync('package.json', 'utf8')));
    expect(/\n {2}Version:\n {4}Description: .*\n {4}Value: (.+)\n/.exec(TEXT)?.[1]).toBe(version);
  });

  it('keeps every log for a stated time', () => {
    expect(ofType('AWS::Logs::LogGroup')).toHaveLength(FUNCTIONS.length);
    for (const [, { properties }] of ofType('AWS::Logs::LogGroup')) {
      expect(properties['RetentionInDays']).toEqual({ Ref: 'LogRetentionDays' });
    }
  });

  it.each(ofType('AWS::SQS::Queue'))('raises an alarm for what lies in %s', (name, { properties }) => {
    expect(properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 1209600 });
    expect(RESOURCES.find(([id]) => id === `${name}Alarm`)?.[1].properties).toMatchObject({
      Namespace: 'AWS/SQS',
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [name, 'QueueName'] } }],
    });
  });

  it.each(
    FUNCTIONS.flatMap(([name]) => [
      [name, 'Errors'],
      [name, 'Throttles'],
    ]),
  )('raises an alarm for %s: %s', (name, metric) => {
    expect(RESOURCES.find(([id]) => id === `${name}${metric}Alarm`)?.[1].properties).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: metric,
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: name } }],
    });
  });

  it.each(ofType('AWS::CloudWatch::Alarm'))('%s says what to do', (_, { properties }) => {
    const text = String(properties['AlarmDescription']);
    expect(text).toMatch(/\b(Read|Look|raise|Deploy|Mend|delete|purge|reserve)\b/);
    expect(text.length).toBeLessThanOrEqual(1024);
    expect(properties).toMatchObject({
      TreatMissingData: 'notBreaching',
      AlarmActions: {
        'Fn::If': [
          'HasAlarmTopic',
          [{ 'Fn::If': ['OwnAlarmTopic', { Ref: 'AlarmTopic' }, { Ref: 'AlarmTopicArn' }] }],
          { Ref: 'AWS::NoValue' },
        ],
      },
    });
  });

  it('sends alarms by e-mail where no topic is given', () => {
    const [topic, ...more] = ofType('AWS::SNS::Topic');
    expect(more).toEqual([]);
    expect(topic?.[0]).toBe('AlarmTopic');
    expect(topic?.[1].raw).toMatchObject({
      Condition: 'OwnAlarmTopic',
      Properties: { Subscription: [{ Protocol: 'email', Endpoint: { Ref: 'AlarmEmail' } }] },
    });
  });

  it('counts wrong routes documents by the code of their log line', () => {
    const [[, filter] = []] = ofType('AWS::Logs::MetricFilter');
    const transformations = z
      .array(z.object({ MetricNamespace: z.string(), MetricName: z.string() }))
      .parse(filter?.properties['MetricTransformations']);
    expect(filter?.properties).toMatchObject({
      LogGroupName: { Ref: 'BuildNoticeLogs' },
      FilterPattern: '{ $.code = "ROUTES_WRONG" }',
    });
    expect(readFileSync('functions/log.ts', 'utf8')).toContain('  ROUTES_WRONG:');
    expect(RESOURCES.find(([id]) => id === 'RoutesWrongAlarm')?.[1].properties).toMatchObject({
      Namespace: transformations[0]?.MetricNamespace,
      MetricName: transformations[0]?.MetricName,
    });
  });

  it('lets EventBridge deliver, and keeps what it cannot deliver', () => {
    const rule = RESOURCES.find(([id]) => id === 'BuildNoticeRule')?.[1].properties;
    expect(rule).toMatchObject({
      EventPattern: { source: ['aws.codebuild'], 'detail-type': ['CodeBuild Build State Change'] },
      Targets: [
        {
          Arn: { 'Fn::GetAtt': ['BuildNotice', 'Arn'] },
          DeadLetterConfig: { Arn: { 'Fn::GetAtt': ['BuildNoticeUndelivered', 'Arn'] } },
        },
      ],
    });
    const from = { 'Fn::GetAtt': ['BuildNoticeRule', 'Arn'] };
    expect(RESOURCES.find(([id]) => id === 'BuildNoticePermission')?.[1].properties).toMatchObject({ SourceArn: from });
    expect(RESOURCES.find(([id]) => id === 'BuildNoticeUndeliveredPolicy')?.[1].properties).toMatchObject({
      PolicyDocument: { Statement: [{ Condition: { ArnEquals: { 'aws:SourceArn': from } } }] },
    });
  });
});

describe('the parameters of the service', () => {
  const { Parameters } = z
    .object({ Parameters: z.record(z.string(), z.object({ Description: z.string(), Default: z.unknown() })) })
    .parse(parameters());

  it.each(Object.entries(Parameters))('%s is described, and has a default', (_, { Description, Default }) => {
    expect(Description.length).toBeGreaterThan(20);
    expect(Default).toBeDefined();
  });

  it.each(Object.keys(Parameters))('%s: a wrong value is refused with its name and what is right', (name) => {
    expect(rawParameter(name)).toMatchObject({
      ConstraintDescription: expect.stringMatching(new RegExp(`^${name} is `)),
    });
  });

  it.each([
    'RepositoryPrefix',
    'LogGroupPrefix',
    'RolePrefix',
    'UserPrefix',
    'GroupPrefix',
    'PolicyPrefix',
    'ProjectPrefix',
    'NoticeProjectPrefix',
  ])('%s admits no wildcard, which would widen a right', (name) => {
    const { AllowedPattern } = z.object({ AllowedPattern: z.string() }).parse(rawParameter(name));
    const pattern = new RegExp(`^(?:${AllowedPattern})$`);
    expect(['', 'team-a-'].map((value) => pattern.test(value))).toEqual([true, true]);
    expect(['*', 'team-?', '${x}', 'a b'].map((value) => pattern.test(value))).toEqual([false, false, false, false]);
  });

  it.each(['EmulatorResponseHost', 'EmulatorSlackHost'])(
    '%s is off by default, and never leaves the machine',
    (name) => {
      const { AllowedPattern, Default } = z
        .object({ AllowedPattern: z.string(), Default: z.string() })
        .parse(rawParameter(name));
      const pattern = new RegExp(`^(?:${AllowedPattern})$`);
      expect(Default).toBe('');
      expect(['', '127.0.0.1:4566', 'localhost:1'].map((value) => pattern.test(value))).toEqual([true, true, true]);
      expect(['example.com:80', '127.0.0.1', '10.0.0.1:80', '127x0.0.1:80'].some((value) => pattern.test(value))).toBe(
        false,
      );
    },
  );
});

function rawParameter(name: string): unknown {
  return z.object({ Parameters: z.record(z.string(), z.unknown()) }).parse(parameters()).Parameters[name];
}

describe('samconfig.toml', () => {
  const sections = readFileSync('samconfig.toml', 'utf8')
    .split(/^\[/m)
    .slice(1)
    .map((section) => section.replace(/^#.*$/gm, ''));
  const deploy = (environment: string) =>
    sections.find((section) => section.startsWith(`${environment}.deploy.parameters]`)) ?? '';

  it('uses the packages of the checkout: SAM never runs npm, and no cache hides a change', () => {
    const build = sections.find((section) => section.startsWith('default.build.parameters]'));
    expect(build).toContain('build_in_source = true');
    expect(build).not.toContain('cached');
    expect(TEXT).toContain('    CodeUri: functions\n');
  });

  it.each([
    ['pipeline', 'pipeline/main.yaml'],
    ['deploy-user', 'pipeline/deploy-user.yaml'],
  ])("%s names its template, or SAM would take the service's", (environment, template) => {
    const section = deploy(environment);
    expect(section).toContain(`template_file = "${template}"`);
    const declared = readFileSync(template, 'utf8');
    const parameterNames = [...section.matchAll(/"([A-Za-z]+)=/g)].map(([, name]) => name);
    expect(parameterNames.length).toBeGreaterThan(0);
    for (const name of parameterNames) {
      expect(declared).toMatch(new RegExp(`^  ${name}:$`, 'm'));
    }
  });

  it.each(['default', 'pipeline', 'deploy-user'])('%s packages by itself, and may name roles', (environment) => {
    const section = deploy(environment);
    expect(section).toContain('resolve_s3 = true');
    expect(section).toContain('capabilities = "CAPABILITY_NAMED_IAM"');
    expect(section).toMatch(/stack_name = "(clean-exit|xxxx-build|xxxx-deploy-user)"/);
  });
});
