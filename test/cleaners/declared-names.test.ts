import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { declaredPolicies, type Whose } from '#functions/cleaners/declared-names.ts';
import { matches } from '#functions/cleaners/declared-values.ts';
import type { StackNode, StackResource, StackTree } from '#functions/core/model.ts';

const ACCOUNT = '123456789012';
const ROLE = 'job-build-role';

function stackId(name: string): string {
  return `arn:aws-cn:cloudformation:cn-north-1:${ACCOUNT}:stack/${name}/0f9a`;
}

type Declared = Readonly<Record<string, unknown>>;

function resource(
  logicalId: string,
  type: string,
  physicalId: string,
  declared: Declared,
  stack = 'app',
): StackResource {
  return {
    stackId: stackId(stack),
    stackName: stack,
    logicalId,
    type,
    physicalId,
    status: 'CREATE_COMPLETE',
    deletionPolicy: 'Delete',
    declared,
  };
}

function node(
  name: string,
  resources: readonly StackResource[],
  parameters: Readonly<Record<string, string>> = {},
): StackNode {
  return {
    stackId: stackId(name),
    stackName: name,
    status: 'DELETE_IN_PROGRESS',
    terminationProtected: false,
    creationTime: '2026-01-01T00:00:00.000Z',
    parameters,
    tags: {},
    exportNames: [],
    resources,
    retained: false,
  };
}

const PARAMETERS = {
  ProjectName: 'xxxx',
  Arns: 'arn:aws:iam::aws:policy/A, arn:aws:iam::aws:policy/B',
  Secret: '****',
};

/** Whose the names are, for a role declared so, in a tree with more resources. */
function judge(declared: Declared, more: readonly StackResource[] = [], nested: readonly StackNode[] = []) {
  const role = resource('Role', 'AWS::IAM::Role', ROLE, declared);
  const tree: StackTree = { stacks: [node('app', [role, ...more], PARAMETERS), ...nested] };
  return declaredPolicies(role, tree);
}

const inline = (PolicyName: unknown, name: string, more: readonly StackResource[] = []): Whose =>
  judge({ Policies: [{ PolicyName, PolicyDocument: {} }] }, more).inline(name);

