import type { Context } from 'aws-lambda';
import { createPorts } from './aws/index.ts';
import { invokeAsync } from './aws/lambda.ts';
import { CLEANERS } from './cleaners/index.ts';
import type { Dependencies } from './cloudformation/dependencies.ts';
import { handle } from './cloudformation/handle.ts';
import { sendAnswer } from './cloudformation/send.ts';
import { readConfig } from './config.ts';
import { createLog } from './log.ts';
import { CustomResourceConfig } from './schemas/custom-resource-config.ts';

const dependencies: Dependencies = {
  config: () => readConfig(CustomResourceConfig),
  log: createLog('custom-resource'),
  core: ({ signal, functionName, roleArns }) => ({
    ports: createPorts({ signal }),
    cleaners: CLEANERS,
    service: { functionName, roleArns },
  }),
  invokeAsync: (functionArn, payload) => invokeAsync(functionArn, payload),
  send: sendAnswer,
  now: () => Date.now(),
};

/** `Custom::CleanExit`: CloudFormation invokes it asynchronously, and takes its answer at the request's ResponseURL. */
export const handler = (event: unknown, context: Context): Promise<void> => handle(dependencies, event, context);
