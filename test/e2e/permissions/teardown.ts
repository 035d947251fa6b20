import { CloudFormationClient, UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import { CreateLogGroupCommand, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { expect } from '@jest/globals';
import { until } from '#scripts/lib/local-account.ts';
import type { Scene } from '../support/scene.ts';
import { type Ended, Teardowns } from '../support/teardowns.ts';
import { project, repository, role } from '../support/templates.ts';
import { logTime, type Scenario, type Scenarios } from './loss.ts';

type OfTeardowns = Scenario<Scene>;

/** One stack for each scenario. */
const nameFor = (action: string) => `td-${action.toLowerCase().replace(':', '-')}`;

/** A plan that could not be made: no half of it is carried out. */
export const noPlan = (stack: string): OfTeardowns => ({
  shows: 'nothing is planned, and nothing begun',
  async run({ account }, action, lose) {
    const teardowns = new Teardowns(account);
    const { allowed } = await lose(async () => {
      const { error, cause } = await teardowns.execute([stack]);
      expect(error).toBe('ACCESS_DENIED');
      expect(cause).toMatch(new RegExp(`^${action} on .+: AccessDenied`));
      expect(cause).toContain(`An administrator must allow ${action} to the role of the function clean-exit-teardown.`);
    });
    expect(allowed.filter((each) => !/:(Describe|List|Get|BatchGet)/.test(each))).toEqual([]);
  },
});

/** CloudFormation is not asked: the stack stays as it is, emptied, and the report says who must act. */
const noDelete = (prepare: (scene: Scene, name: string) => Promise<unknown> = async () => {}): OfTeardowns => ({
  shows: 'the delete is not asked for, and the report says who must act',
  async run(scene, action, lose) {
    const { account, stacks } = scene;
    const name = nameFor(action);
    const { id } = await stacks.create(name, { Repository: repository(name) });
    await prepare(scene, name);
    const execute = () => new Teardowns(account).execute([name], { disableTerminationProtection: true });
    await lose(async () => {
      const { error, report } = await execute();
      expect(error).toBe('TeardownFailed');
      expect(report.stacks).toMatchObject([
        {
          outcome: 'failed',
          why: expect.stringContaining('is not authorized to perform'),
          remedy: expect.stringContaining('An administrator must allow'),
        },
      ]);
      expect(JSON.stringify(report.stacks)).toContain(action);
    });
    expect(await stacks.status(id)).toBe('CREATE_COMPLETE');
    expect(outcomesOf(await execute())).toEqual(['deleted']);
  },
});

const protect = ({ account }: Scene, StackName: string) =>
  new CloudFormationClient(account.root).send(
    new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection: true }),
  );

const groupStays: OfTeardowns = {
  shows: 'the stack goes, the log group that it leaves stays and is told',
  async run({ account, stacks, logs }, action, lose) {
    const name = nameFor(action);
    const template = { Role: role(`${name}-codebuild`, 'codebuild.amazonaws.com'), Project: project(name, 'Role') };
    await stacks.create(name, template);
    const logGroupName = `/aws/codebuild/${name}`;
    await logs.send(new CreateLogGroupCommand({ logGroupName }));
    await lose(async () => {
      const { report } = await new Teardowns(account).execute([name], { deleteOrphanedLogGroups: true });
      expect(report).toMatchObject({
        outcome: 'deleted',
        removedLogGroups: [],
        remaining: [{ kind: 'log group', what: `AWS::Logs::LogGroup ${logGroupName}` }],
        notes: [{ code: 'LOG_GROUP_LEFT', sentence: expect.stringContaining(`${action} on `) }],
      });
    });
  },
};

const copiesUntold: OfTeardowns = {
  shows: 'the stack goes, and nobody can say whether its images were copied elsewhere',
  async run({ account, stacks }, action, lose) {
    const name = nameFor(action);
    await stacks.create(name, { Repository: repository(name) });
    await lose(async () => expect(outcomesOf(await new Teardowns(account).execute([name]))).toEqual(['deleted']));
  },
};

const ownLogIsMissing: OfTeardowns = {
  shows: 'the stack goes, and nothing is logged',
  madeBy: 'Lambda writes what the function prints, with the rights of its role.',
  async run({ account, logs }, action, lose) {
    const teardowns = new Teardowns(account);
    const linesOf = async (stack: string): Promise<number> => {
      let count = 0;
      const group = { logGroupName: '/aws/lambda/clean-exit-teardown' };
      for await (const page of paginateFilterLogEvents({ client: logs }, group)) {
        count += (page.events ?? []).filter(({ message = '' }) => message.includes(stack)).length;
      }
      return count;
    };
    const name = nameFor(action);
    await lose(async () => {
      expect((await teardowns.ended(await teardowns.start({ stacks: [name] }))).status).toBe('SUCCEEDED');
      await logTime();
    }, 'in process');
    await teardowns.ended(await teardowns.start({ stacks: [`${name}-later`] }));
    // What came later is there: what came earlier would be.
    await until(async () => (await linesOf(`${name}-later`)) > 0, 'a line about the later plan');
    expect(await linesOf(`"${name}"`)).toBe(0);
  },
};

function outcomesOf({ report }: Ended): readonly string[] {
  return report.stacks.map(({ outcome }) => outcome);
}

/** Every action that the teardown's role has beside those of the policies that both doors share. */
export const TEARDOWN: Scenarios<Scene> = {
  'cloudformation:ListStacks': noPlan('never-heard-of'),
  'cloudformation:DeleteStack': noDelete(),
  'cloudformation:UpdateTerminationProtection': noDelete(protect),
  'iam:PassRole': { ...noDelete(), madeBy: 'IAM asks for it where DeleteStack passes a role.' },
  'ecr:DescribeRegistry': copiesUntold,
  'logs:DeleteLogGroup': groupStays,
  'logs:CreateLogStream': ownLogIsMissing,
  'logs:PutLogEvents': ownLogIsMissing,
};
