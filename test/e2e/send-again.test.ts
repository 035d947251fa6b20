/** The README's commands that send build notices again, as they stand there, with the AWS CLI of whoever runs the tests. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AddPermissionCommand, GetPolicyCommand, LambdaClient, RemovePermissionCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { markdownOf } from '#test/docs/markdown.ts';
import { inNoticeAccount, NOTICE_FUNCTION, type StartedBuild } from './support/notices.ts';

const notices = inNoticeAccount(['xxxx']);
/** Nothing of the project needs the AWS CLI; where there is none, there is nothing to try the commands with. */
const cli = spawnSync('sh', ['-c', 'command -v aws'], { encoding: 'utf8' }).stdout.trim();
const withCli = cli === '' ? test.skip : test;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clean-exit-again-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Gives the README's commands, once for each message, until the queue is empty. */
async function sendAgain(output: string, logicalId: string): Promise<void> {
  const readme = await readFile(join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const block = markdownOf(readme).codeBlocks.find((each) => each.includes('receive-message')) ?? '';
  const commands = block.replace(/^sh\n/, '').replaceAll('BuildNoticeFailureQueue', output);
  const { endpoint, region, credentials } = notices().account.root;
  const { accessKeyId, secretAccessKey } = Object(credentials);
  // Version 1 of the AWS CLI has an address of its own for SQS, whatever the environment says.
  await writeFile(join(folder, 'aws'), `#!/bin/sh\nexec ${cli} --endpoint-url ${endpoint} "$@"\n`, { mode: 0o755 });
  const env = {
    PATH: `${folder}:${process.env['PATH']}`,
    HOME: process.env['HOME'],
    AWS_DEFAULT_REGION: String(region),
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  };
  for (let left = await notices().waiting(logicalId); left > 0; left = await notices().waiting(logicalId)) {
    await promisify(execFile)('bash', ['--norc', '-ec', commands], { cwd: folder, env });
  }
}

async function toldOnce(build: StartedBuild): Promise<void> {
  expect(await notices().told(build)).toHaveLength(1);
}

withCli('what the function could not send is told when its cause is mended, once', async () => {
  await notices().deleteParameter();
  await notices().startAfresh();
  const build = await notices().build('xxxx', 'SUCCEEDED');
  await notices().queued('BuildNoticeFailures', build.id);
  await notices().putParameter(notices().createWebhook());
  await notices().startAfresh();
  await sendAgain('BuildNoticeFailureQueue', 'BuildNoticeFailures');
  await toldOnce(build);
});

withCli('what EventBridge could not hand over is told when its cause is mended, once', async () => {
  const lambda = new LambdaClient(notices().account.root);
  const FunctionName = NOTICE_FUNCTION;
  const { Policy = '' } = await lambda.send(new GetPolicyCommand({ FunctionName }));
  const [{ Sid: StatementId, Condition }] = JSON.parse(Policy).Statement;
  await lambda.send(new RemovePermissionCommand({ FunctionName, StatementId }));
  const build = await notices().build('xxxx', 'SUCCEEDED');
  await notices().queued('BuildNoticeUndelivered', '"build-status": "SUCCEEDED"');
  await lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId,
      Action: 'lambda:InvokeFunction',
      Principal: 'events.amazonaws.com',
      SourceArn: Object.values(Object(Object.values(Object(Condition))[0])).map(String)[0],
    }),
  );
  await sendAgain('BuildNoticeUndeliveredQueue', 'BuildNoticeUndelivered');
  await toldOnce(build);
});
