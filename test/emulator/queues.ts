import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';

const PATIENCE_SECONDS = 10;

/** A fresh queue, and what arrives in it. */
export async function queue(context: ScenarioContext) {
  const sqs = new SQSClient(clientConfig(context));
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: unique('queue') }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  return {
    arn: Attributes?.QueueArn ?? '',
    url: QueueUrl,
    async next(WaitTimeSeconds = PATIENCE_SECONDS): Promise<Message | undefined> {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds, MessageAttributeNames: ['All'] }),
      );
      return Messages[0];
    },
  };
}

/** The JSON in a message; null without one. */
export const parsed = (message: Message | undefined) => JSON.parse(message?.Body ?? 'null');
