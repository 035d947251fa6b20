/**
 * A build as CodeBuild's API describes it, as far as notices need it.
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Build.html
 */
export interface BuildRecord {
  readonly arn?: string | undefined;
  readonly projectName?: string | undefined;
  readonly buildNumber?: number | undefined;
  readonly buildStatus?: string | undefined;
  readonly buildComplete?: boolean | undefined;
  readonly currentPhase?: string | undefined;
  readonly initiator?: string | undefined;
  readonly startTime?: Date | undefined;
  readonly endTime?: Date | undefined;
  readonly sourceVersion?: string | undefined;
  readonly resolvedSourceVersion?: string | undefined;
  readonly source?: { readonly type?: string | undefined; readonly location?: string | undefined } | undefined;
  readonly logs?: { readonly groupName?: string | undefined; readonly streamName?: string | undefined } | undefined;
  readonly phases?: readonly PhaseRecord[] | undefined;
  readonly environment?: { readonly environmentVariables?: readonly Variable[] | undefined } | undefined;
  readonly exportedEnvironmentVariables?: readonly Variable[] | undefined;
}

interface PhaseRecord {
  readonly phaseType?: string | undefined;
  readonly phaseStatus?: string | undefined;
  readonly startTime?: Date | undefined;
  readonly endTime?: Date | undefined;
  readonly durationInSeconds?: number | undefined;
  readonly contexts?:
    | readonly { readonly statusCode?: string | undefined; readonly message?: string | undefined }[]
    | undefined;
}

interface Variable {
  readonly name?: string | undefined;
  readonly value?: string | undefined;
  readonly type?: string | undefined;
}

/** The event that CodeBuild would have sent for a build in this state, so that one reader reads both. */
export function eventOfRecord(build: BuildRecord): object {
  return {
    source: 'aws.codebuild',
    'detail-type': 'CodeBuild Build State Change',
    time: iso(build.endTime ?? build.startTime),
    resources: [build.arn],
    detail: {
      'build-status': build.buildStatus,
      'project-name': build.projectName,
      'build-id': build.arn,
      'current-phase': build.currentPhase,
      'additional-information': {
        'build-complete': build.buildComplete,
        'build-number': build.buildNumber,
        'build-start-time': iso(build.startTime),
        initiator: build.initiator,
        'source-version': sourceVersion(build),
        source: build.source,
        ...(build.logs === undefined
          ? {}
          : { logs: { 'group-name': build.logs.groupName, 'stream-name': build.logs.streamName } }),
        phases: build.phases?.map(phaseOf),
        environment: { 'environment-variables': build.environment?.environmentVariables?.map(plain) },
        'exported-environment-variables': build.exportedEnvironmentVariables,
      },
    },
  };
}

/** The commit that a branch stood for is told beside the branch; `BRANCH^{COMMIT}` is CodeBuild's own way to say both. */
function sourceVersion({ sourceVersion: asked, resolvedSourceVersion: commit }: BuildRecord): string | undefined {
  if (commit === undefined || !/^[0-9a-f]{40}$/.test(commit)) {
    return asked;
  }
  return asked === undefined || /^[0-9a-f]{7,64}$/i.test(asked) || asked.includes('^')
    ? (asked ?? commit)
    : `${asked}^{${commit}}`;
}

function phaseOf(phase: PhaseRecord): object {
  return {
    'phase-type': phase.phaseType,
    'phase-status': phase.phaseStatus,
    'phase-context': phase.contexts?.map(({ statusCode = '', message = '' }) => `${statusCode}: ${message}`),
    'start-time': iso(phase.startTime),
    'end-time': iso(phase.endTime),
    'duration-in-seconds': phase.durationInSeconds,
  };
}

/** Of a variable that comes from a store, the value is its name in the store: no secret, and no value. */
function plain({ name, value, type }: Variable): object {
  return { name, ...(type === undefined || type === 'PLAINTEXT' ? { value } : {}) };
}

function iso(time: Date | undefined): string | undefined {
  return time?.toISOString();
}
