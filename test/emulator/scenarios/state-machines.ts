import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { lambda, role } from '#test/emulator/functions.ts';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, REGION, unique } from '#test/emulator/scenario.ts';
import { stackFixture } from '#test/emulator/stacks.ts';

const ACCOUNT = '000000000000';
const arnOf = (name: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
const MACHINE_ROLE = 'MachineRole';

/** A function with the given body, and a role for state machines that may invoke the named functions. */
async function deployed(context: ScenarioContext, code: string, mayInvoke?: string): Promise<Place> {
  const stacks = stackFixture(context);
  const functionName = unique('task');
  const machine = unique('machine');
  const Resource = arnOf(mayInvoke ?? functionName);
  await stacks.create(unique('states'), {
    Resources: {
      Role: role(),
      Function: lambda(functionName, code),
      [MACHINE_ROLE]: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: machine,
          AssumeRolePolicyDocument: {
            Statement: [{ Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' }],
          },
          Policies: [
            {
              PolicyName: 'rights',
              PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource }] },
            },
          ],
        },
      },
    },
  });
  return { functionName, roleArn: `arn:aws:iam::${ACCOUNT}:role/${machine}` };
}

interface Place {
  readonly functionName: string;
  readonly roleArn: string;
}

const task = ({ functionName }: Place, more: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: arnOf(functionName), Payload: '{% $states.input %}' },
  Output: '{% $states.result.Payload %}',
  ...more,
});

async function start(context: ScenarioContext, { roleArn }: Place, definition: object, input = {}): Promise<Execution> {
  const sfn = new SFNClient(clientConfig(context));
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name: unique('machine'),
      roleArn,
      definition: JSON.stringify({ QueryLanguage: 'JSONata', ...definition }),
    }),
  );
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
  return {
    stop: () => sfn.send(new StopExecutionCommand({ executionArn })),
    ended: async () => {
      for (;;) {
        const now = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (now.status !== 'RUNNING') return now;
        await sleep(25);
      }
    },
  };
}

interface Execution {
  stop(): Promise<unknown>;
  ended(): Promise<DescribeExecutionCommandOutput>;
}

const NAMED = `const error = new Error('the field x is missing'); error.name = event.name; throw error;`;

export const stateMachineScenarios: readonly Scenario[] = [
  {
    addition: 'error-names',
    name: 'an error that a function throws is reported, and caught, by its name',
    async run(context) {
      const place = await deployed(context, NAMED);
      const Payload = JSON.stringify({ name: 'REQUEST_INVALID' });
      const answer = await new LambdaClient(clientConfig(context)).send(
        new InvokeCommand({ FunctionName: place.functionName, Payload }),
      );
      const told = JSON.parse(answer.Payload?.transformToString() ?? '{}');
      assert.equal(told.errorType, 'REQUEST_INVALID');
      assert.equal(told.errorMessage, 'the field x is missing');
      assert.match(told.trace[0], /the field x is missing/);
      const caught = { ErrorEquals: ['REQUEST_INVALID'], Output: 'caught', Next: 'End' };
      const States = { Task: task(place, { Catch: [caught], Next: 'End' }), End: { Type: 'Pass', End: true } };
      const execution = await start(context, place, { StartAt: 'Task', States }, { name: 'REQUEST_INVALID' });
      assert.equal((await execution.ended()).output, '"caught"');
    },
  },
  {
    addition: 'error-names',
    name: 'a process that ends is reported as Runtime.ExitError',
    async run(context) {
      const place = await deployed(context, 'process.exit(1);');
      const answer = await new LambdaClient(clientConfig(context)).send(
        new InvokeCommand({ FunctionName: place.functionName }),
      );
      const told = JSON.parse(answer.Payload?.transformToString() ?? '{}');
      assert.equal(told.errorType, 'Runtime.ExitError');
    },
  },
  {
    addition: 'state-machines',
    name: 'a state machine invokes only what its role may',
    async run(context) {
      const place = await deployed(context, 'return 1;', 'another-function');
      const execution = await start(context, place, {
        StartAt: 'Task',
        States: { Task: task(place, { End: true }) },
      });
      const { status, error, cause } = await execution.ended();
      assert.deepEqual([status, error], ['FAILED', 'Lambda.AWSLambdaException']);
      assert.match(cause ?? '', /is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:/);
    },
  },
  {
    addition: 'state-machines',
    name: 'a result of more than 256 KiB fails the execution, and States.ALL does not catch that',
    async run(context) {
      const place = await deployed(context, `return 'x'.repeat(event.bytes);`);
      const all = { ErrorEquals: ['States.ALL'], Output: 'caught', Next: 'End' };
      const States = { Task: task(place, { Catch: [all], Next: 'End' }), End: { Type: 'Pass', End: true } };
      const small = await start(context, place, { StartAt: 'Task', States }, { bytes: 260_000 });
      assert.equal((await small.ended()).status, 'SUCCEEDED');
      const large = await start(context, place, { StartAt: 'Task', States }, { bytes: 263_000 });
      const { status, error } = await large.ended();
      assert.deepEqual([status, error], ['FAILED', 'States.DataLimitExceeded']);
    },
  },
  {
    addition: 'state-machines',
    name: 'what a Map collects has 256 KiB at the most',
    async run(context) {
      const place = await deployed(context, `return 'x'.repeat(100_000);`);
      const Each = { StartAt: 'Task', States: { Task: task(place, { End: true }) } };
      const States = { Map: { Type: 'Map', Items: [{}, {}, {}], ItemProcessor: Each, End: true } };
      const { error } = await (await start(context, place, { StartAt: 'Map', States })).ended();
      assert.equal(error, 'States.DataLimitExceeded');
    },
  },
  {
    addition: 'state-machines',
    name: 'a stopped execution begins no further task, within a Map neither, and stays ABORTED',
    async run(context) {
      const stacks = stackFixture(context);
      const place = await deployed(
        context,
        `globalThis.count = (globalThis.count ?? 0) + (event.look ? 0 : 1); return globalThis.count;`,
      );
      const loop = {
        StartAt: 'Task',
        States: { Task: task(place, { Output: {}, Next: 'Wait' }), Wait: { Type: 'Wait', Seconds: 1, Next: 'Task' } },
      };
      const all = { ErrorEquals: ['States.ALL'], Output: 'caught', Next: 'End' };
      const States = {
        Map: { Type: 'Map', Items: [{}], ItemProcessor: loop, Catch: [all], Next: 'End' },
        End: { Type: 'Pass', End: true },
      };
      const execution = await start(context, place, { StartAt: 'Map', States });
      const count = async (): Promise<number> => {
        const Payload = JSON.stringify({ look: true });
        const client = new LambdaClient(clientConfig(context));
        const answer = await client.send(new InvokeCommand({ FunctionName: place.functionName, Payload }));
        return Number(answer.Payload?.transformToString());
      };
      await stacks.until('two rounds', async () => ((await count()) >= 2 ? true : undefined));
      await execution.stop();
      await sleep(300);
      const stopped = await count();
      await sleep(500);
      assert.equal(await count(), stopped);
      assert.equal((await execution.ended()).status, 'ABORTED');
    },
  },
];
