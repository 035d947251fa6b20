import type { BuildVariables } from '../schemas/build-event.ts';

/** Who or what started a build. `name` is outside text. */
export interface Starter {
  readonly kind: 'push' | 'pipeline' | 'schedule' | 'person' | 'retry';
  readonly name?: string;
}

/**
 * Reads CodeBuild's `initiator`: `GitHub-Hookshot/1a2b3c`, `codepipeline/NAME`, `rule/NAME`, a user, `ROLE/SESSION`.
 * A retried build of a push carries the webhook's variables with empty values.
 */
export function starterOf(initiator: string | undefined, variables: BuildVariables): Starter | undefined {
  if (!initiator) {
    return undefined;
  }
  if (/^(GitHub|Bitbucket|GitLab)[-/]/i.test(initiator)) {
    return { kind: 'push' };
  }
  const name = initiator.slice(initiator.lastIndexOf('/') + 1) || initiator;
  if (initiator.startsWith('codepipeline/')) {
    return { kind: 'pipeline', name };
  }
  if (initiator.startsWith('rule/')) {
    return { kind: 'schedule', name };
  }
  const webhook = (variables ?? []).filter((variable) => variable?.name.startsWith('CODEBUILD_WEBHOOK_'));
  const retried = webhook.length > 0 && webhook.every((variable) => !variable?.value?.trim());
  return { kind: retried ? 'retry' : 'person', name };
}
