import { describe, expect, it } from '@jest/globals';
import {
  at,
  isObject,
  type Json,
  type JsonObject,
  listed,
  object,
  objectsIn,
  templateOf,
  textOf,
} from './cloudformation.ts';

const TEXT = textOf('statemachine/teardown.asl.json');
const definition: JsonObject = object(JSON.parse(TEXT), 'the definition');
const machine = object(at(templateOf('template.yaml'), 'Resources', 'TeardownStateMachine'), 'TeardownStateMachine');

/** Every state with its name, those within a Map too. */
function statesIn(value: Json): (readonly [string, JsonObject])[] {
  return [...objectsIn(value)].flatMap(({ States }) =>
    isObject(States) ? Object.entries(States).map(([name, state]) => [name, object(state, name)] as const) : [],
  );
}

const states = statesIn(definition);
const stateOf = (name: string): JsonObject => object(states.find(([each]) => each === name)?.[1], name);
const tasks = states.filter(([, { Type }]) => Type === 'Task');
const errorsOf = (state: JsonObject, field: 'Retry' | 'Catch'): readonly Json[] =>
  listed(state[field] ?? []).flatMap((each) => listed(at(each, 'ErrorEquals')));

/** Where a state may go. */
function nextOf(state: JsonObject): readonly Json[] {
  return [state, ...['Choices', 'Catch'].flatMap((field) => listed(state[field] ?? []))].flatMap((each) =>
    isObject(each) ? [each['Next'], each['Default']].flatMap((name) => name ?? []) : [],
  );
}

describe('the state machine of the teardown', () => {
  it('is a Standard one, known by name, and its definition wants what the template gives', () => {
    expect(machine).toMatchObject({
      Type: 'AWS::Serverless::StateMachine',
      Properties: {
        Name: 'clean-exit-teardown',
        Type: 'STANDARD',
        DefinitionUri: 'statemachine/teardown.asl.json',
        Role: { 'Fn::GetAtt': ['TeardownStateMachineRole', 'Arn'] },
        Tracing: { Enabled: false },
      },
    });
    const wanted = new Set([...TEXT.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
    expect([...wanted].toSorted()).toEqual(
      Object.keys(object(at(machine, 'Properties', 'DefinitionSubstitutions'), 'substitutions')).toSorted(),
    );
  });

  it('ends within a day, and an alarm tells where it ends badly', () => {
    expect(definition['TimeoutSeconds']).toBe(86_400);
    const alarms = object(at(templateOf('template.yaml'), 'Resources'), 'Resources');
    for (const [name, metric] of [
      ['TeardownFailedAlarm', 'ExecutionsFailed'],
      ['TeardownTimedOutAlarm', 'ExecutionsTimedOut'],
    ] as const) {
      expect(alarms[name]).toMatchObject({
        Properties: {
          Namespace: 'AWS/States',
          MetricName: metric,
          Dimensions: [{ Name: 'StateMachineArn', Value: { Ref: 'TeardownStateMachine' } }],
        },
      });
    }
  });

  it('goes only to states that are there, and reaches every one', () => {
    for (const inner of objectsIn(definition)) {
      const { States, StartAt } = inner;
      if (isObject(States)) {
        const reached = Object.values(States).flatMap((state) => nextOf(object(state, 'a state')));
        expect([...new Set([StartAt, ...reached])].toSorted()).toEqual(Object.keys(States).toSorted());
      }
    }
  });

  it('does everything through the one function', () => {
    for (const [name, state] of tasks) {
      expect({ name, ...state }).toMatchObject({
        Resource: 'arn:${Partition}:states:::lambda:invoke',
        Arguments: { FunctionName: '${FunctionArn}', Payload: { task: expect.any(String) } },
      });
    }
  });

  it.each(['Plan', 'Step', 'Report'])(
    '%s is tried again where Lambda or AWS failed, and never for a wrong request',
    (name) => {
      const again = errorsOf(stateOf(name), 'Retry');
      expect(again).toEqual(
        expect.arrayContaining(['AWS_CALL_FAILED', 'Lambda.ServiceException', 'Lambda.AWSLambdaException']),
      );
      expect(again).toEqual(expect.arrayContaining(['Lambda.SdkClientException', 'Lambda.TooManyRequestsException']));
      // Invocations that were killed: for their time, their memory, or by nobody knows whom.
      expect(again).toEqual(expect.arrayContaining(['Lambda.Unknown', 'Sandbox.Timedout', 'Runtime.ExitError']));
      for (const wide of ['States.ALL', 'States.TaskFailed', 'REQUEST_INVALID', 'BUG']) {
        expect(again).not.toContain(wide);
      }
    },
  );

  it('a notice is told once, and what becomes of it stops nothing', () => {
    for (const name of ['Tell that it begins', 'Tell how it ended']) {
      // Then nobody was told yet.
      expect(errorsOf(stateOf(name), 'Retry')).toEqual(['Lambda.TooManyRequestsException']);
      expect(errorsOf(stateOf(name), 'Catch')).toEqual(['States.ALL']);
    }
  });

  it('one wave after the other, five stacks side by side; what happens to one stack stops no other', () => {
    expect([stateOf('Waves')['MaxConcurrency'], stateOf('Stacks')['MaxConcurrency']]).toEqual([1, 5]);
    expect(errorsOf(stateOf('Step'), 'Catch')).toEqual(['States.ALL']);
  });

  it('a teardown that did not do what was asked for fails, with a name of its own and its reasons', () => {
    expect(stateOf('Refused')).toMatchObject({ Type: 'Fail', Error: 'TeardownRefused' });
    expect(stateOf('Failed')).toMatchObject({ Type: 'Fail', Error: 'TeardownFailed' });
    for (const name of ['Refused', 'Failed', 'Not planned']) {
      expect(String(stateOf(name)['Cause'])).toMatch(/^\{% .* %\}$/);
    }
    // AWS takes 32,768 characters.
    expect(String(stateOf('Failed')['Cause'])).toContain(', 0, 30000)');
  });
});
