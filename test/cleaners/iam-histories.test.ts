/**
 * Random trees of users, groups, roles and managed policies, through the whole core: what the tree does not own changes only by
 * consent, what is guarded never, and a report is clean only where CloudFormation's own delete would go through.
 */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CLEANERS } from '#functions/cleaners/index.ts';
import { cleanStack } from '#functions/core/clean.ts';
import type { CleanOptions, Report } from '#functions/core/model.ts';
import { AwsFailure } from '#functions/errors.ts';
import { NO_CONSENT, STACK, writes } from '#test/cleaners/scene.ts';
import type { InjectedFailure } from '#test/fakes/call-log.ts';
import { type FakeAccount, fakeAccount, stackIdOf } from '#test/fakes/index.ts';

const RUNS = 500;
const SERVICE_ROLE = 'clean-exit-custom-resource-eu-west-1';
const arnOf = (at: number) => `arn:aws:iam::123456789012:policy/policy-${at}`;
const KINDS = { user: 'User', group: 'Group', role: 'Role' } as const;
type Kind = keyof typeof KINDS;

interface Thing {
  readonly kind: Kind;
  readonly place: 'root' | 'nested' | 'retained' | 'kept' | 'outside';
  readonly keepTag: boolean;
  /** Policies by number: attached by hand, and declared by the principal itself. */
  readonly byHand: readonly number[];
  readonly declared: readonly number[];
  readonly boundary: number | undefined;
  /** Groups by number that a user is in by hand. */
  readonly groups: readonly number[];
  readonly sshKeys: number;
}

interface History {
  readonly things: readonly Thing[];
  /** Where each policy is. */
  readonly policies: readonly ('root' | 'nested' | 'outside')[];
  /** A policy by number that the service's own role has. */
  readonly serviceHas: number | undefined;
  readonly consents: Pick<CleanOptions, 'detachPoliciesFromOthers' | 'removePermissionsBoundaries'>;
  readonly failures: readonly InjectedFailure[];
  readonly time: number;
}

