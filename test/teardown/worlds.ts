/** Random accounts for teardowns: trees of stacks that import from each other, what is in them, and what happens meanwhile. */
import fc from 'fast-check';
import type { Rights } from '#functions/teardown/dependencies.ts';
import { happening } from './meanwhile.ts';
import { PERSON, type Place, place, stackIdOf } from './running.ts';
import { SERVICE } from './stepping.ts';

const rarely = (weight = 8) =>
  fc.oneof({ weight, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
const policy = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(undefined, 'Delete') },
  { weight: 1, arbitrary: fc.constantFrom('Retain', 'Snapshot', 'Odd') },
);

const tree = fc.record({
  requested: fc.oneof({ weight: 6, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  nested: fc.array(fc.record({ above: fc.nat(5), policy }), { maxLength: 2 }),
  status: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom('CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE') },
    { weight: 4, arbitrary: fc.constantFrom('UPDATE_ROLLBACK_FAILED', 'DELETE_FAILED', 'ROLLBACK_COMPLETE') },
    { weight: 1, arbitrary: fc.constantFrom('UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS') },
  ),
  guarded: rarely(12),
  /** The tree with whose first role it is deleted. */
  deletedBy: fc.option(fc.nat(5), { nil: undefined, freq: 5 }),
});

const resource = fc.record({
  stack: fc.nat(20),
  kind: fc.constantFrom('repository', 'repository', 'group', 'project', 'role'),
  policy,
  kept: rarely(12),
  guarded: rarely(20),
  /** It cannot be deleted, whatever is done. */
  stubborn: rarely(20),
});

export const worlds = fc.record({
  trees: fc.array(tree, { minLength: 1, maxLength: 4 }),
  resources: fc.array(resource, { maxLength: 10 }),
  imports: fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 3 }),
  /** Who asks: a person, or the service with its delete role, or without one. */
  rights: fc.constantFrom('person', 'person', 'service', 'service without a role'),
  consents: fc.record({
    disableTerminationProtection: fc.boolean(),
    disableLogGroupDeletionProtection: fc.boolean(),
    deleteOrphanedLogGroups: fc.boolean(),
  }),
  meanwhile: fc.oneof(fc.constant([]), fc.array(happening, { minLength: 1, maxLength: 3 })),
  faults: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(
        fc.record({
          action: fc.constantFrom(
            'cloudformation:DescribeStacks',
            'cloudformation:ListStackResources',
            'cloudformation:ListImports',
            'cloudformation:DeleteStack',
            'cloudformation:DescribeStackEvents',
            'cloudformation:UpdateTerminationProtection',
            'ecr:DescribeImages',
            'ecr:BatchDeleteImage',
            'ecr:SetRepositoryPolicy',
            'codebuild:StopBuild',
            'iam:DetachRolePolicy',
            'logs:DescribeLogGroups',
          ),
          errorName: fc.constantFrom('Throttling', 'AccessDeniedException', 'ValidationError'),
          after: fc.nat(12),
          times: fc.constantFrom(1, 2, 6, Number.POSITIVE_INFINITY),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    },
  ),
  /** The call of the first run at which its process ends. */
  killedAt: fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined, freq: 2 }),
});
export type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

export interface Stack {
  readonly name: string;
  readonly root: string;
  readonly requested: boolean;
  /** A DeletionPolicy keeps it, or something above it. */
  readonly kept: boolean;
}

/** What a run has to answer for, worked out from the world alone. */
export interface Scene {
  readonly where: Place;
  readonly stacks: readonly Stack[];
  /** Names of the requested roots. */
  readonly asked: readonly string[];
  /** Names of everything that may be written to; roots by their ARN. */
  readonly mayTouch: ReadonlySet<string>;
  readonly repositories: readonly { readonly name: string; readonly stack: Stack; readonly touchable: boolean }[];
  /** Names of stacks: the first must be gone before the second, a root, is deleted. */
  readonly order: readonly (readonly [string, string])[];
  /** Images that were pushed in all, by repository. */
  readonly pushed: Map<string, number>;
}

const TYPES = {
  repository: 'AWS::ECR::Repository',
  group: 'AWS::Logs::LogGroup',
  project: 'AWS::CodeBuild::Project',
  role: 'AWS::IAM::Role',
} as const;

export function rightsIn({ rights }: World): Rights {
  switch (rights) {
    case 'person':
      return { kind: 'person', arn: PERSON };
    case 'service':
      return SERVICE;
    case 'service without a role':
      return { kind: 'service' };
    default:
      return rights satisfies never;
  }
}

