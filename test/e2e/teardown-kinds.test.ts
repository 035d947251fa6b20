/**
 * Stacks that nobody prepared, deleted by the deployed state machine: everything that keeps CloudFormation from deleting one,
 * each kind alone and all of it together, goes; what consent is needed for stays without it.
 */
import { BatchGetBuildsCommand, ListBuildsCommand } from '@aws-sdk/client-codebuild';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { ACCOUNT_ID, deleteStack } from '#scripts/lib/local-account.ts';
import { KINDS as ALL_KINDS, everything } from './permissions/things.ts';
import { inAccount, type Scene } from './support/scene.ts';
import { Teardowns } from './support/teardowns.ts';
import { nested, type Resource, type Resources, reportGroupArn } from './support/templates.ts';
import { holdings } from './teardown/holdings.ts';
import { type Filled, fillStacks, KINDS } from './teardown/kinds.ts';

const scene = inAccount({ deleteRole: true });
const OWN_ROLE = `arn:aws:iam::${ACCOUNT_ID}:role/kinds-role`;
/** What CloudFormation calls to delete the types of these tests, on anything. */
const DELETES = [
  ...['cloudformation:DeleteStack', 'cloudformation:DescribeStacks', 'ecr:DeleteRepository'],
  ...['logs:DescribeLogGroups', 'logs:DeleteLogGroup', 'codebuild:DeleteProject', 'codebuild:DeleteReportGroup'],
  ...['iam:Get*', 'iam:List*', 'iam:DeleteRole', 'iam:DeleteUser', 'iam:DeleteGroup', 'iam:DeletePolicy'],
  ...['iam:RemoveUserFromGroup', 'iam:DetachGroupPolicy', 'iam:DeleteGroupPolicy', 's3:DeleteBucket'],
];
const ALL_CONSENTS = Object.fromEntries(
  Object.values(KINDS).flatMap(({ consent }) => (consent ? [[consent.option, true]] : [])),
);
const CONSENTED = Object.entries(KINDS).flatMap(([what, { consent }]) => (consent ? [[what, consent] as const] : []));
/** CloudFormation deletes log streams with their group: a teardown leaves them to it. */
const COUNTED = ALL_KINDS.filter((kind) => kind !== 'log stream');
let teardowns: Teardowns;
let alone: readonly Filled[];

