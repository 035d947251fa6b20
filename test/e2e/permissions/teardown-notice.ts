import { UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { expect } from '@jest/globals';
import type { Scene } from '../support/scene.ts';
import { Teardowns } from '../support/teardowns.ts';
import { repository } from '../support/templates.ts';
import type { Scenario, Scenarios } from './loss.ts';

export const TEARDOWN_FUNCTION = 'clean-exit-teardown';

/** New settings end the environments that are warm: they remember the secret for some minutes. */
export async function forgetSecret({ lambda }: Scene): Promise<void> {
  await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: TEARDOWN_FUNCTION, Timeout: 299 }));
}

const nobodyIsTold: Scenario<Scene> = {
  shows: 'the teardown goes on, nobody is told, and the report says which right is missing',
  async run(scene, action, lose) {
    const { account, stacks, seed } = scene;
    const teardowns = new Teardowns(account);
    const { id } = await stacks.create('untold', { Repository: repository('untold') });
    await seed('untold');
    await forgetSecret(scene);
    const before = account.slack.messages.length;
    await lose(async () => {
      const { status, told } = await teardowns.execute([id]);
      expect([status, told.outcome]).toEqual(['SUCCEEDED', 'deleted']);
      const failed = {
        code: 'STACK_NOTICE_FAILED',
        sentence: expect.stringContaining(`its role needs ${action} on it`),
      };
      expect(told.notes).toMatchObject([failed, failed]);
    });
    expect(account.slack.messages.slice(before)).toEqual([]);
  },
};

/** What the teardown's role needs to tell people, and how it shows that it is missing. */
export const TEARDOWN_NOTICE: Scenarios<Scene> = {
  'ssm:GetParameter': nobodyIsTold,
};

/** Rights that no scenario can take away on this machine. */
export const TEARDOWN_NOTICE_EXEMPT = {
  'kms:Decrypt': 'Systems Manager decrypts with it; the emulator encrypts nothing.',
};
