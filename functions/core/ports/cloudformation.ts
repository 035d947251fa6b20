import type { StackFacts } from '../model.ts';

/** One row of ListStackResources. */
export interface ResourceRow {
  readonly logicalId: string;
  readonly type: string;
  /** Absent while the resource was never made. */
  readonly physicalId?: string | undefined;
  readonly status: string;
  /** CloudFormation's words on the status, e.g. why a delete failed. */
  readonly statusReason?: string | undefined;
}

/** All methods throw AwsFailure where AWS refuses or does not answer. */
export interface CloudFormationPort {
  /** By name or ARN; undefined where CloudFormation knows no such stack. */
  stack(nameOrId: string): Promise<StackFacts | undefined>;
  /** All pages. */
  resources(stackId: string): Promise<readonly ResourceRow[]>;
  /** The processed template's text (JSON or YAML): transforms carried out, intrinsic functions not. */
  template(stackId: string): Promise<string>;
  /** Names of the stacks that import an export; empty where nobody does. */
  importers(exportName: string): Promise<readonly string[]>;
  /** When the stack's latest update began, ISO 8601, from its own events; undefined where it was never updated. */
  updateStartedAt(stackId: string): Promise<string | undefined>;
  /** When CloudFormation last ended making or changing a resource, ISO 8601, from the stack's own events; undefined where none says so any more. */
  madeAt(stackId: string, logicalId: string): Promise<string | undefined>;
}
