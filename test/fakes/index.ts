import type { Ports } from '#functions/core/ports/index.ts';
import { CallLog } from './call-log.ts';
import { FakeClock } from './clock.ts';
import { FakeCloudFormation } from './cloudformation.ts';
import { FakeCodeBuild } from './codebuild.ts';
import { FakeEcr } from './ecr.ts';
import { FakeIam } from './iam.ts';
import { FakeLogs } from './logs.ts';
import { FakeS3 } from './s3.ts';

/** All fakes of one test: one account, one clock, one log of calls. */
export interface FakeAccount {
  readonly log: CallLog;
  readonly clock: FakeClock;
  readonly cloudFormation: FakeCloudFormation;
  readonly ecr: FakeEcr;
  readonly logs: FakeLogs;
  readonly iam: FakeIam;
  readonly codeBuild: FakeCodeBuild;
  readonly s3: FakeS3;
  readonly ports: Ports;
}

export function fakeAccount(): FakeAccount {
  const log = new CallLog();
  const clock = new FakeClock();
  const fakes = {
    cloudFormation: new FakeCloudFormation(log),
    ecr: new FakeEcr(log),
    logs: new FakeLogs(log, clock),
    iam: new FakeIam(log),
    codeBuild: new FakeCodeBuild(log, clock),
    s3: new FakeS3(log),
    clock,
  };
  return { ...fakes, log, ports: { ...fakes, callsMade: () => log.counts() } };
}

export { awsFailure } from './call-log.ts';
export { stackIdOf } from './cloudformation.ts';
export { CallLog, FakeClock, FakeCloudFormation, FakeCodeBuild, FakeEcr, FakeIam, FakeLogs, FakeS3 };
