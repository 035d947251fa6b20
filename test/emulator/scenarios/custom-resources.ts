import assert from 'node:assert/strict';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { answering, lambda, role } from '#test/emulator/functions.ts';
import type { Scenario, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, REGION, unique } from '#test/emulator/scenario.ts';
import { stackFixture, type Template } from '#test/emulator/stacks.ts';

interface Request {
  RequestType: string;
  RequestId: string;
  PhysicalResourceId?: string;
  ResourceProperties: Record<string, unknown>;
}

/** The requests that a function logged, in order: at least `count`, for a log is written when its invocation has ended. */
async function requests(context: ScenarioContext, functionName: string, count: number): Promise<Request[]> {
  const logs = new CloudWatchLogsClient(clientConfig(context));
  return stackFixture(context).until(`${count} requests`, async () => {
    const { events = [] } = await logs.send(
      new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${functionName}` }),
    );
    const seen = events.flatMap(({ message = '' }) => {
      const json = /REQUEST (\{.*\})/.exec(message)?.[1];
      return json === undefined ? [] : [JSON.parse(json) as Request];
    });
    return seen.length >= count ? seen : undefined;
  });
}

const custom = (functionName: string, code: string, properties: object = {}): Template => ({
  Resources: {
    Role: role(),
    Function: lambda(functionName, code),
    Custom: {
      Type: 'Custom::Thing',
      Properties: { ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] }, ...properties },
    },
  },
});

/** Fails its Create and its first Delete, which it remembers outside of its process. */
const STUBBORN = `
  const seen = require('node:os').tmpdir() + '/' + context.functionName;
  const again = event.RequestType === 'Delete' && require('node:fs').existsSync(seen);
  if (event.RequestType === 'Delete') require('node:fs').writeFileSync(seen, '');
  ${answering(`again ? { Status: 'SUCCESS' } : { Status: 'FAILED', Reason: 'not yet', PhysicalResourceId: 'half-made' }`)}`;

export const customResourceScenarios: readonly Scenario[] = [
  {
    addition: 'custom-resources',
    name: 'a function that throws is asked three times with one RequestId, then the answer never came',
    async run(context) {
      const stacks = stackFixture(context);
      const functionName = unique('throws');
      const code = `console.log('REQUEST ' + JSON.stringify(event)); throw new Error('no');`;
      const stack = await stacks.create(
        unique('custom'),
        custom(functionName, code, { ServiceTimeout: 3, Flag: true }),
      );
      assert.equal(stack.StackStatus, 'ROLLBACK_FAILED');
      const seen = await requests(context, functionName, 4);
      const creates = seen.filter((request) => request.RequestType === 'Create');
      assert.equal(creates.length, 3);
      assert.equal(new Set(creates.map((request) => request.RequestId)).size, 1);
      assert.deepEqual(
        [creates[0]?.ResourceProperties.ServiceTimeout, creates[0]?.ResourceProperties.Flag],
        ['3', 'true'],
      );
      const row = (await stacks.events(stack)).find((event) => event.ResourceStatus === 'CREATE_FAILED');
      assert.match(
        row?.ResourceStatusReason ?? '',
        /^CloudFormation did not receive a response from your Custom Resource/,
      );
      assert.match(seen.at(-1)?.PhysicalResourceId ?? '', /^custom-\w+-Custom-[A-Z0-9]{13}$/);
    },
  },
  {
    addition: 'custom-resources',
    name: 'a failed Create is followed by a Delete of the physical ID that it answered',
    async run(context) {
      const stacks = stackFixture(context);
      const functionName = unique('fails');
      const code = answering(`event.RequestType === 'Create'
        ? { Status: 'FAILED', Reason: 'not today', PhysicalResourceId: 'half-made' } : { Status: 'SUCCESS' }`);
      const stack = await stacks.create(unique('custom'), custom(functionName, code));
      assert.equal(stack.StackStatus, 'ROLLBACK_COMPLETE');
      const row = (await stacks.events(stack)).find((event) => event.ResourceStatus === 'CREATE_FAILED');
      assert.match(
        row?.ResourceStatusReason ?? '',
        /^Received response status \[FAILED\] from custom resource. Message returned: not today \(RequestId: \S+\)$/,
      );
      const [create, remove] = await requests(context, functionName, 2);
      assert.equal(create?.RequestType, 'Create');
      assert.deepEqual([remove?.RequestType, remove?.PhysicalResourceId], ['Delete', 'half-made']);
    },
  },
  {
    addition: 'failed-creates',
    name: 'a failed Create is undone; when that fails too, the resource stays and the next DeleteStack tries again',
    async run(context) {
      const stacks = stackFixture(context);
      const functionName = unique('stubborn');
      // The function outlives the stack of the custom resource, as a resource that is needed for a delete must.
      await stacks.create(unique('function'), {
        Resources: { Role: role(), Function: lambda(functionName, STUBBORN) },
      });
      const ServiceToken = `arn:aws:lambda:${REGION}:000000000000:function:${functionName}`;
      const stack = await stacks.create(unique('custom'), {
        Resources: { Custom: { Type: 'Custom::Thing', Properties: { ServiceToken } } },
      });
      assert.equal(stack.StackStatus, 'ROLLBACK_FAILED');
      assert.equal((await stacks.rows(stack.StackId)).get('Custom')?.ResourceStatus, 'DELETE_FAILED');
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_COMPLETE');
      const types = (await requests(context, functionName, 3)).map((request) => request.RequestType);
      assert.deepEqual(types, ['Create', 'Delete', 'Delete']);
    },
  },
  {
    addition: 'custom-resources',
    name: 'an answer over 4,096 bytes, without a physical ID or with a content type is no success',
    async run(context) {
      const stacks = stackFixture(context);
      const reasonOf = async (code: string) => {
        const stack = await stacks.create(unique('custom'), custom(unique('wrong'), code, { ServiceTimeout: 1 }));
        const row = (await stacks.events(stack)).find((event) => event.ResourceStatus === 'CREATE_FAILED');
        return row?.ResourceStatusReason ?? '';
      };
      const once = (answer: string) => answering(`event.RequestType === 'Create' ? ${answer} : { Status: 'SUCCESS' }`);
      const success = `{ Status: 'SUCCESS', PhysicalResourceId: 'it' }`;
      assert.match(await reasonOf(once(`{ ...${success}, Data: { Long: 'x'.repeat(4000) } }`)), /object is too long/);
      assert.match(await reasonOf(once(`{ Status: 'SUCCESS' }`)), /Invalid PhysicalResourceId/);
      assert.match(await reasonOf(answering(success).replace(`'content-type': ''`, '')), /did not receive a response/);
    },
  },
];
