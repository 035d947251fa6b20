import { describe, expect, it } from '@jest/globals';
import { clip, collect, remedyFor } from '#functions/cleaners/failures.ts';
import { AwsFailure, Bug } from '#functions/errors.ts';

function failure(errorName: string): AwsFailure {
  return new AwsFailure({ action: 'ecr:BatchDeleteImage', resource: 'team/job', errorName }, 'no');
}

describe('remedyFor', () => {
  it.each(['AccessDeniedException', 'AccessDenied', 'NotAuthorized'])(
    '%s: an administrator, the right, the role',
    (name) => {
      expect(remedyFor(failure(name))).toBe(
        'An administrator must allow ecr:BatchDeleteImage on team/job to the role of the function, then delete again.',
      );
    },
  );

  it.each(['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'LimitExceededException'])(
    '%s: later',
    (name) => {
      expect(remedyFor(failure(name))).toContain('quota for ecr:BatchDeleteImage');
    },
  );

  it('anything else: the owner of the stack', () => {
    expect(remedyFor(failure('ServerException'))).toContain('Whoever owns the stack mends what ecr:BatchDeleteImage');
  });
});

describe('clip', () => {
  it('leaves 300 bytes, and cuts what is longer at a character', () => {
    expect(clip('x'.repeat(300))).toBe('x'.repeat(300));
    expect(clip('x'.repeat(301))).toBe(`${'x'.repeat(297)}…`);
    expect(clip('🐳'.repeat(200))).toBe(`${'🐳'.repeat(74)}…`);
  });
});

describe('collect', () => {
  it('hands on what AWS refused and throws everything else', async () => {
    const onFailure = (thrown: AwsFailure) => thrown.context.errorName;
    await expect(collect(() => Promise.resolve('done'), onFailure)).resolves.toBe('done');
    await expect(collect(() => Promise.reject(failure('KmsError')), onFailure)).resolves.toBe('KmsError');
    await expect(collect(() => Promise.reject(new Bug('ours')), onFailure)).rejects.toThrow('ours');
  });
});
