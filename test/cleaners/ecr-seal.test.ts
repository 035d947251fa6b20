import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addSeal, liftSeal } from '#functions/cleaners/ecr-seal.ts';

const SEAL = {
  Sid: 'CleanExitSeal',
  Effect: 'Deny',
  Principal: '*',
  Action: ['ecr:PutImage', 'ecr:InitiateLayerUpload', 'ecr:UploadLayerPart', 'ecr:CompleteLayerUpload'],
};
const PULL = { Sid: 'Pull', Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'ecr:*' };

/** The document that an edit writes. */
function written(edit: ReturnType<typeof addSeal>): unknown {
  return edit.kind === 'write' ? JSON.parse(edit.policy) : edit;
}

function policy(statement: unknown, rest: object = { Version: '2012-10-17' }): string {
  return JSON.stringify({ ...rest, Statement: statement });
}

describe('addSeal', () => {
  it('denies the four push actions to everybody, and nothing else', () => {
    expect(written(addSeal(undefined))).toEqual({ Version: '2012-10-17', Statement: [SEAL] });
  });

  it('keeps every statement, and the rest of the document, as it was', () => {
    const rest = { Version: '2008-10-17', Id: 'ours' };
    expect(written(addSeal(policy([PULL], rest)))).toEqual({ ...rest, Statement: [PULL, SEAL] });
  });

  it('takes a single statement that is no list', () => {
    expect(written(addSeal(policy(PULL)))).toEqual({ Version: '2012-10-17', Statement: [PULL, SEAL] });
  });

  it('takes another statement id where somebody else uses ours', () => {
    const theirs = { ...PULL, Sid: 'CleanExitSeal' };
    const also = { ...PULL, Sid: 'CleanExitSeal2' };
    expect(written(addSeal(policy([theirs, also])))).toMatchObject({
      Statement: [theirs, also, { ...SEAL, Sid: 'CleanExitSeal3' }],
    });
  });

  it.each([
    ['our own text', SEAL],
    ['the principal in its long form', { ...SEAL, Principal: { AWS: '*' } }],
    ['the principal as a list', { ...SEAL, Principal: { AWS: ['*'] } }],
    ['the actions in another order', { ...SEAL, Action: SEAL.Action.toReversed() }],
    ['another number', { ...SEAL, Sid: 'CleanExitSeal2' }],
  ])('is content with a seal that is there: %s', (_, seal) => {
    expect(addSeal(policy([PULL, seal]))).toEqual({ kind: 'leave' });
  });

  it.each([
    ['a condition', { ...SEAL, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
    ['one action fewer', { ...SEAL, Action: SEAL.Action.slice(1) }],
    ['some principals only', { ...SEAL, Principal: { AWS: 'arn:aws:iam::123456789012:root' } }],
    ['an Allow', { ...SEAL, Effect: 'Allow' }],
  ])('is not content with %s under our statement id', (_, statement) => {
    expect(addSeal(policy([statement])).kind).toBe('write');
  });

  it.each(['', 'null', '[]', '{}', '"text"', '{"Statement":"none"}', '{"Statement":'])('gives up on %j', (text) => {
    expect(addSeal(text)).toMatchObject({ kind: 'impossible', why: expect.stringContaining('not a JSON document') });
  });

  it('writes a policy of 10,240 characters and not one more', () => {
    const withId = (length: number) => policy([PULL], { Id: 'x'.repeat(length) });
    const room = 10_240 - JSON.stringify({ Id: '', Statement: [PULL, SEAL] }).length;
    expect(addSeal(withId(room)).kind).toBe('write');
    expect(addSeal(withId(room + 1))).toMatchObject({ kind: 'impossible', why: expect.stringContaining('10240') });
  });
});

describe('liftSeal', () => {
  it.each([undefined, policy([PULL]), 'no JSON', policy([{ ...PULL, Sid: 'CleanExitSeal' }])])('leaves %j', (text) => {
    expect(liftSeal(text)).toEqual({ kind: 'leave' });
  });

  it('deletes a policy that held nothing but the seal', () => {
    expect(liftSeal(policy([SEAL]))).toEqual({ kind: 'delete' });
  });

  it('takes every seal and nothing else', () => {
    const text = policy([SEAL, PULL, { ...SEAL, Sid: 'CleanExitSeal2' }], { Version: '2008-10-17', Id: 'ours' });
    expect(written(liftSeal(text))).toEqual({ Version: '2008-10-17', Id: 'ours', Statement: [PULL] });
  });
});

describe('seal and lift', () => {
  it('give back every policy as it was', () => {
    const statement = fc.record({
      Sid: fc.constantFrom('CleanExitSeal', 'CleanExitSeal2', 'Pull', 'Push'),
      Effect: fc.constantFrom('Allow', 'Deny'),
      Principal: fc.constantFrom('*', { AWS: '*' }, { AWS: 'arn:aws:iam::123456789012:root' }),
      Action: fc.constantFrom('ecr:*', ['ecr:PutImage'], ['ecr:GetDownloadUrlForLayer']),
    });
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 5 }), (statements) => {
        const sealed = addSeal(policy(statements));
        const text = sealed.kind === 'write' ? sealed.policy : undefined;
        expect(addSeal(text)).toEqual({ kind: 'leave' });
        expect(written(liftSeal(text))).toEqual({ Version: '2012-10-17', Statement: statements });
      }),
    );
  });
});