export function build(world: World): Scene {
  const where = place();
  where.account.iam.addRole('clean-exit-delete');
  const { account, stubborn } = where;
  const { cloudFormation } = account;
  const stacks: Stack[] = [];
  for (const [at, { requested, nested, status, guarded }] of world.trees.entries()) {
    const root = `t${at}`;
    const own: Stack[] = [{ name: root, root, requested, kept: false }];
    cloudFormation.addStack(root, { status, terminationProtected: guarded });
    for (const [number, child] of nested.entries()) {
      const above = own[child.above % own.length];
      if (above === undefined) throw new Error('a tree has a root');
      const name = `${root}-${number}`;
      const keeps = child.policy !== undefined && child.policy !== 'Delete';
      own.push({ name, root, requested, kept: above.kept || keeps });
      cloudFormation.addStack(name, {
        parent: above.name,
        status: 'CREATE_COMPLETE',
        ...(child.policy === undefined ? {} : { deletionPolicy: child.policy }),
      });
    }
    stacks.push(...own);
  }
  const stackAt = (number: number): Stack => {
    const stack = stacks[number % stacks.length];
    if (stack === undefined) throw new Error('a world has a stack');
    return stack;
  };

  const mayTouch = new Set(
    stacks.filter(({ name, root, requested }) => requested && name === root).map(({ name }) => stackIdOf(name)),
  );
  const repositories: { name: string; stack: Stack; touchable: boolean }[] = [];
  const roleOf = new Map<string, string>();
  for (const [
    at,
    { stack: number, kind, policy: keeps, kept, guarded, stubborn: stays },
  ] of world.resources.entries()) {
    const stack = stackAt(number);
    const name = `r${at}`;
    const tags = kept ? { 'clean-exit:keep': '' } : {};
    cloudFormation.addResource(stack.name, {
      logicalId: `L${at}`,
      type: TYPES[kind],
      physicalId: name,
      ...(keeps === undefined ? {} : { deletionPolicy: keeps }),
    });
    const goes = stack.requested && !stack.kept && (keeps === undefined || keeps === 'Delete');
    const touchable = goes && !kept;
    if (touchable) mayTouch.add(name);
    if (stays) stubborn.set(name, `${name} is stubborn.`);
    switch (kind) {
      case 'repository':
        account.ecr.addRepository(name, { tags }).fill(name, 4);
        repositories.push({ name, stack, touchable });
        break;
      case 'group':
        account.logs.addGroup(name, { tags, streams: 2, deletionProtected: guarded });
        break;
      case 'project':
        account.codeBuild.addProject(name, { tags, webhook: true, builds: [1_000] });
        account.logs.addGroup(`/aws/codebuild/${name}`, { streams: 1 });
        // Its group goes where the project went, whatever its tags were.
        if (goes && world.consents.deleteOrphanedLogGroups) mayTouch.add(`/aws/codebuild/${name}`);
        break;
      case 'role':
        account.iam.addRole(name, { tags, attached: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] });
        if (goes && !roleOf.has(stack.root)) roleOf.set(stack.root, name);
        break;
      default:
        kind satisfies never;
    }
  }

  const order: (readonly [string, string])[] = [];
  const stackOf = new Map(stacks.map((stack) => [stack.name, stack]));
  for (const [at, { deletedBy }] of world.trees.entries()) {
    const holder = deletedBy === undefined ? undefined : `t${deletedBy % world.trees.length}`;
    const role = holder === undefined ? undefined : roleOf.get(holder);
    if (holder === undefined || role === undefined) continue;
    const { facts } = cloudFormation.peek(`t${at}`);
    const roleArn = `arn:aws:iam::123456789012:role/${role}`;
    cloudFormation.setStatus(`t${at}`, facts.status, { roleArn });
    if (holder === `t${at}`) mayTouch.delete(role);
    // Whose role a stack outside of the request needs, nobody can know without asking for every stack of the account.
    else if (world.trees[at]?.requested) order.push([`t${at}`, holder]);
  }
  for (const [from, to] of world.imports) {
    const [importer, exporter] = [stackAt(from), stackAt(to)];
    if (importer.root === exporter.root) continue;
    const { facts } = cloudFormation.peek(exporter.name);
    cloudFormation.setStatus(exporter.name, facts.status, { exportNames: [`${exporter.name}-export`] });
    if (!cloudFormation.importersNow(`${exporter.name}-export`).includes(importer.name)) {
      cloudFormation.import(`${exporter.name}-export`, importer.name);
    }
    const goes = (stack: Stack) => stack.requested && !stack.kept;
    if (goes(exporter)) order.push([importer.name, exporter.root]);
  }
  const asked = stacks.filter(({ name, root, requested }) => requested && name === root).map(({ name }) => name);
  const isAsked = (name: string) => stackOf.get(name)?.requested === true;
  return {
    where,
    stacks,
    asked,
    mayTouch,
    repositories,
    order: order.filter(([, next]) => isAsked(next)),
    pushed: new Map(repositories.map(({ name }) => [name, 4])),
  };
}
