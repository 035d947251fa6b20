import type { BuildVariables } from '../schemas/build-event.ts';

/** What was built. `ref` is a name of which CodeBuild does not tell whether it is a branch or a tag. */
export interface SourceRef {
  readonly kind: 'branch' | 'tag' | 'pullRequest' | 'ref';
  /** Without `refs/heads/` and the like; the number for a pull request. */
  readonly name: string;
}

/** The commit as far as the event tells. Author and subject come from the buildspec's exported variables alone. */
export interface SourceCommit {
  readonly sha?: string;
  readonly author?: string;
  /** The author's e-mail address, to find the person in Slack; never shown. */
  readonly email?: string;
  readonly subject?: string;
}

/** Reads a variable by name; empty values read as absent, as a retried build carries its webhook variables empty. */
export type ReadVariable = (name: string) => string | undefined;

export function variableReader(...lists: readonly BuildVariables[]): ReadVariable {
  const values = new Map<string, string>();
  for (const variable of lists.flatMap((list) => list ?? [])) {
    const value = variable?.value?.trim();
    if (variable !== undefined && value && !values.has(variable.name)) {
      values.set(variable.name, value);
    }
  }
  return (name) => values.get(name);
}

const COMMIT = /^[0-9a-f]{7,64}$/i;

/**
 * What was built, by the most telling source that has it: the webhook's variables (they tell branches from tags), the
 * buildspec's `BRANCH_NAME`, the source version.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
 * https://docs.aws.amazon.com/codebuild/latest/userguide/sample-source-version.html
 */
export function sourceRef(read: ReadVariable, sourceVersion: string | undefined): SourceRef | undefined {
  return (
    byTrigger(read('CODEBUILD_WEBHOOK_TRIGGER')) ??
    byFullName(read('CODEBUILD_WEBHOOK_HEAD_REF')) ??
    byPullRequest(sourceVersion) ??
    byFullName(sourceVersion) ??
    byExportedName(read('BRANCH_NAME'), read('IMAGE_TAG')) ??
    bySourceVersion(sourceVersion)
  );
}

/** The commit: the buildspec's own word first, else a source version that is one. */
export function sourceCommit(read: ReadVariable, sourceVersion: string | undefined): SourceCommit | undefined {
  const exported = read('COMMIT_SHA');
  const [, pinned] = /\^\{([0-9a-f]{7,64})\}$/i.exec(sourceVersion ?? '') ?? [];
  const sha = [exported, pinned, sourceVersion].find((candidate) => candidate !== undefined && COMMIT.test(candidate));
  const author = read('COMMIT_AUTHOR');
  const email = read('COMMIT_AUTHOR_EMAIL');
  const subject = read('COMMIT_SUBJECT');
  if (sha === undefined && author === undefined && email === undefined && subject === undefined) {
    return undefined;
  }
  return {
    ...(sha ? { sha } : {}),
    ...(author ? { author } : {}),
    ...(email ? { email } : {}),
    ...(subject ? { subject } : {}),
  };
}

function named(kind: SourceRef['kind'], name: string | undefined): SourceRef | undefined {
  return name ? { kind, name } : undefined;
}

/** The buildspec's BRANCH_NAME is the tag's name when a tag was pushed; only a build of `latest` is surely a branch's. */
function byExportedName(name: string | undefined, imageTag: string | undefined): SourceRef | undefined {
  const branch = name === 'main' || name === 'master' || imageTag === 'latest';
  return named(branch ? 'branch' : 'ref', name);
}

/** `branch/main`, `tag/v1.2`, `pr/12` */
function byTrigger(trigger: string | undefined): SourceRef | undefined {
  const [, kind, name] = /^(branch|tag|pr)\/(.+)$/s.exec(trigger ?? '') ?? [];
  return named(kind === 'tag' ? 'tag' : kind === 'pr' ? 'pullRequest' : 'branch', name);
}

/** `refs/heads/main`, `refs/tags/v1.2`, each also pinned to a commit as `refs/heads/main^{sha}` */
function byFullName(ref: string | undefined): SourceRef | undefined {
  const [, kind, name] = /^refs\/(heads|tags)\/(.+?)(?:\^\{[^}]*\})?$/s.exec(ref ?? '') ?? [];
  return named(kind === 'tags' ? 'tag' : 'branch', name);
}

function byPullRequest(version: string | undefined): SourceRef | undefined {
  const [, number] = /^(?:pr\/|refs\/pull\/)(\d+)(?:\/(?:head|merge))?(?:\^\{[^}]*\})?$/.exec(version ?? '') ?? [];
  return named('pullRequest', number);
}

/** A bare name is a branch or a tag; a commit or the ARN of a pipeline's artifact is neither. */
function bySourceVersion(version: string | undefined): SourceRef | undefined {
  const name = version?.replace(/\^\{[^}]*\}$/, '');
  return name === undefined || COMMIT.test(name) || name.startsWith('arn:') ? undefined : named('ref', name);
}
