import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type LocalAccount, SERVICE_STACK } from '#scripts/lib/local-account.ts';
import { Stacks } from '../support/stacks.ts';

/** Up to ten messages in a queue of the service's stack, by its logical id; they stay there. */
export async function messagesIn(account: LocalAccount, logicalId: string): Promise<readonly string[]> {
  const QueueUrl = await new Stacks(account).physicalId(SERVICE_STACK, logicalId);
  const request = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
  const { Messages = [] } = await new SQSClient(account.root).send(new ReceiveMessageCommand(request));
  return Messages.map(({ Body = '' }) => Body);
}