const number = fc.nat(2);
const history: fc.Arbitrary<History> = fc.record({
  things: fc.array(
    fc.record({
      kind: fc.constantFrom<Kind>('user', 'group', 'role'),
      place: fc.constantFrom<Thing['place']>('root', 'root', 'nested', 'retained', 'kept', 'outside'),
      keepTag: fc.constantFrom(false, false, false, true),
      byHand: fc.uniqueArray(number, { maxLength: 2 }),
      declared: fc.uniqueArray(number, { maxLength: 1 }),
      boundary: fc.option(number, { nil: undefined, freq: 3 }),
      groups: fc.uniqueArray(fc.nat(4), { maxLength: 2 }),
      sshKeys: fc.nat(4),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  policies: fc.tuple(...[0, 1, 2].map(() => fc.constantFrom<History['policies'][number]>('root', 'nested', 'outside'))),
  serviceHas: fc.option(number, { nil: undefined, freq: 5 }),
  consents: fc.record({ detachPoliciesFromOthers: fc.boolean(), removePermissionsBoundaries: fc.boolean() }),
  failures: fc.array(
    fc.record({
      action: fc.constantFrom(
        'iam:DetachUserPolicy',
        'iam:DetachRolePolicy',
        'iam:RemoveUserFromGroup',
        'iam:DeleteSSHPublicKey',
        'iam:ListEntitiesForPolicy',
        'iam:GetUser',
      ),
      errorName: fc.constantFrom('AccessDeniedException', 'ServiceFailure', 'ConcurrentModificationException'),
      after: fc.nat(3),
      times: fc.constantFrom(1, 3, Number.POSITIVE_INFINITY),
    }),
    { maxLength: 2 },
  ),
  time: fc.constantFrom(900_000, 900_000, 900_000, 400),
});

const nameOf = ({ kind }: Thing, at: number) => `${kind}-${at}`;
const goes = ({ place }: Thing) => place === 'root' || place === 'nested';
const stackOf = (place: string) => (place === 'nested' ? 'child' : place === 'retained' ? 'retained' : STACK);

function build({ things, policies, serviceHas, failures }: History): FakeAccount {
  const account = fakeAccount();
  const { cloudFormation, iam } = account;
  cloudFormation.addStack(STACK).addStack('child', { parent: STACK });
  cloudFormation.addStack('retained', { parent: STACK, deletionPolicy: 'Retain' });
  for (const [at, place] of policies.entries()) {
    iam.addPolicy(arnOf(at), { olderVersions: ['v1'] });
    if (place !== 'outside') {
      const type = 'AWS::IAM::ManagedPolicy';
      cloudFormation.addResource(stackOf(place), { logicalId: `Policy${at}`, type, physicalId: arnOf(at) });
    }
  }
  for (const [at, thing] of things.entries()) {
    const name = nameOf(thing, at);
    if (thing.place !== 'outside') {
      cloudFormation.addResource(stackOf(thing.place), {
        logicalId: `Thing${at}`,
        type: `AWS::IAM::${KINDS[thing.kind]}`,
        physicalId: name,
        deletionPolicy: thing.place === 'kept' ? 'Retain' : 'Delete',
        properties: { ManagedPolicyArns: thing.declared.map(arnOf) },
      });
    }
    const holds = {
      tags: thing.keepTag ? { 'clean-exit:keep': '' } : {},
      attached: [...thing.byHand, ...(thing.place === 'outside' ? [] : thing.declared)].map(arnOf),
      ...(thing.boundary === undefined || thing.kind === 'group' ? {} : { boundary: arnOf(thing.boundary) }),
    };
    if (thing.kind === 'user')
      iam.addUser(name, { ...holds, sshPublicKeys: ['a', 'b', 'c', 'd'].slice(0, thing.sshKeys) });
    if (thing.kind === 'role') iam.addRole(name, holds);
    if (thing.kind === 'group') iam.addGroup(name, { attached: holds.attached, members: membersOf(things, at) });
  }
  iam.addRole(SERVICE_ROLE, serviceHas === undefined ? {} : { attached: [arnOf(serviceHas)] });
  for (const failure of failures) {
    account.log.fail(failure);
  }
  account.log.onCall(() => account.clock.advance(10));
  return account;
}

function membersOf(things: readonly Thing[], group: number): readonly string[] {
  return things.flatMap((thing, at) =>
    thing.kind === 'user' && thing.groups.includes(group) ? [nameOf(thing, at)] : [],
  );
}

async function run(account: FakeAccount, { consents, time }: History): Promise<Report | undefined> {
  const deadline = account.clock.now() + time;
  try {
    const { report } = await cleanStack(
      {
        ports: account.ports,
        cleaners: CLEANERS,
        service: { roleArns: [`arn:aws:iam::123456789012:role/${SERVICE_ROLE}`] },
      },
      {
        stackId: stackIdOf(STACK),
        options: { ...NO_CONSENT, ...consents },
        remaining: () => deadline - account.clock.now(),
      },
    );
    return report;
  } catch (thrown) {
    if (thrown instanceof AwsFailure) return undefined;
    throw thrown;
  }
}

/** What a principal holds, in one text; users leave groups that go, which is a change of the group. */
function stateOf({ iam }: FakeAccount, things: readonly Thing[], thing: Thing, at: number): string {
  const name = nameOf(thing, at);
  switch (thing.kind) {
    case 'user':
      return JSON.stringify([{ ...iam.userHolds(name), groups: [] }, iam.boundaryOfUser(name)]);
    case 'role':
      return JSON.stringify([iam.holds(name), iam.boundaryOfRole(name)]);
    default:
      return JSON.stringify({
        ...iam.groupHolds(name),
        // A user that goes leaves others' groups too, as CloudFormation would have it.
        members: iam
          .groupHolds(name)
          .members.filter((member) => things.some((each, n) => nameOf(each, n) === member && !goes(each))),
      });
  }
}

/** Who would keep CloudFormation from deleting a policy of the tree: it detaches by itself only what goes and declares it. */
async function inTheWay({ iam }: FakeAccount, { policies, things }: History): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [at, place] of policies.entries()) {
    if (place === 'outside') {
      continue;
    }
    const attached = await iam.usersOfPolicy(arnOf(at), 'PermissionsPolicy');
    const limited = await iam.usersOfPolicy(arnOf(at), 'PermissionsBoundary');
    const leaves = (name: string) =>
      things.some((each, n) => nameOf(each, n) === name && goes(each) && each.declared.includes(at));
    const stays = [...attached.filter(({ name }) => !leaves(name)), ...limited];
    found.push(...stays.map(({ name }) => `${name} uses ${arnOf(at)}`));
  }
  return found;
}

describe('histories of users, groups, roles and managed policies', () => {
  it('change what the tree does not own only by consent, and what is guarded never', async () => {
    const outcomes: Record<string, number> = {};
    await fc.assert(
      fc.asyncProperty(history, async (past) => {
        const account = build(past);
        const before = past.things.map((thing, at) => stateOf(account, past.things, thing, at));
        const serviceBefore = JSON.stringify(account.iam.holds(SERVICE_ROLE));
        const report = await run(account, past);
        outcomes[report?.outcome ?? 'unreadable'] = (outcomes[report?.outcome ?? 'unreadable'] ?? 0) + 1;

        expect(JSON.stringify(account.iam.holds(SERVICE_ROLE))).toBe(serviceBefore);
        const { detachPoliciesFromOthers, removePermissionsBoundaries } = past.consents;
        const anyConsent = detachPoliciesFromOthers || removePermissionsBoundaries;
        for (const [at, thing] of past.things.entries()) {
          const now = stateOf(account, past.things, thing, at);
          const tagged = thing.keepTag && thing.kind !== 'group';
          if (tagged || (!goes(thing) && !anyConsent)) {
            expect(now).toBe(before[at]);
          }
        }
        if (report === undefined) {
          expect(writes(account)).toEqual([]);
          return;
        }
        if (report.outcome === 'clean') {
          account.log.heal();
          expect(await inTheWay(account, past)).toEqual([]);
          for (const [at, thing] of past.things.entries()) {
            if (goes(thing) && thing.kind === 'user') {
              expect(account.iam.userHolds(nameOf(thing, at))).not.toHaveProperty('sshPublicKeys');
            }
            // Members of the tree that go are taken out too: no template declares them here.
            if (goes(thing) && thing.kind === 'group') {
              expect(account.iam.groupHolds(nameOf(thing, at)).members).toEqual([]);
            }
          }
        }
      }),
      { numRuns: RUNS },
    );
    expect(Object.keys(outcomes).toSorted()).toEqual(['blocked', 'clean', 'unfinished', 'unreadable']);
  }, 60_000);
});
