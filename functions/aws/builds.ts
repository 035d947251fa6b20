import { BatchGetBuildsCommand, type Build, CodeBuildClient } from '@aws-sdk/client-codebuild';
import { type AdapterOptions, CLIENT_SETTINGS, perContainer, sendOptions } from './clients.ts';
import { call } from './errors.ts';

/** One attempt and a repetition: what is read is worth a moment, not a wait. */
const containerClient = perContainer('codebuild', () => new CodeBuildClient({ ...CLIENT_SETTINGS, maxAttempts: 2 }));

/**
 * Builds by ID, at most a hundred; those that CodeBuild does not know (any more) are left out.
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BatchGetBuilds.html
 *
 * @throws AwsFailure where CodeBuild does not answer or refuses
 */
export async function buildsById(
  ids: readonly string[],
  { client = containerClient, signal }: AdapterOptions<CodeBuildClient> = {},
): Promise<readonly Build[]> {
  const resource = ids.length === 1 ? (ids[0] ?? '') : `${ids.length} builds`;
  const answer = await call('codebuild:BatchGetBuilds', resource, () =>
    client().send(new BatchGetBuildsCommand({ ids: [...ids] }), sendOptions(signal)),
  );
  return answer.builds ?? [];
}
