import {
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import type { LocalAccount } from '#scripts/lib/local-account.ts';

interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: string | readonly string[];
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
   * Every action that the role is allowed, sorted; by one of its policies where that is named.
   *
   * @throws Error where that cannot be told from its inline policies: a managed policy, or a wildcard
   */
  async actions(policyName?: string): Promise<readonly string[]> {
    const { AttachedPolicies = [] } = await this.#client.send(
      new ListAttachedRolePoliciesCommand({ RoleName: this.roleName }),
    );
    const allowed = [...(await this.#policies())]
      .filter(([name]) => policyName === undefined || name === policyName)
      .flatMap(([, { Statement }]) => Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(actionsOf));
    const vague = [
      ...AttachedPolicies.map(({ PolicyArn }) => `the managed policy ${PolicyArn}`),
      ...allowed.filter((action) => action.includes('*')),
    ];
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

  async #policies(): Promise<ReadonlyMap<string, PolicyDocument>> {
    const RoleName = this.roleName;
    const { PolicyNames = [] } = await this.#client.send(new ListRolePoliciesCommand({ RoleName }));
    const policies = new Map<string, PolicyDocument>();
    for (const PolicyName of PolicyNames) {
      const { PolicyDocument: text = '' } = await this.#client.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      policies.set(PolicyName, JSON.parse(decodeURIComponent(text)));
    }
    return policies;
  }

  /** IAM knows no policy without a statement: that one is not there. */
  async #put(PolicyName: string, document: PolicyDocument): Promise<void> {
    const named = { RoleName: this.roleName, PolicyName };
    if (document.Statement.length > 0) {
      await this.#client.send(new PutRolePolicyCommand({ ...named, PolicyDocument: JSON.stringify(document) }));
    } else {
      await this.#client.send(new DeleteRolePolicyCommand(named));
    }
  }
}

function actionsOf({ Action }: Statement): readonly string[] {
  return typeof Action === 'string' ? [Action] : Action;
}

function allows(statement: Statement, action: string): boolean {
  return statement.Effect === 'Allow' && actionsOf(statement).includes(action);
}

function less(document: PolicyDocument, action: string): PolicyDocument {
  const statements = document.Statement.map((statement) =>
    allows(statement, action)
      ? { ...statement, Action: actionsOf(statement).filter((each) => each !== action) }
      : statement,
  );
  return { ...document, Statement: statements.filter((statement) => actionsOf(statement).length > 0) };
}
