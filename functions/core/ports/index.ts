import type { CloudFormationPort } from './cloudformation.ts';
import type { CodeBuildPort } from './codebuild.ts';
import type { EcrPort } from './ecr.ts';
import type { IamPort } from './iam.ts';
import type { LogsPort } from './logs.ts';
import type { S3Port } from './s3.ts';

/** Time, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** Everything the core and the cleaners need from outside. */
export interface Ports {
  readonly cloudFormation: CloudFormationPort;
  readonly ecr: EcrPort;
  readonly logs: LogsPort;
  readonly iam: IamPort;
  readonly codeBuild: CodeBuildPort;
  readonly s3: S3Port;
  readonly clock: Clock;
  /** AWS calls made so far, by action; for the report. */
  readonly callsMade: () => Readonly<Record<string, number>>;
}

export type { CloudFormationPort, EcrPort };