describe('inline policies that the role declares', () => {
  it.each<[string, unknown, string, Whose]>([
    ['a literal', 'push', 'push', 'declared'],
    ['another literal', 'push', 'pushes', 'foreign'],
    ['a parameter', { Ref: 'ProjectName' }, 'xxxx', 'declared'],
    ['a number', 7, '7', 'declared'],
    ['a pseudo parameter', { Ref: 'AWS::AccountId' }, ACCOUNT, 'declared'],
    [
      'Region, partition, stack in Sub',
      { 'Fn::Sub': '${AWS::Region}/${AWS::Partition}/${AWS::StackName}' },
      'cn-north-1/aws-cn/app',
      'declared',
    ],
    ['the stack id', { 'Fn::Sub': '${AWS::StackId}' }, stackId('app'), 'declared'],
    [
      'Sub with own values',
      { 'Fn::Sub': ['${A}-${ProjectName}', { A: { Ref: 'AWS::AccountId' } }] },
      `${ACCOUNT}-xxxx`,
      'declared',
    ],
    [
      'Sub whose own value hides a parameter',
      { 'Fn::Sub': ['${ProjectName}', { ProjectName: 'mine' }] },
      'mine',
      'declared',
    ],
    ['Sub with an escape', { 'Fn::Sub': 'a${!Literal}' }, 'a${Literal}', 'declared'],
    ['Sub with an attribute', { 'Fn::Sub': 'push-${Repo.Arn}-x' }, 'push-anything-x', 'in doubt'],
    ['Sub with an attribute, other text', { 'Fn::Sub': 'push-${Repo.Arn}-x' }, 'pull-anything-x', 'foreign'],
    ['Join', { 'Fn::Join': ['-', ['push', { Ref: 'ProjectName' }]] }, 'push-xxxx', 'declared'],
    ['Join with no value in it', { 'Fn::Join': ['-', ['push', { Ref: 'AWS::NoValue' }, 'x']] }, 'push-x', 'declared'],
    ['Join with a hole', { 'Fn::Join': ['-', ['push', { 'Fn::ImportValue': 'x' }]] }, 'push-', 'in doubt'],
    ['Join of an unknown list', { 'Fn::Join': ['-', { 'Fn::Split': [',', 'a,b'] }] }, 'a-b', 'in doubt'],
    ['one branch of a condition', { 'Fn::If': ['C', 'push', 'pull'] }, 'push', 'declared'],
    ['the other branch', { 'Fn::If': ['C', 'push', 'pull'] }, 'pull', 'declared'],
    ['no branch of a condition', { 'Fn::If': ['C', 'push', 'pull'] }, 'list', 'foreign'],
    ['a condition inside Sub', { 'Fn::Sub': ['p-${X}', { X: { 'Fn::If': ['C', 'a', 'b'] } }] }, 'p-b', 'declared'],
    ['a hidden parameter', { Ref: 'Secret' }, 'whatever', 'in doubt'],
    ['an unknown Ref', { Ref: 'Nowhere' }, 'whatever', 'in doubt'],
    ['an import', { 'Fn::ImportValue': 'x' }, 'whatever', 'in doubt'],
    ['a mapping', { 'Fn::FindInMap': ['A', 'B', 'C'] }, 'whatever', 'in doubt'],
    ['nonsense', { A: 1, B: 2 }, 'whatever', 'in doubt'],
    ['a name that is missing', undefined, 'whatever', 'in doubt'],
  ])('%s', (_, name, actual, whose) => {
    expect(inline(name, actual)).toBe(whose);
  });

  it('names another resource by its physical id', () => {
    const bucket = resource('Bucket', 'AWS::S3::Bucket', 'job-bucket', {});
    expect(inline({ 'Fn::Sub': 'read-${Bucket}' }, 'read-job-bucket', [bucket])).toBe('declared');
  });

  it('is certain where one name is certain, however doubtful another', () => {
    const policies = [{ PolicyName: { 'Fn::ImportValue': 'x' } }, { PolicyName: 'push' }];
    expect(judge({ Policies: policies }).inline('push')).toBe('declared');
    expect(judge({ Policies: policies }).inline('pull')).toBe('in doubt');
  });

  it.each<[string, unknown, Whose]>([
    ['absent', undefined, 'foreign'],
    ['empty', [], 'foreign'],
    ['no value', { Ref: 'AWS::NoValue' }, 'foreign'],
    ['no value as an item', [{ Ref: 'AWS::NoValue' }], 'foreign'],
    ['a condition around an item', [{ 'Fn::If': ['C', { PolicyName: 'push' }, { Ref: 'AWS::NoValue' }] }], 'declared'],
    ['a condition around the list', { 'Fn::If': ['C', [{ PolicyName: 'push' }], { Ref: 'AWS::NoValue' }] }, 'declared'],
    ['unreadable', { 'Fn::Transform': {} }, 'in doubt'],
    ['a text', ['push'], 'in doubt'],
  ])('the list itself: %s', (_, Policies, whose) => {
    expect(judge({ Policies }).inline('push')).toBe(whose);
  });
});

