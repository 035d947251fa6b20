import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CloudFormationClient, DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import {
  AttachGroupPolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateLoginProfileCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { ACCOUNT_ID } from '#scripts/lib/local-account.ts';
import { ROOT } from '#scripts/lib/sam.ts';
import { addForeignPolicies } from '#scripts/lib/workload.ts';
import type { Scene } from '../support/scene.ts';
import type { SettledStack } from '../support/stacks.ts';
import { cleanExit, nested } from '../support/templates.ts';

const READ_ONLY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';

/** A stack as the pipeline's templates make it, for a project of the given name. */
export type Part = (scene: Scene, project: string) => Promise<SettledStack>;

async function stackOf(scene: Scene, file: string, project: string, more: Readonly<Record<string, string>> = {}) {
  const template = await readFile(join(ROOT, 'pipeline', `${file}.yaml`), 'utf8');
  const Parameters = Object.entries({ ProjectName: project, ...more }).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  }));
  return scene.stacks.create(`${project}-${file}`, template, { Parameters });
}

const arnOf = ({ account }: Scene, service: string, resource: string) =>
  `arn:aws:${service}:${account.region}:${ACCOUNT_ID}:${resource}`;

export const repository: Part = (scene, project) => stackOf(scene, 'ecr', project);
const logs: Part = (scene, project) => stackOf(scene, 'build-logs', project);

/** With policies that somebody added. */
const buildRole: Part = async (scene, project) => {
  const stack = await stackOf(scene, 'codebuild-role', project, {
    RepositoryArn: arnOf(scene, 'ecr', `repository/${project}`),
    BuildLogGroupName: `${project}-build`,
  });
  await addForeignPolicies(scene.account, project);
  return stack;
};

const project: Part = async (scene, name) => {
  await buildRole(scene, name);
  const template = await readFile(join(ROOT, 'pipeline', 'codebuild.yaml'), 'utf8');
  const parameters = {
    RepositoryName: name,
    BuildLogGroupName: `${name}-build`,
    RoleArn: `arn:aws:iam::${ACCOUNT_ID}:role/${name}-codebuild`,
    GitHubRepositoryUrl: `https://github.com/example/${name}`,
    GitHubAccess: 'ACCOUNT',
    WebhookHeadRefPattern: '^refs/heads/main$',
    BuildImage: 'aws/codebuild/standard:8.0',
  };
  const Parameters = Object.entries(parameters).map(([ParameterKey, ParameterValue]) => ({
    ParameterKey,
    ParameterValue,
  }));
  return scene.stacks.create(`${name}-codebuild`, template, { Parameters });
};

/**
 * User and group of deploy-user.yaml with everything that CloudFormation takes from them, by its own rights: the template's
 * Custom::CleanExit, which would take it first, is left out.
 */
const people: Part = async (scene, name) => {
  const rights = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' }],
  };
  const Policies = [{ PolicyName: 'pull', PolicyDocument: rights }];
  const stack = await scene.stacks.create(`${name}-deploy-user`, {
    Developers: { Type: 'AWS::IAM::Group', Properties: { GroupName: `${name}-developers`, Policies } },
    DeployUser: { Type: 'AWS::IAM::User', Properties: { UserName: `${name}_deploy`, Groups: [{ Ref: 'Developers' }] } },
  });
  const { iam } = scene;
  const UserName = `${name}_deploy`;
  const PolicyDocument = JSON.stringify(rights);
  await iam.send(new CreateAccessKeyCommand({ UserName }));
  await iam.send(new CreateLoginProfileCommand({ UserName, Password: 'A-long-Passw0rd' }));
  await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: READ_ONLY }));
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'by-hand', PolicyDocument }));
  await iam.send(new AttachGroupPolicyCommand({ GroupName: `${name}-developers`, PolicyArn: READ_ONLY }));
  return stack;
};

/** A nested stack, and the custom resource that is asked first. */
const tree: Part = async (scene, name) => {
  const child = await scene.stacks.upload({
    Repository: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: name } },
  });
  return scene.stacks.create(`${name}-build`, { Ecr: nested(child), CleanExit: cleanExit(['Ecr']) });
};

/** Each action of the role that the emulator's CloudFormation asks for, with a stack whose delete takes it. */
export const PARTS: Readonly<Record<string, Part>> = {
  'cloudformation:DeleteStack': tree,
  'cloudformation:DescribeStacks': tree,
  'lambda:InvokeFunction': tree,
  'ecr:DeleteRepository': repository,
  'logs:DescribeLogGroups': logs,
  'logs:DeleteLogGroup': logs,
  'iam:GetRole': buildRole,
  'iam:ListRolePolicies': buildRole,
  'iam:ListAttachedRolePolicies': buildRole,
  'iam:DeleteRolePolicy': buildRole,
  'iam:DetachRolePolicy': buildRole,
  'iam:DeleteRole': buildRole,
  'codebuild:DeleteProject': project,
  'iam:GetUser': people,
  'iam:GetLoginProfile': people,
  'iam:ListAccessKeys': people,
  'iam:ListAttachedUserPolicies': people,
  'iam:ListGroupsForUser': people,
  'iam:ListUserPolicies': people,
  'iam:DeleteAccessKey': people,
  'iam:DeleteLoginProfile': people,
  'iam:DeleteUserPolicy': people,
  'iam:DetachUserPolicy': people,
  'iam:RemoveUserFromGroup': people,
  'iam:DeleteUser': people,
  'iam:GetGroup': people,
  'iam:ListAttachedGroupPolicies': people,
  'iam:ListGroupPolicies': people,
  'iam:DeleteGroupPolicy': people,
  'iam:DetachGroupPolicy': people,
  'iam:DeleteGroup': people,
};

const HANDLER = "The type's delete handler names it; the emulator's CloudFormation has no use for it.";
const NO_HANDLER =
  'The type tells no permissions; the emulator deletes the webhook with its project, and does not look before.';

/** Actions that no delete on this machine asks for. */
export const DELETE_ROLE_EXEMPT = {
  'logs:DeleteDataProtectionPolicy': HANDLER,
  'iam:GetUserPolicy': HANDLER,
  'iam:GetGroupPolicy': HANDLER,
  'codebuild:BatchGetProjects': NO_HANDLER,
  'codebuild:DeleteWebhook': NO_HANDLER,
};

/** Deletes a stack as CloudFormation does with a role, and waits for the end. */
export async function deleteWith({ account, stacks }: Scene, RoleARN: string, id: string): Promise<SettledStack> {
  await new CloudFormationClient(account.root).send(new DeleteStackCommand({ StackName: id, RoleARN }));
  return stacks.settled(id);
}
