import { describe, expect, it } from '@jest/globals';
import { deleteImages, listImages } from '#functions/cleaners/ecr-passes.ts';
import { Bug } from '#functions/errors.ts';
import { fakeAccount } from '#test/fakes/index.ts';

const REPO = 'team/job';

describe('deleteImages', () => {
  it('forgets a problem once a later pass has solved it', async () => {
    const { ecr } = fakeAccount();
    ecr
      .addRepository(REPO)
      .addImage(REPO, { digest: 'sha256:leaf' })
      .addImage(REPO, { digest: 'sha256:inner', children: ['sha256:leaf'] })
      .addImage(REPO, { digest: 'sha256:outer', children: ['sha256:inner'] });
    const done: number[] = [];
    const deletion = await deleteImages(await listImages(ecr, REPO), {
      ecr,
      repository: REPO,
      remaining: () => 1,
      onDeleted: (count) => done.push(count),
    });
    expect(deletion).toEqual({ deleted: 3, problems: new Map(), outOfTime: false });
    expect(done).toEqual([1, 2, 3]);
  });

  it('lets an error of our own through', async () => {
    const { ecr } = fakeAccount();
    ecr.deleteImages = () => Promise.reject(new Bug('a broken promise'));
    const deleting = { ecr, repository: REPO, remaining: () => 1, onDeleted: () => {} };
    await expect(deleteImages({ indexes: [], others: ['sha256:a'] }, deleting)).rejects.toThrow('a broken promise');
  });
});
