/**
 * A small stand-in for the AWS CLI against the local account that `npm run demo -- --keep` left running:
 *
 *   npm run --silent aws -- SERVICE OPERATION [--parameter value …]
 *
 * Operations and parameters are spelled as the AWS CLI spells them; values that are JSON are taken as JSON.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from './lib/options.ts';
import { ROOT } from './lib/sam.ts';

const USAGE = `usage: npm run --silent aws -- SERVICE OPERATION [--parameter value ...]
for example: npm run --silent aws -- cloudformation describe-stacks --stack-name xxxx-build`;

/** SDK packages whose name differs from the service's name on the AWS CLI. */
const PACKAGES: Readonly<Record<string, string>> = {
  logs: 'cloudwatch-logs',
  events: 'eventbridge',
  stepfunctions: 'sfn',
};

function pascal(word: string): string {
  return word
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

function parsedValue(text: string | undefined): unknown {
  if (text === undefined) {
    return true;
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `--role-arn x` gives `RoleArn`, `RoleARN` and `roleArn`: services differ, and the SDK ignores what it does not know. */
function parametersOf(words: readonly string[]): Readonly<Record<string, unknown>> {
  const parameters: Record<string, unknown> = {};
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (!word?.startsWith('--')) {
      throw new UsageError(`${word}: a parameter starts with --\n${USAGE}`);
    }
    const following = words[index + 1];
    const hasValue = following !== undefined && !following.startsWith('--');
    const value = parsedValue(hasValue ? following : undefined);
    const name = pascal(word.slice(2));
    parameters[name] = value;
    parameters[name.replace(/Arn$/, 'ARN')] = value;
    parameters[name.charAt(0).toLowerCase() + name.slice(1)] = value;
    index += hasValue ? 1 : 0;
  }
  return parameters;
}

interface Client {
  send(command: unknown): Promise<Record<string, unknown>>;
}
type Constructor<T> = new (input: unknown) => T;

function isConstructor<T>(value: unknown): value is Constructor<T> {
  return typeof value === 'function';
}

async function main([service, operation, ...words]: readonly string[]): Promise<void> {
  if (service === '--help') {
    console.log(USAGE);
    return;
  }
  if (!service || !operation) {
    throw new UsageError(USAGE);
  }
  const state = await readFile(join(ROOT, '.clean-exit', 'account.json'), 'utf8').catch(() => {
    throw new UsageError('no local account is running: start one with `npm run demo -- --keep` in another terminal');
  });
  const { env }: { env: Record<string, string> } = JSON.parse(state);
  Object.assign(process.env, env);
  const name = `@aws-sdk/client-${PACKAGES[service] ?? service}`;
  const sdk: Record<string, unknown> = await import(name).catch(() => {
    throw new UsageError(`${service}: this project has no client for it (${name} is not installed)`);
  });
  const commandName = `${pascal(operation)}Command`;
  const Command = sdk[commandName];
  const ServiceClient = Object.entries(sdk).find(([key]) => /^[A-Z]\w*Client$/.test(key) && key !== '__Client')?.[1];
  if (!isConstructor<unknown>(Command) || !isConstructor<Client>(ServiceClient)) {
    throw new UsageError(`${service} ${operation}: there is no such operation`);
  }
  const { $metadata: _, ...answer } = await new ServiceClient({}).send(new Command(parametersOf(words)));
  console.log(JSON.stringify(answer, null, 2));
}

await main(process.argv.slice(2)).catch((thrown: unknown) => {
  console.error(
    thrown instanceof Error
      ? thrown instanceof UsageError
        ? thrown.message
        : `${thrown.name}: ${thrown.message}`
      : thrown,
  );
  process.exitCode = thrown instanceof UsageError ? 2 : 1;
});
