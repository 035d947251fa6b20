/** The service's door: what the state machine is asked for, what its states tell, and how it ends. */
import { describe, expect, it } from '@jest/globals';
import { AwsFailure } from '#functions/errors.ts';
import { beginJourneys } from '#functions/teardown/journey.ts';
import type { TeardownPlan } from '#functions/teardown/model.ts';
import { addPipeline, place, planIn, teardownIn } from '#test/teardown/running.ts';
import { FakeStateMachine, pastExecution } from './fake-state-machine.ts';
import { FakeProcess, IDENTITY, play } from './stage.ts';

const CONSENT = ['delete', 'xxxx-build', '--yes', 'xxxx-build'];

async function scripted(): Promise<{ machine: FakeStateMachine; plan: TeardownPlan; report: unknown }> {
  const where = addPipeline(place(), 'xxxx');
  const plan = await planIn(where, ['xxxx-build']);
  const [[journey] = []] = beginJourneys(plan, 'run-1');
  const report = await teardownIn(where, ['xxxx-build']);
  const planned = { begins: true, waves: [[{ journey }]], plan };
  const removed = report.stacks[0]?.removed;
  const machine = new FakeStateMachine()
    .script(
      'run-1-plan',
      {},
      {
        texts: [{ plan, begins: false }],
        ends: { status: 'SUCCEEDED', output: JSON.stringify({ ...report, outcome: 'planned', stacks: [] }) },
      },
    )
    .script(
      'run-1',
      { texts: [planned] },
      { texts: [{ journey: { ...journey, removed, phase: 'delete' }, bytes: 9 }] },
      { texts: [{ journey: { ...journey, removed, phase: 'done', outcome: 'deleted' } }] },
      { ends: { status: 'SUCCEEDED', output: JSON.stringify(report) } },
    );
  return { machine, plan, report };
}

describe('a service that is deployed', () => {
  it('is taken by itself, and it is said why', async () => {
    const { machine } = await scripted();
    const { stderr } = await play(['plan', 'xxxx-build'], { machine });
    expect(stderr).toContain(
      'By the service, state machine clean-exit-teardown (account 123456789012, eu-west-1): it is deployed here; --local does it with your own rights.',
    );
  });

  it('plans in a run of its own, which only plans', async () => {
    const { machine, plan } = await scripted();
    const { exit, stdout } = await play(['plan', 'xxxx-build', '--json'], { machine });
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(plan)));
    expect(machine.started).toMatchObject([{ name: 'run-1-plan', input: { mode: 'plan', stacks: ['xxxx-build'] } }]);
  });

  it('deletes: what its states tell is progress, its output the report', async () => {
    const { machine, report } = await scripted();
    const { exit, stdout, stderr } = await play([...CONSENT, '--json', '--disable-protection'], { machine });
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(report)));
    expect(machine.started.map(({ name }) => name)).toEqual(['run-1-plan', 'run-1']);
    expect(machine.started[1]?.input).toMatchObject({
      mode: 'execute',
      options: { disableTerminationProtection: true },
    });
    // What the plan says of journeys to come is no progress.
    expect(stderr).not.toContain(': cleaning');
    const lines = stderr.split('\n');
    expect(lines.slice(lines.findIndex((line) => line.startsWith('removed')))).toEqual([
      'removed  AWS::ECR::Repository xxxx: 5 images',
      'stack    xxxx-build: asking CloudFormation to delete it',
      'stack    xxxx-build: deleted',
    ]);
  });

  it('a teardown that failed is told with the report that its states gave: exit code 1', async () => {
    const { machine, report } = await scripted();
    const failed = {
      ...Object(report),
      outcome: 'failed',
      stacks: [{ ...Object(report).stacks[0], outcome: 'failed', why: 'It is stubborn.' }],
    };
    machine.script('run-1', {
      texts: [failed],
      ends: { status: 'FAILED', error: 'TeardownFailed', cause: 'xxxx-build (failed)' },
    });
    const { exit, stdout } = await play(CONSENT, { machine });
    expect(exit).toBe(1);
    expect(stdout).toMatch(/^xxxx-build: not deleted\n {2}because {5}It is stubborn\./);
  });

  it('where it cannot be watched any more, it is said that it works on: exit code 4', async () => {
    const { machine } = await scripted();
    const look = machine.execution.bind(machine);
    machine.execution = async (arn) => {
      if (arn.endsWith(':run-1')) {
        throw new AwsFailure(
          { action: 'states:DescribeExecution', resource: arn, errorName: 'ExpiredTokenException' },
          'no',
        );
      }
      return look(arn);
    };
    const { exit, stderr } = await play(CONSENT, { machine });
    expect(exit).toBe(4);
    expect(stderr).toMatch(
      /clean-exit: The AWS credentials have expired: [^\n]* The service goes on without this terminal\./,
    );
  });

  it('where it cannot be started, nothing goes on', async () => {
    const { machine } = await scripted();
    const start = machine.start.bind(machine);
    machine.start = async (arn, name, input) => {
      if (name === 'run-1') {
        throw new AwsFailure(
          { action: 'states:StartExecution', resource: arn, errorName: 'AccessDeniedException' },
          'no',
        );
      }
      return start(arn, name, input);
    };
    const { exit, stderr } = await play(CONSENT, { machine });
    expect(exit).toBe(4);
    expect(stderr).toContain('These credentials may not do states:StartExecution');
    expect(stderr).not.toContain('goes on');
  });

  it('--local leaves it alone', async () => {
    const { machine } = await scripted();
    const { exit, stderr } = await play([...CONSENT, '--local'], { machine, where: addPipeline(place(), 'xxxx') });
    expect(exit).toBe(0);
    expect(stderr).toContain('--local was given.');
    expect(machine.started).toEqual([]);
  });

  it('Ctrl-C leaves it working, and tells how to follow and to stop it', async () => {
    const { machine } = await scripted();
    const process = new FakeProcess();
    machine.onSleep = () => {
      if (machine.started.length === 2) {
        process.interrupt();
      }
    };
    const { exit, stderr } = await play(CONSENT, { machine }, process);
    expect(exit).toBe(130);
    expect(stderr).toContain(
      'The service goes on without this terminal. Follow it: clean-exit status --region eu-west-1.',
    );
    expect(stderr).toContain(
      'Stop it: aws stepfunctions stop-execution --execution-arn arn:aws:states:eu-west-1:123456789012:execution:clean-exit-teardown:run-1 --region eu-west-1',
    );
    expect(stderr).not.toContain('nothing was deleted');
  });

  it.each([
    [
      { status: 'ABORTED' },
      /gave no answer: somebody stopped it; the same command goes on where it stopped\. The run: arn:/,
    ],
    [
      {
        status: 'FAILED',
        error: 'REQUEST_INVALID',
        cause: JSON.stringify({ errorMessage: 'The request cannot be read.' }),
      },
      /it ended as FAILED with REQUEST_INVALID: The request cannot be read\./,
    ],
    [{ status: 'TIMED_OUT' }, /it ended as TIMED_OUT\. The run/],
    [{ status: 'SUCCEEDED', output: 'no JSON' }, /gave no answer/],
  ])('a run that ends as %j is exit code 1', async (ends, words) => {
    const { machine } = await scripted();
    machine.script('run-1', { ends });
    const { exit, stderr } = await play(CONSENT, { machine });
    expect(exit).toBe(1);
    expect(stderr).toMatch(words);
    expect(stderr).not.toContain('fault of clean-exit');
  });

  it('a plan that it cannot hand over is said to be too long', async () => {
    const { machine, report } = await scripted();
    machine.script('run-1-plan', {
      texts: [{ begins: false }],
      ends: { status: 'SUCCEEDED', output: JSON.stringify(report) },
    });
    const { exit, stderr } = await play(['plan', 'xxxx-build'], { machine });
    expect(exit).toBe(1);
    expect(stderr).toContain('The plan is too long for the state machine to hand over');
  });
});

