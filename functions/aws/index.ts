import type { Ports } from '../core/ports/index.ts';
import { callsFromNow } from './call-counter.ts';
import { systemClock } from './clock.ts';
import { createCloudFormation } from './cloudformation.ts';
import { createCodeBuild } from './codebuild.ts';
import { createEcr } from './ecr.ts';
import { createIam } from './iam.ts';
import { createLogs } from './logs.ts';
import { createS3 } from './s3.ts';

/**
 * All ports of the core over AWS. Cheap: clients belong to the container and are made when first used. Call it once for
 * each run, so that `callsMade` tells that run's calls.
 *
 * @param signal ends all calls under way, for a caller whose time is limited
 */
export function createPorts({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Ports {
  return {
    cloudFormation: createCloudFormation({ signal }),
    ecr: createEcr({ signal }),
    logs: createLogs({ signal }),
    iam: createIam({ signal }),
    codeBuild: createCodeBuild({ signal }),
    s3: createS3({ signal }),
    clock: systemClock,
    callsMade: callsFromNow(),
  };
}
