import fc from 'fast-check';
import type { Cause } from '#functions/core/model.ts';
import { type FakeAccount, fakeAccount, stackIdOf } from '#test/fakes/index.ts';

/** One stack of a random account. Stack 0 is the one that is cleaned. */
interface StackSpec {
  /** Number of an earlier stack whose row names this one; modulo the own number. */
  readonly above: number;
  /** The row lies: the stack has no parent, or another one. */
  readonly foreign: boolean;
  readonly policy: string | undefined;
  readonly holdsService: boolean;
}

interface ResourceSpec {
  readonly stack: number;
  readonly kind: 'repository' | 'role' | 'group' | 'project';
  readonly policy: string | undefined;
  readonly status: string;
  readonly kept: boolean;
  readonly path: string;
  readonly profile: boolean;
  /** For a role: the number of the stack that it deletes. */
  readonly deletes: number | undefined;
  readonly isDeleteRole: boolean;
  readonly protectedGroup: boolean;
}

export interface World {
  readonly stacks: readonly StackSpec[];
  readonly resources: readonly ResourceSpec[];
  readonly cause: Cause;
  readonly faults: readonly { readonly action: string; readonly after: number; readonly times: number }[];
  /** Calls after which the time is up; undefined: never. */
  readonly calls: number | undefined;
  readonly imported: boolean;
}

const TYPES = {
  repository: 'AWS::ECR::Repository',
  role: 'AWS::IAM::Role',
  group: 'AWS::Logs::LogGroup',
  project: 'AWS::CodeBuild::Project',
} as const;

const rarely = (weight = 9) =>
  fc.oneof({ weight, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
const policy = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(undefined, 'Delete') },
  { weight: 1, arbitrary: fc.constantFrom('Retain', 'Snapshot', 'RetainExceptOnCreate', 'Odd') },
);

export const world: fc.Arbitrary<World> = fc.record({
  stacks: fc.array(fc.record({ above: fc.nat(20), foreign: rarely(4), policy, holdsService: rarely() }), {
    minLength: 1,
    maxLength: 7,
  }),
  resources: fc.array(
    fc.record({
      stack: fc.nat(20),
      kind: fc.constantFrom('repository', 'role', 'group', 'project'),
      policy,
      status: fc.oneof(
        {
          weight: 6,
          arbitrary: fc.constantFrom('CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE', 'DELETE_FAILED'),
        },
        {
          weight: 1,
          arbitrary: fc.constantFrom('CREATE_FAILED', 'IMPORT_FAILED', 'DELETE_SKIPPED', 'DELETE_COMPLETE'),
        },
      ),
      kept: rarely(5),
      path: fc.oneof(
        { weight: 5, arbitrary: fc.constantFrom('/', '/team/') },
        { weight: 1, arbitrary: fc.constantFrom('/aws-service-role/x.amazonaws.com/', '/aws-reserved/sso/') },
      ),
      profile: rarely(),
      deletes: fc.option(fc.nat(20), { nil: undefined, freq: 5 }),
      isDeleteRole: rarely(),
      protectedGroup: rarely(20),
    }),
    { maxLength: 14 },
  ),
  cause: fc.constantFrom('stack delete', 'rollback of a create'),
  faults: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(
        fc.record({
          action: fc.constantFrom(
            'ecr:BatchDeleteImage',
            'ecr:DescribeImages',
            'ecr:SetRepositoryPolicy',
            'iam:DetachRolePolicy',
            'iam:ListAttachedRolePolicies',
            'logs:DeleteLogStream',
            'codebuild:StopBuild',
          ),
          after: fc.nat(3),
          times: fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
        }),
        { maxLength: 3 },
      ),
    },
  ),
  calls: fc.option(fc.nat(120), { nil: undefined, freq: 3 }),
  imported: rarely(20),
});

export const stackName = (at: number) => `s${at}`;
export const resourceName = (at: number) => `r${at}`;
const aboveOf = (stack: StackSpec, at: number) => stack.above % at;
const ownerOf = (resource: ResourceSpec, { stacks }: World) => resource.stack % stacks.length;

