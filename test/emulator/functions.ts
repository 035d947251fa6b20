import type { Resource } from '#test/emulator/stacks.ts';

const LOGGING = {
  Effect: 'Allow',
  Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: '*',
};

/** A role that only Lambda may take, which may write logs and what the given statements say. */
export const role = (...statements: object[]): Resource => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    Policies: [{ PolicyName: 'rights', PolicyDocument: { Statement: [LOGGING, ...statements] } }],
  },
});

/** Lets Lambda put on a queue what became of a function's invocations. */
export const sendTo = (...queues: string[]) => ({ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: queues });

/** A function of the role `Role` of the same template. `code` is the body of its handler, with `event` and `context`. */
export const lambda = (FunctionName: string, code: string, more: object = {}): Resource => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
    Timeout: 10,
    Code: { ZipFile: `exports.handler = async (event, context) => {\n${code}\n};\n` },
    ...more,
  },
});

/**
 * The body of a handler that answers CloudFormation. It keeps each request as a line of its log group, and asks
 * `answer` (an expression over `event`) what to say; `null` is no answer.
 */
export const answering = (answer: string): string => `
  console.log('REQUEST ' + JSON.stringify(event));
  const answer = ${answer};
  if (answer === null) return;
  const body = JSON.stringify({ StackId: event.StackId, RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId, PhysicalResourceId: event.PhysicalResourceId, ...answer });
  const response = await fetch(event.ResponseURL, { method: 'PUT', headers: { 'content-type': '' }, body });
  console.log('ANSWERED ' + response.status);`;
