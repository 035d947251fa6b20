import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bodyOf, MAX_BODY_BYTES } from '#functions/cloudformation/answer.ts';
import { physicalIdOf } from '#functions/cloudformation/physical-id.ts';
import { AnswerAddress } from '#functions/schemas/custom-resource.ts';
import { RESPONSE_URL } from './scene.ts';

const ADDRESS = {
  ResponseURL: RESPONSE_URL,
  StackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/a/b',
  RequestId: 'r',
  LogicalResourceId: 'CleanExit',
};
const POINTER = { logGroup: '/aws/lambda/clean-exit-custom-resource', requestId: 'abc' };

describe('bodyOf', () => {
  it('says what CloudFormation asks for, and nothing about the run', () => {
    expect(JSON.parse(bodyOf(ADDRESS, 'id', { status: 'SUCCESS', data: { NotCovered: '' } }, POINTER))).toEqual({
      Status: 'SUCCESS',
      PhysicalResourceId: 'id',
      StackId: ADDRESS.StackId,
      RequestId: 'r',
      LogicalResourceId: 'CleanExit',
      Data: { NotCovered: '' },
    });
  });

  it('gives the reason of a failure, and where to read on', () => {
    const body = JSON.parse(
      bodyOf(ADDRESS, 'id', { status: 'FAILED', code: 'X', reason: 'Three images left.' }, POINTER),
    );
    expect(body.Reason).toBe('Three images left. (Log group /aws/lambda/clean-exit-custom-resource, request abc.)');
  });

  it.each([
    ['ASCII', 'x'],
    ['Japanese', '消'],
    ['four bytes', '🧹'],
    ['quotes', '"'],
    ['control characters', '\u0001'],
    ['half a character', '\ud83e'],
  ])('cuts %s at 4,096 bytes, at a character', (_, piece) => {
    const body = bodyOf(ADDRESS, 'id', { status: 'FAILED', code: 'X', reason: piece.repeat(5000) }, POINTER);
    const bytes = Buffer.byteLength(body);
    expect(bytes).toBeLessThanOrEqual(MAX_BODY_BYTES);
    // No more is cut than has to be.
    expect(bytes).toBeGreaterThan(MAX_BODY_BYTES - 10);
    const { Reason } = JSON.parse(body);
    expect(Reason).toMatch(/… \(Log group .*, request abc\.\)$/);
    expect(Reason.startsWith(piece)).toBe(true);
    if (piece === '🧹') {
      expect(Reason.isWellFormed()).toBe(true);
    }
  });

  it('is never too large, whatever a request holds', () => {
    const text = (maxLength: number) => fc.string({ unit: 'binary', minLength: 1, maxLength });
    fc.assert(
      fc.property(
        text(128),
        text(255),
        text(1024),
        text(6000),
        (RequestId, LogicalResourceId, PhysicalResourceId, reason) => {
          const parsed = AnswerAddress.safeParse({ ...ADDRESS, RequestId, LogicalResourceId, PhysicalResourceId });
          if (!parsed.success) {
            return;
          }
          const body = bodyOf(parsed.data, physicalIdOf(parsed.data), { status: 'FAILED', code: 'X', reason }, POINTER);
          expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
          expect(JSON.parse(body)).toMatchObject({ RequestId, LogicalResourceId });
        },
      ),
    );
  });
});

describe('physicalIdOf', () => {
  it('echoes what it was given', () => {
    expect(physicalIdOf({ ...ADDRESS, PhysicalResourceId: 'invented-by-somebody' })).toBe('invented-by-somebody');
  });

  it('is a function of stack and logical id', () => {
    expect(physicalIdOf(ADDRESS)).toBe(`${ADDRESS.StackId}/CleanExit`);
    expect(physicalIdOf({ ...ADDRESS, LogicalResourceId: 'Other' })).not.toBe(physicalIdOf(ADDRESS));
  });

  it('has 1 to 1,024 bytes', () => {
    const id = fc.string({ minLength: 1, maxLength: 2000 });
    fc.assert(
      fc.property(id, id, (StackId, LogicalResourceId) => {
        const made = physicalIdOf({ StackId, LogicalResourceId });
        expect(Buffer.byteLength(made)).toBeGreaterThan(0);
        expect(Buffer.byteLength(made)).toBeLessThanOrEqual(1024);
        expect(physicalIdOf({ StackId, LogicalResourceId })).toBe(made);
      }),
    );
  });
});