export function build(given: World): FakeAccount {
  const account = fakeAccount();
  const { cloudFormation } = account;
  const roleArns = new Map<number, string>();
  given.resources.forEach((resource, at) => {
    if (resource.kind === 'role' && resource.deletes !== undefined) {
      roleArns.set(
        resource.deletes % given.stacks.length,
        `arn:aws:iam::123456789012:role${resource.path}${resourceName(at)}`,
      );
    }
  });
  given.stacks.forEach((stack, at) => {
    const facts = {
      ...(roleArns.has(at) ? { roleArn: roleArns.get(at) } : {}),
      ...(at === 0 && given.imported ? { exportNames: ['shared'] } : {}),
    };
    if (at === 0) {
      cloudFormation.addStack(stackName(at), facts);
    } else if (stack.foreign) {
      cloudFormation.addStack(stackName(at), facts).addResource(stackName(aboveOf(stack, at)), {
        logicalId: stackName(at),
        type: 'AWS::CloudFormation::Stack',
        physicalId: stackIdOf(stackName(at)),
        ...(stack.policy === undefined ? {} : { deletionPolicy: stack.policy }),
      });
    } else {
      cloudFormation.addStack(stackName(at), {
        ...facts,
        parent: stackName(aboveOf(stack, at)),
        ...(stack.policy === undefined ? {} : { deletionPolicy: stack.policy }),
      });
    }
    if (stack.holdsService && at > 0) {
      cloudFormation.addResource(stackName(at), {
        logicalId: 'Function',
        type: 'AWS::Lambda::Function',
        physicalId: 'clean-exit',
      });
    }
  });
  cloudFormation.import('shared', 'outsider');
  given.resources.forEach((resource, at) => {
    const name = resourceName(at);
    cloudFormation.addResource(stackName(ownerOf(resource, given)), {
      logicalId: `L${at}`,
      type: TYPES[resource.kind],
      physicalId: name,
      status: resource.status,
      ...(resource.policy === undefined ? {} : { deletionPolicy: resource.policy }),
    });
    const tags = resource.kept ? { 'clean-exit:keep': 'yes' } : {};
    switch (resource.kind) {
      case 'repository':
        account.ecr.addRepository(name, { tags }).fill(name, 4);
        break;
      case 'role':
        account.iam.addRole(name, {
          tags,
          path: resource.path,
          attached: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
          inline: ['foreign'],
          profiles: resource.profile ? ['fleet'] : [],
        });
        break;
      case 'group':
        account.logs.addGroup(name, { tags, streams: 4, deletionProtected: resource.protectedGroup });
        break;
      case 'project':
        account.codeBuild.addProject(name, { tags, webhook: true, resourcePolicy: true, builds: [1_000] });
        break;
      default:
        resource.kind satisfies never;
    }
  });
  for (const fault of given.faults) {
    account.log.fail({ ...fault, errorName: 'ServiceUnavailable' });
  }
  return account;
}

/** What may be written to, worked out anew from the words of the rules. */
export function allowed(given: World): ReadonlySet<string> {
  const keeps = (declared: string | undefined): boolean =>
    declared === 'RetainExceptOnCreate' ? given.cause === 'stack delete' : !['Delete', undefined].includes(declared);
  const chain = (at: number): readonly number[] => {
    const stack = given.stacks[at];
    return at === 0 || !stack ? [at] : [at, ...chain(aboveOf(stack, at))];
  };
  const inTree = (at: number): boolean => chain(at).every((each) => each === 0 || !given.stacks[each]?.foreign);
  const retained = (at: number): boolean => chain(at).some((each) => each > 0 && keeps(given.stacks[each]?.policy));
  const ofService = (at: number): boolean => chain(at).some((each) => each > 0 && given.stacks[each]?.holdsService);
  // The stack's role is the last one that names it, as in `build`.
  const lastDeleter = new Map<number, number>();
  given.resources.forEach((resource, at) => {
    if (resource.kind === 'role' && resource.deletes !== undefined) {
      lastDeleter.set(resource.deletes % given.stacks.length, at);
    }
  });
  const deletesAStack = (at: number): boolean => [...lastDeleter].some(([stack, role]) => role === at && inTree(stack));
  const candidates = given.resources.flatMap((resource, at) => {
    const owner = ownerOf(resource, given);
    const fine =
      inTree(owner) &&
      !retained(owner) &&
      !ofService(owner) &&
      !keeps(resource.policy) &&
      ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'IMPORT_COMPLETE', 'DELETE_FAILED'].includes(resource.status) &&
      !(
        given.cause === 'rollback of a create' &&
        (resource.status === 'IMPORT_COMPLETE' ||
          (resource.status === 'UPDATE_COMPLETE' && resource.policy === 'RetainExceptOnCreate'))
      ) &&
      !(resource.kind === 'role' && (deletesAStack(at) || resource.isDeleteRole));
    return fine ? [{ resource, at }] : [];
  });
  if (given.imported || candidates.some(({ resource }) => resource.kind === 'group' && resource.protectedGroup)) {
    return new Set();
  }
  return new Set(
    candidates
      .filter(
        ({ resource }) =>
          !resource.kept && !(resource.kind === 'role' && (resource.path.startsWith('/aws-') || resource.profile)),
      )
      .map(({ at }) => resourceName(at)),
  );
}
