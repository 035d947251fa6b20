import { createServer, type Server } from 'node:http';
import type { Resource, Resources } from './templates.ts';

/** What happens while CloudFormation waits for a gate: returns how the gate answers. */
export type GateKeeper = (requestType: string) => Promise<'SUCCESS' | 'FAILED'>;

/** The function behind `Custom::Gate`: asks the test, and answers what the test says. */
const CODE = `
exports.handler = async (event) => {
  const { Gate } = event.ResourceProperties;
  const Status = await (await fetch(Gate + '?' + event.RequestType)).text();
  const { StackId, RequestId, LogicalResourceId } = event;
  const PhysicalResourceId = event.PhysicalResourceId || LogicalResourceId;
  const body = JSON.stringify({ Status, Reason: 'the gate is shut', StackId, RequestId, LogicalResourceId, PhysicalResourceId });
  await fetch(event.ResponseURL, { method: 'PUT', body: Buffer.from(body) });
};
`;

/**
 * A custom resource that holds a stack in the middle of an operation until the test lets it go on: so a test looks at, and
 * changes, what is between two steps of CloudFormation.
 */
export class Gate {
  readonly #server: Server;
  readonly #keepers = new Map<string, GateKeeper>();
  readonly #failures: unknown[] = [];

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Gate> {
    const server = createServer((request, response) => {
      const [path = '', requestType = ''] = (request.url ?? '').slice(1).split('?');
      const keeper = gate.#keepers.get(path);
      const said = keeper ? keeper(requestType) : Promise.resolve('SUCCESS');
      said.then(
        (status) => response.end(status),
        (thrown: unknown) => {
          response.end('FAILED');
          gate.#failures.push(thrown);
        },
      );
    });
    const gate = new Gate(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  /** What keepers threw: nobody else would see it. */
  get failures(): readonly unknown[] {
    return this.#failures;
  }

  /** The stack that holds the function. */
  static readonly service: Resources = {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
      },
    },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'gate',
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Timeout: 60,
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { ZipFile: CODE },
      },
    },
  };

  /** A gate for a template; what it does, now and later, is what the keeper says. */
  at(name: string, dependsOn: readonly string[], keeper: GateKeeper): Resource {
    this.#keepers.set(name, keeper);
    const address = this.#server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    return {
      Type: 'Custom::Gate',
      DependsOn: dependsOn,
      Properties: {
        ServiceToken: 'arn:aws:lambda:ap-northeast-1:000000000000:function:gate',
        Gate: `http://127.0.0.1:${port}/${name}`,
      },
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
