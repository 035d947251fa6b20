import assert from 'node:assert/strict';
import * as codebuild from '@aws-sdk/client-codebuild';
import { control } from '#emulator/control.ts';
import { ENVIRONMENT, project, SOURCE } from '#test/emulator/builds.ts';
import type { Scenario } from '#test/emulator/scenario.ts';
import { clientConfig, unique } from '#test/emulator/scenario.ts';
import { stackFixture } from '#test/emulator/stacks.ts';

const FILTERS = [
  [
    { type: 'EVENT', pattern: 'PUSH' },
    { type: 'HEAD_REF', pattern: '^refs/heads/main$', excludeMatchedPattern: false },
  ],
] as const;

export const projectScenarios: readonly Scenario[] = [
  {
    addition: 'codebuild-projects',
    name: 'a webhook is made, changed and deleted, and stands in the project with its filters',
    async run(context) {
      const { name, groupName, client } = await project(context);
      const described = async () =>
        (await client.send(new codebuild.BatchGetProjectsCommand({ names: [name] }))).projects?.[0];
      assert.deepEqual((await described())?.logsConfig?.cloudWatchLogs, { status: 'ENABLED', groupName });
      const filterGroups = FILTERS.map((group) => group.map((filter) => ({ ...filter })));
      await client.send(new codebuild.CreateWebhookCommand({ projectName: name, filterGroups }));
      assert.deepEqual((await described())?.webhook?.filterGroups, filterGroups);
      await assert.rejects(client.send(new codebuild.CreateWebhookCommand({ projectName: name })), {
        name: 'ResourceAlreadyExistsException',
      });
      const [group = []] = filterGroups;
      await client.send(new codebuild.UpdateWebhookCommand({ projectName: name, filterGroups: [group.slice(0, 1)] }));
      assert.deepEqual((await described())?.webhook?.filterGroups, [group.slice(0, 1)]);
      await client.send(new codebuild.DeleteWebhookCommand({ projectName: name }));
      assert.equal((await described())?.webhook, undefined);
      await assert.rejects(client.send(new codebuild.DeleteWebhookCommand({ projectName: name })), {
        name: 'ResourceNotFoundException',
      });
    },
  },
  {
    addition: 'codebuild-projects',
    name: 'a dead GitHub token fails the deletion of a webhook, on demand',
    async run(context) {
      const { name, client } = await project(context);
      await client.send(new codebuild.CreateWebhookCommand({ projectName: name }));
      const { setFaults } = control(context.endpoint);
      await setFaults([
        { service: 'codebuild', operation: 'DeleteWebhook', match: name, code: 'OAuthProviderException' },
      ]);
      const remove = () => client.send(new codebuild.DeleteWebhookCommand({ projectName: name }));
      await assert.rejects(remove(), { name: 'OAuthProviderException' });
      await setFaults([]);
      await remove();
    },
  },
  {
    addition: 'codebuild-projects',
    name: 'a project with builds and a resource policy is not deleted; its builds survive it, running ones too',
    async run(context) {
      const { name, client, start, build } = await project(context);
      const { id } = await start();
      const resourceArn = `arn:aws:codebuild:eu-west-1:000000000000:project/${name}`;
      await client.send(new codebuild.PutResourcePolicyCommand({ resourceArn, policy: '{}' }));
      assert.equal((await client.send(new codebuild.GetResourcePolicyCommand({ resourceArn }))).policy, '{}');
      const remove = () => client.send(new codebuild.DeleteProjectCommand({ name }));
      await assert.rejects(remove(), { name: 'InvalidInputException' });
      await client.send(new codebuild.DeleteResourcePolicyCommand({ resourceArn }));
      await remove();
      assert.equal((await build(id)).projectName, name);
    },
  },
  {
    addition: 'codebuild-projects',
    name: 'CloudFormation makes the webhook with its filters and the log configuration, and changes them',
    async run(context) {
      const stacks = stackFixture(context);
      const client = new codebuild.CodeBuildClient(clientConfig(context));
      const name = unique('project');
      const template = (pattern: string) => ({
        Resources: {
          Project: {
            Type: 'AWS::CodeBuild::Project',
            Properties: {
              Name: name,
              ServiceRole: 'arn:aws:iam::000000000000:role/scenario-build',
              Source: { Type: 'GITHUB', Location: SOURCE.location },
              Artifacts: { Type: 'NO_ARTIFACTS' },
              Environment: { Type: 'LINUX_CONTAINER', Image: ENVIRONMENT.image, ComputeType: ENVIRONMENT.computeType },
              LogsConfig: { CloudWatchLogs: { Status: 'ENABLED', GroupName: 'xxxx-build' } },
              Triggers: {
                Webhook: true,
                FilterGroups: [
                  [
                    { Type: 'EVENT', Pattern: 'PUSH' },
                    { Type: 'HEAD_REF', Pattern: pattern, ExcludeMatchedPattern: false },
                  ],
                ],
              },
            },
          },
        },
      });
      const webhook = async () =>
        (await client.send(new codebuild.BatchGetProjectsCommand({ names: [name] }))).projects?.[0];
      const stackName = unique('pipeline');
      const stack = await stacks.create(stackName, template('^refs/heads/main$'));
      const made = await webhook();
      assert.equal(made?.logsConfig?.cloudWatchLogs?.groupName, 'xxxx-build');
      assert.deepEqual(made?.webhook?.filterGroups, FILTERS);
      await stacks.update(stackName, template('^refs/tags/.*'));
      assert.equal((await webhook())?.webhook?.filterGroups?.[0]?.[1]?.pattern, '^refs/tags/.*');
      assert.equal((await stacks.remove(stack)).StackStatus, 'DELETE_COMPLETE');
      assert.equal(await webhook(), undefined);
    },
  },
];