describe('a service that is not deployed', () => {
  it('--service is wrong usage', async () => {
    const { exit, stderr } = await play(['plan', 'a', '--service']);
    expect(exit).toBe(2);
    expect(stderr).toContain('The service is not deployed in account 123456789012, eu-west-1');
  });
});

describe('whether it is deployed these credentials may not see', () => {
  const denied = new FakeStateMachine();
  denied.exists = async () => {
    throw new AwsFailure(
      { action: 'states:DescribeStateMachine', resource: 'x', errorName: 'AccessDeniedException' },
      'no',
    );
  };

  it('works locally, and says so', async () => {
    const { exit, stderr } = await play(['plan', 'xxxx-build'], {
      machine: denied,
      where: addPipeline(place(), 'xxxx'),
    });
    expect(exit).toBe(0);
    expect(stderr).toContain('whether the service is deployed, these credentials may not see.');
  });

  it('--service is told what is missing', async () => {
    const { exit, stderr } = await play(['plan', 'xxxx-build', '--service'], { machine: denied });
    expect(exit).toBe(4);
    expect(stderr).toContain('These credentials may not do states:DescribeStateMachine');
  });
});

describe('clean-exit status', () => {
  const machine = new FakeStateMachine();
  machine.deployed = true;
  machine.known.push(
    pastExecution(IDENTITY, {
      name: 'now',
      status: 'RUNNING',
      stoppedAt: undefined,
      input: JSON.stringify({ stacks: ['a', 'b'], mode: 'execute' }),
    }),
    pastExecution(IDENTITY, { name: 'planned', input: JSON.stringify({ stacks: ['a'] }) }),
    pastExecution(IDENTITY, {
      name: 'odd',
      status: 'FAILED',
      input: '"hello"',
      cause: `REQUEST_INVALID:\nstacks ${'x'.repeat(400)}`,
    }),
  );
  const stuckStacks = async () => [
    { stackName: 'stuck', reason: 'The following resource(s) failed to delete: [Repo]. ' },
  ];

  it('tells runs, the latest first, and stuck stacks with the next step', async () => {
    const { exit, stdout } = await play(['status'], { machine, kit: { stuckStacks } });
    expect(exit).toBe(0);
    expect(stdout).toMatchSnapshot();
  });

  it('--json gives one document', async () => {
    const { stdout } = await play(['status', '--json'], { machine, kit: { stuckStacks } });
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      deployed: true,
      runs: [{ name: 'now', mode: 'execute', stacks: ['a', 'b'] }, { mode: 'plan' }, { mode: 'unknown' }],
      stuck: [{ stackName: 'stuck' }],
    });
  });

  it('without the service and without stuck stacks', async () => {
    const { exit, stdout } = await play(['status']);
    expect(exit).toBe(0);
    expect(stdout).toBe(
      'The service is not deployed here: a teardown runs in the terminal that began it.\nNo stack is in DELETE_FAILED.',
    );
  });
});
