import type { Note, StackFacts } from '../core/model.ts';
import { AwsFailure } from '../errors.ts';
import type { TeardownDeps } from './dependencies.ts';
import type { DeletesAs, TeardownOptions, TeardownRefusal } from './model.ts';
import { FLAGS } from './wording.ts';

/** Whose rights delete one stack; `nobody` comes with the reason, unless the whole request is refused for it. */
export interface Chosen {
  readonly deletesAs: DeletesAs;
  readonly notes: readonly Note[];
  readonly refusals: readonly TeardownRefusal[];
}

/** A role's name: the last part of its ARN, whatever its path. */
export function roleNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** The account in an ARN. */
export function accountIn(arn: string): string | undefined {
  return arn.split(':')[4];
}

/**
 * May the service pass the role that the request names? It may pass one role only, the one that it was deployed with; a person
 * may pass what IAM lets them.
 *
 * @returns the refusal of the whole request, or none
 */
export function requestRoleRefusals(
  { rights }: TeardownDeps,
  { roleArn }: TeardownOptions,
): readonly TeardownRefusal[] {
  if (roleArn === undefined || rights.kind === 'person' || roleArn === rights.deleteRoleArn) {
    return [];
  }
  const own = rights.deleteRoleArn === undefined ? 'it has none' : `which is ${rights.deleteRoleArn}`;
  return [
    {
      code: 'ROLE_NOT_PASSABLE',
      sentence: `The service may pass its own delete role only (${own}), not ${roleArn}.`,
      remedy:
        'Deploy the service with this role as DeleteRoleArn, or run the command line with --local as somebody who may pass it.',
    },
  ];
}

/**
 * Makes the choice for one stack after the other: the stack's own role, the request's, the service's delete role, at last the
 * person's own rights. Never a function's own rights.
 *
 * CloudFormation goes on using a role that it was given once, also when that role is gone, until it is given another one: so
 * a person's own rights count only for a stack that has no role. A role that somebody asked for is never replaced by another.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
 *
 * @throws AwsFailure where IAM cannot be asked for a role, except where a person may not ask
 */
export function rightsOf(
  deps: TeardownDeps,
  options: TeardownOptions,
): (asked: string, facts: StackFacts) => Promise<Chosen> {
  const isThere = roleCheck(deps);
  const { rights } = deps;
  const notPassable = requestRoleRefusals(deps, options).length > 0;
  return async (asked, { stackId, stackName, roleArn: own }) => {
    const notes: Note[] = [];
    const look = async (roleArn: string): Promise<boolean> => {
      const answer = await isThere(roleArn);
      if (answer === 'unseen') {
        const sentence = `You may not look at the role ${roleArn} (iam:GetRole), so it is believed to be there.`;
        notes.push({ code: 'ROLE_UNSEEN', sentence });
      }
      return answer !== 'gone';
    };
    const nobody = (...refusals: readonly TeardownRefusal[]): Chosen => ({
      deletesAs: { kind: 'nobody' },
      notes,
      refusals,
    });

    if (own !== undefined) {
      if (await look(own)) {
        return { deletesAs: { kind: 'stack role', roleArn: own }, notes, refusals: [] };
      }
      const sentence = `The role that stack ${stackName} was made with is gone: ${own}.`;
      notes.push({ code: 'STACK_ROLE_GONE', sentence });
    }
    if (options.roleArn !== undefined) {
      const { roleArn } = options;
      if (notPassable || accountIn(roleArn) !== accountIn(stackId)) {
        return nobody();
      }
      return (await look(roleArn))
        ? { deletesAs: { kind: 'request role', roleArn }, notes, refusals: [] }
        : nobody(roleGone(asked, stackName, roleArn, 'which this teardown is to delete with'));
    }
    const spare = rights.kind === 'service' ? rights.deleteRoleArn : undefined;
    if (spare !== undefined) {
      return (await look(spare))
        ? { deletesAs: { kind: 'delete role', roleArn: spare }, notes, refusals: [] }
        : nobody(roleGone(asked, stackName, spare, 'with which the service deletes'));
    }
    if (own !== undefined) {
      return nobody(roleGone(asked, stackName, own, 'which CloudFormation goes on deleting it with'));
    }
    return rights.kind === 'person'
      ? { deletesAs: { kind: 'caller', arn: rights.arn }, notes, refusals: [] }
      : nobody(noRole(asked, stackName));
  };
}

type RoleCheck = (roleArn: string) => Promise<'there' | 'gone' | 'unseen'>;

/** Asks IAM once for each role. */
function roleCheck({ ports, rights }: TeardownDeps): RoleCheck {
  const answers = new Map<string, ReturnType<RoleCheck>>();
  const ask: RoleCheck = async (roleArn) => {
    try {
      // Names are unique whatever their path; a role of the same name with another path is another role.
      return (await ports.iam.role(roleNameOf(roleArn)))?.arn === roleArn ? 'there' : 'gone';
    } catch (thrown) {
      if (rights.kind === 'person' && thrown instanceof AwsFailure && thrown.accessDenied) {
        return 'unseen';
      }
      throw thrown;
    }
  };
  return (roleArn) => {
    const answer = answers.get(roleArn) ?? ask(roleArn);
    answers.set(roleArn, answer);
    return answer;
  };
}

function roleGone(asked: string, stackName: string, roleArn: string, what: string): TeardownRefusal {
  return {
    code: 'ROLE_GONE',
    stack: asked,
    sentence: `Stack ${stackName} cannot be deleted with ${roleArn}, ${what}: there is no such role.`,
    remedy: `Make the role again, or name another one (option roleArn, or ${FLAGS.roleArn} on the command line).`,
  };
}

function noRole(asked: string, stackName: string): TeardownRefusal {
  return {
    code: 'NO_ROLE',
    stack: asked,
    sentence: `Stack ${stackName} has no service role, and the service has no delete role: nobody's rights are there to delete it with.`,
    remedy:
      'Deploy the service with a delete role (parameter DeleteRoleArn), or delete the stack with your own rights: the command line with --local.',
  };
}
