import { Bug } from '../errors.ts';

/** Where this function lives. */
export interface Home {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  readonly functionName: string;
  /** Without version or alias: the ServiceToken that other stacks hold. */
  readonly functionArn: string;
}

/** Takes apart what Lambda calls `invokedFunctionArn`. @throws Bug where it is none */
export function homeOf(invokedFunctionArn: string): Home {
  const [, partition, , region, account, , functionName] = invokedFunctionArn.split(':');
  if (!partition || !region || !account || !functionName) {
    throw new Bug(`invokedFunctionArn is no function's ARN: ${invokedFunctionArn}`);
  }
  const functionArn = `arn:${partition}:lambda:${region}:${account}:function:${functionName}`;
  return { partition, region, account, functionName, functionArn };
}

/** Is the stack in this function's own partition, account and Region? */
export function livesAt(stackId: string, home: Home): boolean {
  const [, partition, service, region, account] = stackId.split(':');
  return (
    service === 'cloudformation' && partition === home.partition && region === home.region && account === home.account
  );
}
