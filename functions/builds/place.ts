import type { BuildStateChange } from '../schemas/build-event.ts';

/** Which build, and where it ran; as far as the event tells. */
export interface BuildPlace {
  readonly partition?: string;
  readonly region?: string;
  readonly account?: string;
  readonly project?: string;
  /** `project:uuid`, CodeBuild's build ID. */
  readonly buildId?: string;
  readonly uuid?: string;
}

const BUILD_ARN = /^arn:([^:]*):codebuild:([^:]*):([^:]*):build\/((.+):([^:]+))$/s;

/** Reads the build's ARN, which the event carries twice, and fills what it lacks from the envelope. */
export function placeOf(event: BuildStateChange): BuildPlace {
  const candidates = [event.detail['build-id'], ...(event.resources ?? [])];
  const arn = candidates.find((candidate) => typeof candidate === 'string' && BUILD_ARN.test(candidate));
  const [, partition, arnRegion, arnAccount, buildId, arnProject, uuid] = BUILD_ARN.exec(String(arn)) ?? [];
  const region = event.region || arnRegion;
  const account = event.account || arnAccount;
  const project = event.detail['project-name'] || arnProject;
  return {
    partition: partition || partitionOf(region),
    ...(region ? { region } : {}),
    ...(account ? { account } : {}),
    ...(project ? { project } : {}),
    ...(buildId ? { buildId } : {}),
    ...(uuid ? { uuid } : {}),
  };
}

function partitionOf(region = ''): string {
  return region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
