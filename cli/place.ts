/** Who calls, and where. */
export interface Identity {
  readonly accountId: string;
  /** ARN of the user or of the role's session. */
  readonly arn: string;
  /** E.g. `aws`, `aws-cn`. */
  readonly partition: string;
  readonly region: string;
}

/** Name of the state machine that template.yaml deploys. */
export const STATE_MACHINE = 'clean-exit-teardown';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html */
export function stateMachineArn({ partition, region, accountId }: Identity): string {
  return `arn:${partition}:states:${region}:${accountId}:stateMachine:${STATE_MACHINE}`;
}

/** ARN of one run of the state machine. */
export function executionArn({ partition, region, accountId }: Identity, run: string): string {
  return `arn:${partition}:states:${region}:${accountId}:execution:${STATE_MACHINE}:${run}`;
}
