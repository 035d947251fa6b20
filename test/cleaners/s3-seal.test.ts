import { describe, expect, it } from '@jest/globals';
import { addBucketSeal, liftBucketSeal } from '#functions/cleaners/s3-seal.ts';

const bucket = { stackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/app/1', physicalId: 'data' };
const SEAL = {
  Sid: 'CleanExitSeal',
  Effect: 'Deny',
  Principal: '*',
  Action: ['s3:PutObject', 's3:ReplicateObject', 's3:ReplicateDelete'],
  Resource: 'arn:aws:s3:::data/*',
};
const TLS = { Sid: 'Tls', Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: '*', Condition: {} };
const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const written = (edit: ReturnType<typeof addBucketSeal>): unknown =>
  edit.kind === 'write' ? JSON.parse(edit.policy) : edit;

describe('addBucketSeal', () => {
  it('denies to everybody what writes into the bucket, and nothing that empties it', () => {
    expect(written(addBucketSeal(undefined, bucket))).toEqual({ Version: '2012-10-17', Statement: [SEAL] });
  });

  it('keeps the statements that were there', () => {
    expect(written(addBucketSeal(policy(TLS), bucket))).toEqual({ Version: '2012-10-17', Statement: [TLS, SEAL] });
  });

  it.each(['aws-cn', 'aws-us-gov'])('names the bucket in its partition %s', (partition) => {
    const stackId = bucket.stackId.replace('arn:aws:', `arn:${partition}:`);
    const Statement = [{ ...SEAL, Resource: `arn:${partition}:s3:::data/*` }];
    expect(written(addBucketSeal(undefined, { ...bucket, stackId }))).toMatchObject({ Statement });
  });

  it('knows its seal again, also with the resource as a list', () => {
    expect(addBucketSeal(policy(SEAL), bucket)).toEqual({ kind: 'leave' });
    expect(addBucketSeal(policy({ ...SEAL, Resource: [SEAL.Resource] }), bucket)).toEqual({ kind: 'leave' });
  });

  it.each([
    ['another bucket', { ...SEAL, Resource: 'arn:aws:s3:::other/*' }],
    ['a part of the bucket', { ...SEAL, Resource: 'arn:aws:s3:::data/logs/*' }],
    ['no resource', { ...SEAL, Resource: undefined }],
    ['a condition', { ...SEAL, Condition: { Bool: { 'aws:SecureTransport': 'false' } } }],
  ])('is not content with a statement on %s', (_, statement) => {
    expect(addBucketSeal(policy(statement), bucket).kind).toBe('write');
  });

  it('writes 20,480 bytes and not one more; letters beyond ASCII count as S3 counts them', () => {
    const filled = (letters: string) => JSON.stringify({ Id: letters, Statement: [] });
    const room = 20_480 - JSON.stringify({ Id: '', Statement: [SEAL] }).length;
    expect(addBucketSeal(filled('x'.repeat(room)), bucket).kind).toBe('write');
    const tooLong = { kind: 'impossible', why: expect.stringContaining('20480 bytes') };
    expect(addBucketSeal(filled('x'.repeat(room + 1)), bucket)).toMatchObject(tooLong);
    expect(addBucketSeal(filled('日'.repeat(Math.ceil(room / 3) + 1)), bucket)).toMatchObject(tooLong);
  });
});

describe('liftBucketSeal', () => {
  it('takes the seal and nothing else', () => {
    expect(written(liftBucketSeal(policy(TLS, SEAL), bucket))).toEqual({ Version: '2012-10-17', Statement: [TLS] });
    expect(liftBucketSeal(policy(SEAL), bucket)).toEqual({ kind: 'delete' });
  });

  it.each([undefined, 'no JSON', policy(TLS), policy({ ...SEAL, Resource: 'arn:aws:s3:::other/*' })])(
    'leaves %j',
    (text) => {
      expect(liftBucketSeal(text, bucket)).toEqual({ kind: 'leave' });
    },
  );
});
