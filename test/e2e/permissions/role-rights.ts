import {
  CreatePolicyVersionCommand,
  DeletePolicyVersionCommand,
  DeleteRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { ACCOUNT_ID, type LocalAccount } from '#scripts/lib/local-account.ts';

/** Policies of the account itself: AWS's own change without anybody noticing. */
const OWN = `arn:aws:iam::${ACCOUNT_ID}:policy/`;

interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  /** A Deny may say NotAction instead. */
  readonly Action?: string | readonly string[];
}

interface PolicyDocument {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

/** The rights of a deployed role as IAM has them; a test takes single actions away and gives them back. */
export class RoleRights {
  readonly roleName: string;
  readonly #client: IAMClient;

  constructor(account: LocalAccount, roleName: string) {
    this.roleName = roleName;
    this.#client = new IAMClient(account.root);
  }

  /**
   * Every action that the role is allowed, sorted; by one of its managed policies where that is named.
   *
   * @throws Error where that cannot be told: a policy of AWS, or a wildcard
   */
  async actions(policyName?: string): Promise<readonly string[]> {
    const allowed = [...(await this.#policies())]
      .filter(([name]) => policyName === undefined || name === `${OWN}${policyName}`)
      .flatMap(([, { Statement }]) => Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(actionsOf));
    const vague = allowed.filter((action) => action.includes('*'));
    if (vague.length > 0) {
      throw new Error(`${this.roleName} is allowed more than single actions: ${vague.join(', ')}`);
    }
    return [...new Set(allowed)].sort();
  }

  /** Does the work while no statement allows the action, and puts every policy back as it was. */
  async without<T>(action: string, work: () => Promise<T>): Promise<T> {
    const before = await this.#policies();
    const holding = [...before].filter(([, document]) => document.Statement.some((each) => allows(each, action)));
    if (holding.length === 0) {
      throw new Error(`${this.roleName} does not hold ${action}: nothing can be taken away`);
    }
    try {
      for (const [name, document] of holding) {
        await this.#put(name, less(document, action));
      }
      return await work();
    } finally {
      for (const [name, document] of holding) {
        await this.#put(name, document);
      }
    }
  }

  /** By name, or by ARN where the policy is a managed one. */
  async #policies(): Promise<ReadonlyMap<string, PolicyDocument>> {
    const RoleName = this.roleName;
    const { PolicyNames = [] } = await this.#client.send(new ListRolePoliciesCommand({ RoleName }));
    const policies = new Map<string, PolicyDocument>();
    for (const PolicyName of PolicyNames) {
      const { PolicyDocument: text = '' } = await this.#client.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      policies.set(PolicyName, JSON.parse(decodeURIComponent(text)));
    }
    const { AttachedPolicies = [] } = await this.#client.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    for (const { PolicyArn = '' } of AttachedPolicies) {
      if (!PolicyArn.startsWith(OWN)) {
        throw new Error(`${RoleName} is allowed more than single actions: the managed policy ${PolicyArn}`);
      }
      policies.set(PolicyArn, await this.#managed(PolicyArn));
    }
    return policies;
  }

  async #managed(PolicyArn: string): Promise<PolicyDocument> {
    const VersionId = await this.#versionOf(PolicyArn);
    const { PolicyVersion } = await this.#client.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }));
    return JSON.parse(decodeURIComponent(PolicyVersion?.Document ?? ''));
  }

  async #versionOf(PolicyArn: string): Promise<string | undefined> {
    const { Policy } = await this.#client.send(new GetPolicyCommand({ PolicyArn }));
    return Policy?.DefaultVersionId;
  }

  /** IAM knows no policy without a statement: an inline one is not there then. A managed one has five versions at the most. */
  async #put(name: string, document: PolicyDocument): Promise<void> {
    const text = JSON.stringify(document);
    if (name.startsWith(OWN)) {
      const VersionId = await this.#versionOf(name);
      const next = { PolicyArn: name, PolicyDocument: text, SetAsDefault: true };
      await this.#client.send(new CreatePolicyVersionCommand(next));
      await this.#client.send(new DeletePolicyVersionCommand({ PolicyArn: name, VersionId }));
      return;
    }
    const named = { RoleName: this.roleName, PolicyName: name };
    if (document.Statement.length > 0) {
      await this.#client.send(new PutRolePolicyCommand({ ...named, PolicyDocument: text }));
    } else {
      await this.#client.send(new DeleteRolePolicyCommand(named));
    }
  }
}

function actionsOf({ Action = [] }: Statement): readonly string[] {
  return typeof Action === 'string' ? [Action] : Action;
}

function allows(statement: Statement, action: string): boolean {
  return statement.Effect === 'Allow' && actionsOf(statement).includes(action);
}

function less(document: PolicyDocument, action: string): PolicyDocument {
  const statements = document.Statement.flatMap((statement) => {
    if (!allows(statement, action)) {
      return [statement];
    }
    const left = actionsOf(statement).filter((each) => each !== action);
    return left.length > 0 ? [{ ...statement, Action: left }] : [];
  });
  return { ...document, Statement: statements };
}