describe('managed policies that the role declares', () => {
  it.each<[string, unknown, Whose]>([
    ['absent', undefined, 'foreign'],
    ['a literal', ['arn:aws:iam::aws:policy/A'], 'declared'],
    ['another literal', ['arn:aws:iam::aws:policy/AA'], 'foreign'],
    ['one text that is no list', 'arn:aws:iam::aws:policy/A', 'declared'],
    ['a list parameter', { Ref: 'Arns' }, 'declared'],
    ['a hidden list parameter', { Ref: 'Secret' }, 'in doubt'],
    ['a hole', [{ 'Fn::Sub': 'arn:${Unknown}:iam::aws:policy/A' }], 'in doubt'],
    ['a hole at another place', [{ 'Fn::Sub': 'arn:aws:iam::aws:policy/B${Unknown}' }], 'foreign'],
    ['a split', { 'Fn::Split': [',', { Ref: 'Arns' }] }, 'declared'],
    ['a split of what is not known', { 'Fn::Split': [',', { 'Fn::ImportValue': 'x' }] }, 'in doubt'],
    ['a split at what is not known', { 'Fn::Split': [{ Ref: 'Arns' }, 'a'] }, 'in doubt'],
  ])('%s', (_, ManagedPolicyArns, whose) => {
    expect(judge({ ManagedPolicyArns }).managed('arn:aws:iam::aws:policy/A')).toBe(whose);
  });

  it('names a policy of the same stack', () => {
    const arn = `arn:aws:iam::${ACCOUNT}:policy/app-Push`;
    const policy = resource('Push', 'AWS::IAM::ManagedPolicy', arn, {});
    expect(judge({ ManagedPolicyArns: [{ Ref: 'Push' }] }, [policy]).managed(arn)).toBe('declared');
  });
});

describe('policies that attach themselves', () => {
  const arn = `arn:aws:iam::${ACCOUNT}:policy/app-Push`;
  const attached = (Roles: unknown, type = 'AWS::IAM::ManagedPolicy', stack = 'app') =>
    resource(
      'Push',
      type,
      type === 'AWS::IAM::ManagedPolicy' ? arn : 'app-Push-1A',
      { PolicyName: 'push', Roles },
      stack,
    );

  it.each<[string, unknown, Whose]>([
    ['the role', [{ Ref: 'Role' }], 'declared'],
    ['the role by name', ['other', ROLE], 'declared'],
    ['another role', ['other'], 'foreign'],
    ['no role', undefined, 'foreign'],
    ['who knows', [{ 'Fn::ImportValue': 'x' }], 'in doubt'],
    ['a list from who knows where', { 'Fn::ImportValue': 'x' }, 'in doubt'],
  ])('to %s', (_, Roles, whose) => {
    expect(judge({}, [attached(Roles)]).managed(arn)).toBe(whose);
    expect(judge({}, [attached(Roles, 'AWS::IAM::Policy')]).inline('push')).toBe(whose);
  });

  it.each<[string, unknown, Whose]>([
    ['the role', { Ref: 'Role' }, 'declared'],
    ['another role', 'other', 'foreign'],
    ['who knows', undefined, 'in doubt'],
  ])('AWS::IAM::RolePolicy of %s', (_, RoleName, whose) => {
    const policy = resource('Push', 'AWS::IAM::RolePolicy', `push|${ROLE}`, { PolicyName: 'push', RoleName });
    expect(judge({}, [policy]).inline('push')).toBe(whose);
  });

  it('from a nested stack that gets the role’s name as a parameter', () => {
    const child = node('child', [attached([{ Ref: 'RoleName' }], 'AWS::IAM::Policy', 'child')], { RoleName: ROLE });
    expect(judge({}, [], [child]).inline('push')).toBe('declared');
  });

  it('a role of a stack that is not in the tree: everything is in doubt', () => {
    const role = resource('Role', 'AWS::IAM::Role', ROLE, {}, 'elsewhere');
    const policies = declaredPolicies(role, { stacks: [node('app', [])] });
    expect([policies.inline('push'), policies.managed(arn)]).toEqual(['in doubt', 'in doubt']);
  });
});

describe('matches', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.'), maxLength: 5 });

  it('a pattern stands for every text that fills its holes', () => {
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 2, maxLength: 4 }),
        fc.array(text, { minLength: 3, maxLength: 3 }),
        (parts, fills) => {
          const whole = parts.reduce((before, part, at) => `${before}${fills[at - 1] ?? ''}${part}`);
          expect(matches({ parts }, whole)).toBe('perhaps');
        },
      ),
    );
  });

  it('and for no other: it agrees with a regular expression', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 4 }), text, (parts, whole) => {
        const expression = new RegExp(`^${parts.map((part) => part.replace(/[.*]/g, '\\$&')).join('.*')}$`);
        expect(matches({ parts }, whole)).toBe(expression.test(whole) ? 'perhaps' : 'no');
      }),
    );
  });
});
