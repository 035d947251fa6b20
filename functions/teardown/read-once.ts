import type { CloudFormationPort } from '../core/ports/cloudformation.ts';

/**
 * CloudFormation for the length of one plan: each stack is asked for once, by its name or its ARN, whoever wants to know,
 * because DescribeStacks and its sisters are throttled for the whole account. A stack that could not be read is asked for
 * anew: it may have vanished since.
 */
export function readOnce(port: CloudFormationPort): CloudFormationPort {
  const stacks = remembering((nameOrId) => port.stack(nameOrId));
  const forgetting =
    <Value>(ask: (stackId: string) => Promise<Value>) =>
    async (stackId: string): Promise<Value> => {
      try {
        return await ask(stackId);
      } catch (thrown) {
        stacks.forget(stackId);
        throw thrown;
      }
    };
  return {
    stack: async (nameOrId) => {
      const facts = await stacks.ask(nameOrId);
      if (facts) {
        stacks.learn(facts.stackId, facts);
      }
      return facts;
    },
    resources: forgetting(remembering((stackId) => port.resources(stackId)).ask),
    template: forgetting(remembering((stackId) => port.template(stackId)).ask),
    importers: remembering((exportName) => port.importers(exportName)).ask,
    updateStartedAt: (stackId) => port.updateStartedAt(stackId),
    madeAt: (...row) => port.madeAt(...row),
  };
}

interface Memory<Value> {
  readonly ask: (key: string) => Promise<Value>;
  readonly learn: (key: string, value: Value) => void;
  readonly forget: (key: string) => void;
}

/** A failure is not remembered. */
function remembering<Value>(ask: (key: string) => Promise<Value>): Memory<Value> {
  const answers = new Map<string, Promise<Value>>();
  return {
    ask: async (key) => {
      const answer = answers.get(key) ?? ask(key);
      answers.set(key, answer);
      try {
        return await answer;
      } catch (thrown) {
        answers.delete(key);
        throw thrown;
      }
    },
    learn: (key, value) => answers.set(key, Promise.resolve(value)),
    forget: (key) => answers.delete(key),
  };
}
