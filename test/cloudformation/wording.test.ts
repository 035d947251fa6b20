import { describe, expect, it } from '@jest/globals';
import { addUp, failureSentence, remainsSentence, removedSentence } from '#functions/cloudformation/wording.ts';
import {
  type Finding,
  NO_CONSENT,
  type Plan,
  type Removed,
  type Report,
  type ResourceRef,
} from '#functions/core/model.ts';
import { AwsFailure, BadRequest, Bug, Refused } from '#functions/errors.ts';
import { awsFailure } from '#test/fakes/index.ts';

const ref = (physicalId: string): ResourceRef => ({
  stackId: 'arn',
  stackName: 'xxxx-build',
  logicalId: `Logical${physicalId}`,
  type: 'AWS::ECR::Repository',
  physicalId,
});
const finding = (physicalId: string, contents: Finding['contents'], blocks = true): Finding => ({
  resource: ref(physicalId),
  exists: true,
  contents,
  blocks,
  stages: ['drain'],
  notes: [],
});
const planOf = (...findings: readonly Finding[]): Plan => ({
  version: 1,
  stacks: [],
  options: {
    cause: 'stack delete',
    deleteLogStreams: true,
    ...NO_CONSENT,
  },
  findings,
  steps: [],
  refusals: [],
  untouched: [],
  notes: [],
});
const reportOf = (...removed: readonly Removed[]): Report => ({
  version: 1,
  outcome: 'unfinished',
  removed,
  leftovers: [],
  refusals: [],
  untouched: [],
  notes: [],
  calls: {},
  milliseconds: 0,
});

describe('remainsSentence', () => {
  it('takes what was removed off what was found, each resource by itself', () => {
    const plan = planOf(finding('a', [{ kind: 'image', count: 10 }]), finding('b', [{ kind: 'image', count: 5 }]));
    const report = reportOf({ resource: ref('b'), kind: 'image', count: 4 });
    expect(remainsSentence(plan, report)).toBe('Left: Logicala (a): 10 images; Logicalb (b): 1 image.');
  });

  it('names nothing that is gone or does not block', () => {
    const plan = planOf(
      finding('a', [{ kind: 'image', count: 3 }]),
      finding('b', [{ kind: 'image', count: 5 }], false),
    );
    expect(remainsSentence(plan, reportOf({ resource: ref('a'), kind: 'image', count: 7 }))).toBe('');
  });

  it('does not promise a number that nobody knows', () => {
    const plan = planOf(finding('a', [{ kind: 'image', count: 3, orMore: true }]));
    expect(remainsSentence(plan, reportOf())).toBe('Left: Logicala (a): 3 or more images.');
  });
});

describe('removedSentence', () => {
  it.each([
    [{}, 'Nothing was removed so far'],
    [{ image: 0 }, 'Nothing was removed so far'],
    [{ image: 1 }, 'Removed so far: 1 image'],
    [{ image: 1200, 'log stream': 3 }, 'Removed so far: 1,200 images and 3 log streams'],
    [{ image: 2, webhook: 1, 'log stream': 3 }, 'Removed so far: 2 images, 1 webhook and 3 log streams'],
  ])('says of %j: %s', (removed, sentence) => {
    expect(removedSentence(removed)).toBe(sentence);
  });

  it('counts over invocations and resources', () => {
    const removed = ['a', 'b'].map((name) => ({ resource: ref(name), kind: 'image', count: 2 }));
    expect(addUp({ image: 5, webhook: 1 }, removed)).toEqual({ image: 9, webhook: 1 });
    expect(addUp({}, [{ resource: ref('a'), kind: 'constructor', count: 2 }])).toEqual({ constructor: 2 });
  });
});

describe('failureSentence', () => {
  it.each([
    [
      awsFailure('ecr:DescribeImages', 'xxxx', 'AccessDeniedException'),
      /AccessDeniedException from the fake\. An administrator must allow ecr:DescribeImages to the clean-exit function\.$/,
    ],
    [awsFailure('ecr:DescribeImages', 'xxxx', 'ServerException'), /Nothing more was started; try again\.$/],
    [new Refused('X', 'Somebody must decide.'), /^Somebody must decide\.$/],
    [new BadRequest('X', 'Mend the template.'), /^Mend the template\.$/],
    [new Bug('two answers'), /^A defect in clean-exit: two answers\. Report it with the log\.$/],
    [new TypeError('x is not a function'), /^A defect in clean-exit: x is not a function\./],
    ['a text', /^A defect in clean-exit: a text\./],
  ])('says who must act: %s', (thrown, expected) => {
    expect(failureSentence(thrown)).toMatch(expected);
  });

  it.each([
    new AwsFailure({ action: 'iam:GetRole', resource: 'x', errorName: 'Throttling' }, 'Rate exceeded.'),
    new Bug('It broke.'),
    new Error('It broke.'),
  ])('ends %s with one full stop', (thrown) => {
    expect(failureSentence(thrown)).not.toContain('..');
  });
});