async function makeOwnRole({ iam }: Scene): Promise<void> {
  const trust = { Effect: 'Allow', Principal: { Service: 'cloudformation.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const document = (Statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [Statement] });
  await iam.send(new CreateRoleCommand({ RoleName: 'kinds-role', AssumeRolePolicyDocument: document(trust) }));
  const PolicyDocument = document({ Effect: 'Allow', Action: DELETES, Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'kinds-role', PolicyName: 'delete', PolicyDocument }));
}

beforeAll(async () => {
  teardowns = new Teardowns(scene().account);
  await makeOwnRole(scene());
  alone = await fillStacks(scene(), 'kind', KINDS, OWN_ROLE);
});

const filledWith = (what: string): Filled => {
  const found = alone.find((each) => each.what === what);
  if (found === undefined) {
    throw new Error(`no stack has ${what}`);
  }
  return found;
};

/** What the account holds with this prefix in its name. */
function holdingsOf(prefix: string): Promise<readonly string[]> {
  const { region } = scene().account;
  const numbers = Object.keys(KINDS).map((_, number) => reportGroupArn(region, `${prefix}${number + 1}`));
  return holdings(scene(), prefix, [reportGroupArn(region, prefix), ...numbers]);
}

/** Everything that the stacks of others had before, and nothing else. */
const OF_OTHERS = /-(elsewhere|guest|fleet|limited|crew)\b/;

test.each(CONSENTED)(
  'without the consent for it alone, %s keeps the whole request from beginning',
  async (what, { option, says }) => {
    const asked = CONSENTED.map(([each]) => filledWith(each).name);
    const before = await holdingsOf('kind-');
    const { next } = await scene().account.emulator.calls(Number.MAX_SAFE_INTEGER);
    const { error, report } = await teardowns.execute(asked, { ...ALL_CONSENTS, [option]: false });
    expect(error).toBe('TeardownRefused');
    expect(report.refusals).toMatchObject([
      { code: 'CANNOT_BE_CLEANED', stack: filledWith(what).name, sentence: expect.stringMatching(says) },
    ]);
    expect(report.refusals[0]?.remedy).toContain(option);
    const { calls } = await scene().account.emulator.calls(next);
    const own = calls.filter(({ principal }) => principal.includes('clean-exit-teardown'));
    expect(own.filter(({ operation }) => !/^(Describe|List|Get|BatchGet)/.test(operation))).toEqual([]);
    expect(await holdingsOf('kind-')).toEqual(before);
  },
);

describe('each kind alone', () => {
  let counts: ReadonlyMap<string, unknown>;

  test('goes in one run, and the report is true', async () => {
    const { stacks, account, codeBuild } = scene();
    const before = await holdingsOf('kind-');
    const { next } = await account.emulator.calls(Number.MAX_SAFE_INTEGER);
    const { status, report, plan } = await teardowns.execute(
      alone.map(({ name }) => name),
      ALL_CONSENTS,
    );
    expect(report.stacks.filter(({ outcome }) => outcome !== 'deleted')).toEqual([]);
    expect({ status, outcome: report.outcome, remaining: report.remaining }).toEqual({
      status: 'SUCCEEDED',
      outcome: 'deleted',
      remaining: [],
    });
    expect(plan.waves.map((wave) => wave.length)).toEqual([alone.length]);
    for (const { id } of alone) {
      expect(await stacks.status(id)).toBe('DELETE_COMPLETE');
    }
    const { calls } = await account.emulator.calls(next);
    const deletes = calls.filter(({ operation }) => operation === 'DeleteStack');
    expect(deletes).toHaveLength(alone.length);
    // Nothing of the stacks is left; what others had is there, but for what was the stacks'.
    const left = await holdingsOf('kind-');
    const others = before.filter((each) => OF_OTHERS.test(each));
    expect(left).toEqual(others.map((each) => each.replace('-elsewhere with 1', '-elsewhere with 0')));
    const { ids = [] } = await codeBuild.send(new ListBuildsCommand({}));
    const { builds = [] } = await codeBuild.send(new BatchGetBuildsCommand({ ids }));
    expect(builds.map(({ buildStatus }) => buildStatus)).toEqual(['STOPPED', 'STOPPED']);
    counts = new Map(
      report.stacks.map(({ stackName, removed, attempts, leftovers, failures }) => [
        stackName,
        { removed: Object.fromEntries(removed.map(({ kind, count }) => [kind, count])), attempts, leftovers, failures },
      ]),
    );
  });

  test.each(Object.entries(KINDS))('%s: counted', (what, { removed }) => {
    expect(counts.get(filledWith(what).name)).toEqual({ removed, attempts: 1, leftovers: [], failures: [] });
  });
});

test('CloudFormation alone deletes none of these, and a stack that it has failed on goes too', async () => {
  const { account, stacks } = scene();
  const hard = Object.fromEntries(Object.entries(KINDS).filter(([, { easy }]) => !easy));
  const stuck = await fillStacks(scene(), 'stuck', hard, OWN_ROLE);
  const tried = await Promise.all(
    stuck.map(async ({ what, id }) => [what, (await deleteStack(account, id)).status] as const),
  );
  expect(tried.filter(([, status]) => status !== 'DELETE_FAILED')).toEqual([]);
  const { report } = await teardowns.execute(
    stuck.map(({ name }) => name),
    ALL_CONSENTS,
  );
  expect(report.stacks.filter(({ outcome, attempts }) => outcome !== 'deleted' || attempts !== 1)).toEqual([]);
  expect(report).toMatchObject({ outcome: 'deleted', remaining: [] });
  for (const { id } of stuck) {
    expect(await stacks.status(id)).toBe('DELETE_COMPLETE');
  }
  expect((await holdingsOf('stuck-')).filter((each) => !OF_OTHERS.test(each))).toEqual([]);
});

test('all of it together, three levels below the root: the stack goes, and everything is counted', async () => {
  const { stacks } = scene();
  const { Rights, Bucket, Reports, User, Team, Role, Project, ...root } = everything.resources('whole');
  const level = async (resources: Readonly<Record<string, Resource | undefined>>) =>
    nested(await stacks.upload(defined(resources)));
  const Third = await level({ Rights, Bucket, Reports });
  const Second = await level({ User, Team, Third });
  const First = await level({ Role, Project, Second });
  const { id, status } = await stacks.create('whole', { ...root, First }, { RoleARN: OWN_ROLE });
  expect(status).toBe('CREATE_COMPLETE');
  await everything.fill(scene(), 'whole');
  const { report, plan } = await teardowns.execute(['whole'], ALL_CONSENTS);
  expect(plan.stacks).toMatchObject([{ deletesAs: { kind: 'stack role', roleArn: OWN_ROLE } }]);
  expect(report.stacks).toMatchObject([{ outcome: 'deleted', attempts: 1, leftovers: [], failures: [] }]);
  const removed = report.stacks.flatMap((stack) => stack.removed.map(({ kind }) => kind));
  expect([...new Set(removed)].toSorted()).toEqual(COUNTED.toSorted());
  expect(await stacks.status(id)).toBe('DELETE_COMPLETE');
  expect((await holdingsOf('whole')).filter((each) => !OF_OTHERS.test(each))).toEqual([]);
});

function defined(resources: Readonly<Record<string, Resource | undefined>>): Resources {
  const entries = Object.entries(resources).map(([id, resource]) => {
    if (resource === undefined) {
      throw new Error(`there is no resource ${id}`);
    }
    return [id, resource] as const;
  });
  return Object.fromEntries(entries);
}
