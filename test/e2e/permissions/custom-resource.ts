import { DeleteRepositoryPolicyCommand, SetRepositoryPolicyCommand } from '@aws-sdk/client-ecr';
import { InvokeCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GetBucketPolicyCommand, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { expect } from '@jest/globals';
import { addSeal } from '#functions/cleaners/ecr-seal.ts';
import { addBucketSeal } from '#functions/cleaners/s3-seal.ts';
import { ACCOUNT_ID, until } from '#scripts/lib/local-account.ts';
import type { Scene } from '../support/scene.ts';
import { impossible, nested, repository, withCleanExit } from '../support/templates.ts';
import { credentials, groupPolicies, members, usedPolicy } from './iam-things.ts';
import { logTime, type Scenario, type Scenarios } from './loss.ts';
import { messagesIn } from './queues.ts';
import type { Thing } from './thing.ts';
import {
  building,
  CONSENTS,
  images,
  objects,
  policies,
  profile,
  protection,
  reports,
  sharing,
  streams,
} from './things.ts';

/** Where the scenarios of the custom resource play. */
export interface Place {
  readonly scene: Scene;
  /** The stack with everything in it, whose delete can only fail as long as something is missing. */
  readonly full: string;
}

type OfStacks = Scenario<Place>;

const FUNCTION = 'clean-exit-custom-resource';
const FAILED = { status: 'DELETE_FAILED' };
const GONE = { status: 'DELETE_COMPLETE' };

/** Whoever reads the answer learns who must do what. */
const whoMustAct = (action: string) => expect.stringContaining(`An administrator must allow ${action} `);

/** Half an inventory is no ground for removing anything. */
export const nothingIsBegun: OfStacks = {
  shows: 'the delete fails before anything is removed',
  async run({ scene: { stacks, log }, full }, action, lose) {
    const { allowed } = await lose(async () => expect(await stacks.delete(full)).toMatchObject(FAILED));
    const reason = await stacks.reasonOf(full, 'CleanExit', 'DELETE_FAILED');
    expect(reason).toMatch(new RegExp(`: ${action} on \\S+: AccessDenied`));
    expect(reason).toEqual(whoMustAct(action));
    const failed = ({ reason: logged }: Readonly<Record<string, unknown>>) =>
      String(logged).startsWith(`${action} on `);
    expect(await log.find(full, 'REQUEST_FAILED', failed)).toMatchObject({ error: 'AWS_CALL_FAILED' });
    expect(allowed.filter((each) => !/:(Describe|List|Get|BatchGet)/.test(each))).toEqual([]);
  },
};

/**
 * What stays makes CloudFormation fail, so the answer is FAILED; with the right back the same delete ends well.
 *
 * @param what as the reason names it: a regular expression
 */
const blocks = (thing: Thing, what: string): OfStacks => ({
  shows: `the delete fails, because of ${what}`,
  async run({ scene }, action, lose) {
    const { stacks, log } = scene;
    const id = await filled(scene, thing, action);
    await lose(async () => expect(await stacks.delete(id)).toMatchObject(FAILED));
    const reason = await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED');
    expect(reason).toMatch(new RegExp(`${what} left: ${action} on `));
    expect(reason).toEqual(whoMustAct(action));
    expect(await log.find(id, 'ANSWER_SENT', ({ status }) => status === 'FAILED')).toMatchObject({ error: 'BLOCKED' });
    expect(await stacks.delete(id)).toMatchObject(GONE);
  },
});

/** CloudFormation deletes the stack all the same, so the answer is SUCCESS and the report tells what was left to it. */
const leaves = (thing: Thing, what: RegExp): OfStacks => ({
  shows: `the stack is deleted, and the report names what stayed`,
  async run({ scene }, action, lose) {
    const id = await filled(scene, thing, action);
    await lose(async () => expect(await scene.stacks.delete(id)).toMatchObject(GONE));
    const why = expect.stringContaining(`${action} on `);
    const leftovers = [
      expect.objectContaining({ what: expect.stringMatching(what), why, remedy: whoMustAct(action), blocks: false }),
    ];
    expect(await scene.log.find(id, 'REPORT')).toMatchObject({ report: { outcome: 'clean', leftovers } });
  },
});

/** A precaution that could not be taken is a note. */
const notes = (thing: Thing, code: string): OfStacks => ({
  shows: `the stack is deleted, with the note ${code}`,
  async run({ scene }, action, lose) {
    const id = await filled(scene, thing, action);
    await lose(async () => expect(await scene.stacks.delete(id)).toMatchObject(GONE));
    const note = expect.objectContaining({ code, sentence: expect.stringContaining(`${action} on `) });
    const report = { outcome: 'clean', notes: expect.arrayContaining([note]), leftovers: [] };
    expect(await scene.log.find(id, 'REPORT')).toMatchObject({ report });
  },
});

const sealStays: OfStacks = {
  shows: 'an update succeeds, with the note that the seal of an earlier teardown stays',
  async run({ scene: { stacks, log, ecr } }, action, lose) {
    const repositoryName = nameFor(action);
    const template = (DeleteLogStreams: boolean) =>
      withCleanExit(images.resources(repositoryName), { DeleteLogStreams });
    const { id } = await stacks.create(repositoryName, template(true));
    const seal = addSeal(undefined);
    const policyText = seal.kind === 'write' ? seal.policy : '';
    await ecr.send(new SetRepositoryPolicyCommand({ repositoryName, policyText }));
    await lose(async () =>
      expect(await stacks.update(repositoryName, template(false))).toMatchObject({ status: 'UPDATE_COMPLETE' }),
    );
    const { sentence } = await log.find(id, 'NOTE', ({ note }) => note === 'SEAL_NOT_LIFTED');
    expect(sentence).toContain(`${action} on `);
    await stacks.update(repositoryName, template(true));
    await log.find(id, 'NOTE', ({ note }) => note === 'SEAL_LIFTED');
    const again = ecr.send(new DeleteRepositoryPolicyCommand({ repositoryName }));
    await expect(again).rejects.toMatchObject({ name: 'RepositoryPolicyNotFoundException' });
  },
};

const bucketSealStays: OfStacks = {
  shows: sealStays.shows,
  async run({ scene: { stacks, log, s3 } }, action, lose) {
    const Bucket = nameFor(action);
    const template = (DeleteLogStreams: boolean) => withCleanExit(objects.resources(Bucket), { DeleteLogStreams });
    const { id } = await stacks.create(Bucket, template(true));
    const seal = addBucketSeal(undefined, { stackId: id, physicalId: Bucket });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: seal.kind === 'write' ? seal.policy : '' }));
    await lose(async () =>
      expect(await stacks.update(Bucket, template(false))).toMatchObject({ status: 'UPDATE_COMPLETE' }),
    );
    const { sentence } = await log.find(id, 'NOTE', ({ note }) => note === 'SEAL_NOT_LIFTED');
    expect(sentence).toContain(`${action} on `);
    await stacks.update(Bucket, template(true));
    await log.find(id, 'NOTE', ({ note }) => note === 'SEAL_LIFTED');
    const policy = s3.send(new GetBucketPolicyCommand({ Bucket }));
    await expect(policy).rejects.toMatchObject({ name: 'NoSuchBucketPolicy' });
  },
};

const rollbackStops: OfStacks = {
  shows: 'nothing is emptied while an update is rolled back, because nobody knows how old the nested stack is',
  async run({ scene: { stacks, log } }, action, lose) {
    const childOf = async (name: string): Promise<string> => {
      const { id } = await stacks.create(name, { Stays: repository(`${name}-stays`) });
      await stacks.update(name, {
        Stays: repository(`${name}-stays`),
        Child: nested(await stacks.upload(withCleanExit(images.resources(`${name}-child`)))),
        Last: impossible(['Child']),
      });
      return stacks.physicalId(id, 'Child');
    };
    let child = '';
    await lose(async () => {
      child = await childOf('undated');
    });
    const reason = await stacks.reasonOf(child, 'CleanExit', 'DELETE_FAILED');
    expect(reason).toMatch(new RegExp(`: ${action} on \\S+: AccessDenied`));
    expect(reason).toEqual(whoMustAct(action));
    expect(await log.decision(await childOf('dated'))).toMatchObject({ code: 'UPDATE_ROLLED_BACK' });
  },
};

/** Lambda's time is cut, so that the work needs a second invocation. */
const handoverFails: OfStacks = {
  shows: 'work that takes longer than one invocation fails, and says how far it came',
  async run({ scene }, action, lose) {
    const { stacks, log, lambda, account } = scene;
    const id = await filled(scene, images, action);
    // HandoverSeconds is 60: a second remains for work, and the first look at the repository takes longer.
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: FUNCTION, Timeout: 61 }));
    const slow = { service: 'ecr', operation: 'DescribeRepositories', principal: FUNCTION, times: 1, delayMs: 1_300 };
    try {
      await account.emulator.setFaults([slow]);
      await lose(async () => expect(await stacks.delete(id)).toMatchObject(FAILED));
      const reason = await stacks.reasonOf(id, 'CleanExit', 'DELETE_FAILED');
      expect(reason).toContain(`The work could not be continued. ${action} on `);
      expect(reason).toEqual(whoMustAct(action));
      const { error } = await log.find(id, 'ANSWER_SENT', ({ status }) => status === 'FAILED');
      expect(error).toBe('HANDOVER_FAILED');
      await account.emulator.setFaults([slow]);
      expect(await stacks.delete(id)).toMatchObject(GONE);
      await log.find(id, 'HANDED_OVER');
    } finally {
      await account.emulator.setFaults([]);
      await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: FUNCTION, Timeout: 900 }));
    }
  },
};

const ownLogIsMissing: OfStacks = {
  shows: 'the stack is deleted, and nothing is logged',
  madeBy: 'Lambda writes what the function prints, with the rights of its role.',
  async run({ scene }, action, lose) {
    const { stacks, log } = scene;
    const id = await filled(scene, images, action);
    await log.find(id, 'REQUEST_COMPLETED');
    await lose(async () => {
      expect(await stacks.delete(id)).toMatchObject(GONE);
      await logTime();
    }, 'in process');
    // What came later is there: what came earlier would be.
    const { id: later } = await stacks.create(`${nameFor(action)}-later`, withCleanExit({}));
    await log.find(later, 'REQUEST_COMPLETED');
    expect((await log.about(id)).map(({ code }) => code)).not.toContain('DECISION');
    expect(await stacks.delete(later)).toMatchObject(GONE);
  },
};

/** A request that nobody may answer fails three times, and then waits for somebody to look at it. */
const failureIsLost: OfStacks = {
  shows: 'a request that could not be answered does not reach the failure queue',
  madeBy: 'Lambda sends failed requests to the queue, with the rights of the role.',
  async run({ scene: { account, log, lambda } }, _action, lose) {
    const waiting = () => messagesIn(account, 'CustomResourceFailures');
    const fail = async (name: string): Promise<void> => {
      const StackId = `arn:aws:cloudformation:${account.region}:${ACCOUNT_ID}:stack/${name}/1`;
      const request = { StackId, RequestId: name, LogicalResourceId: 'CleanExit', ResponseURL: 'https://example.com/' };
      const Payload = Buffer.from(JSON.stringify(request));
      await lambda.send(new InvokeCommand({ FunctionName: FUNCTION, InvocationType: 'Event', Payload }));
      const refused = async () => (await log.about(StackId)).filter(({ code }) => code === 'REQUEST_UNANSWERABLE');
      await until(async () => (await refused()).length === 3, `three refusals of ${name}`);
    };
    await lose(async () => {
      await fail('lost');
      await logTime();
    }, 'in process');
    await fail('kept');
    await until(async () => (await waiting()).length > 0, 'a message in the failure queue');
    expect(await waiting()).toEqual([expect.stringContaining('"RequestId": "kept"')]);
  },
};

/** Every action of the custom resource's role, and how it shows that it is missing. */
export const CUSTOM_RESOURCE: Scenarios<Place> = {
  'cloudformation:DescribeStacks': nothingIsBegun,
  'cloudformation:ListStackResources': nothingIsBegun,
  'cloudformation:GetTemplate': nothingIsBegun,
  'cloudformation:ListImports': nothingIsBegun,
  'cloudformation:DescribeStackEvents': rollbackStops,
  'ecr:DescribeRepositories': nothingIsBegun,
  'ecr:ListTagsForResource': nothingIsBegun,
  'ecr:DescribeImages': nothingIsBegun,
  'ecr:GetRepositoryPolicy': notes(images, 'NOT_SEALED'),
  'ecr:SetRepositoryPolicy': notes(images, 'NOT_SEALED'),
  'ecr:BatchDeleteImage': blocks(images, '4 images'),
  'ecr:DeleteRepositoryPolicy': sealStays,
  'logs:DescribeLogGroups': nothingIsBegun,
  'logs:ListTagsForResource': nothingIsBegun,
  'logs:DescribeLogStreams': nothingIsBegun,
  'logs:DeleteLogStream': leaves(streams, /^2 log streams$/),
  'logs:PutLogGroupDeletionProtection': blocks(protection, 'deletion protection'),
  'iam:GetRole': nothingIsBegun,
  'iam:ListAttachedRolePolicies': nothingIsBegun,
  'iam:ListRolePolicies': nothingIsBegun,
  'iam:ListInstanceProfilesForRole': nothingIsBegun,
  'iam:DetachRolePolicy': leaves(policies, /^managed policy AmazonS3ReadOnlyAccess$/),
  'iam:DeleteRolePolicy': leaves(policies, /^inline policy added-by-hand$/),
  'iam:RemoveRoleFromInstanceProfile': blocks(profile, 'instance profile iam-removerolefrominstanceprofile-elsewhere'),
  'iam:GetUser': nothingIsBegun,
  'iam:ListAttachedUserPolicies': nothingIsBegun,
  'iam:ListUserPolicies': nothingIsBegun,
  'iam:ListGroupsForUser': nothingIsBegun,
  'iam:GetLoginProfile': nothingIsBegun,
  'iam:ListAccessKeys': nothingIsBegun,
  'iam:ListSigningCertificates': nothingIsBegun,
  'iam:ListSSHPublicKeys': nothingIsBegun,
  'iam:ListServiceSpecificCredentials': nothingIsBegun,
  'iam:ListMFADevices': nothingIsBegun,
  'iam:GetGroup': nothingIsBegun,
  'iam:ListAttachedGroupPolicies': nothingIsBegun,
  'iam:ListGroupPolicies': nothingIsBegun,
  'iam:GetPolicy': nothingIsBegun,
  'iam:ListPolicyVersions': nothingIsBegun,
  'iam:ListEntitiesForPolicy': nothingIsBegun,
  'iam:DeactivateMFADevice': blocks(credentials, `MFA device arn:aws:iam::${ACCOUNT_ID}:mfa/iam-deactivatemfadevice`),
  'iam:DeleteVirtualMFADevice': leaves(credentials, /^virtual MFA device arn:aws:iam::/),
  'iam:DeleteSSHPublicKey': blocks(credentials, 'SSH public key \\w+'),
  'iam:DeleteSigningCertificate': blocks(credentials, 'signing certificate \\w+'),
  'iam:DeleteServiceSpecificCredential': blocks(credentials, 'service-specific credential \\w+'),
  'iam:DeleteAccessKey': leaves(credentials, /^access key \w+$/),
  'iam:DeleteLoginProfile': leaves(credentials, /^login profile$/),
  'iam:DetachUserPolicy': leaves(credentials, /^managed policy AmazonS3ReadOnlyAccess$/),
  'iam:DeleteUserPolicy': leaves(credentials, /^inline policy added-by-hand$/),
  'iam:RemoveUserFromGroup': blocks(members, 'member iam-removeuserfromgroup-guest'),
  'iam:DetachGroupPolicy': leaves(groupPolicies, /^managed policy AmazonS3ReadOnlyAccess$/),
  'iam:DeleteGroupPolicy': leaves(groupPolicies, /^inline policy added-by-hand$/),
  'iam:DeletePolicyVersion': leaves(usedPolicy, /^policy version v1$/),
  'iam:DeleteUserPermissionsBoundary': blocks(usedPolicy, 'permissions boundary of user [\\w-]+-limited'),
  'iam:DeleteRolePermissionsBoundary': blocks(usedPolicy, 'permissions boundary of role [\\w-]+-limited'),
  'codebuild:BatchGetProjects': nothingIsBegun,
  'codebuild:ListBuildsForProject': nothingIsBegun,
  'codebuild:BatchGetBuilds': nothingIsBegun,
  'codebuild:GetResourcePolicy': nothingIsBegun,
  'codebuild:StopBuild': leaves(building, /^running build /),
  'codebuild:DeleteWebhook': leaves(building, /^webhook$/),
  'codebuild:DeleteResourcePolicy': blocks(sharing, 'resource policy'),
  'codebuild:BatchGetReportGroups': nothingIsBegun,
  'codebuild:ListReportsForReportGroup': nothingIsBegun,
  'codebuild:DeleteReport': blocks(reports, '3 reports'),
  's3:GetBucketVersioning': nothingIsBegun,
  's3:GetBucketTagging': nothingIsBegun,
  's3:GetBucketObjectLockConfiguration': nothingIsBegun,
  's3:ListBucketVersions': nothingIsBegun,
  's3:ListBucketMultipartUploads': nothingIsBegun,
  's3:GetBucketPolicy': notes(objects, 'NOT_SEALED'),
  's3:PutBucketPolicy': notes(objects, 'NOT_SEALED'),
  's3:DeleteObject': blocks(objects, '3 object versions'),
  's3:DeleteObjectVersion': blocks(objects, '3 object versions'),
  's3:AbortMultipartUpload': leaves(objects, /^1 multipart upload$/),
  's3:DeleteBucketPolicy': bucketSealStays,
  'lambda:InvokeFunction': handoverFails,
  'logs:CreateLogStream': ownLogIsMissing,
  'logs:PutLogEvents': ownLogIsMissing,
  'sqs:SendMessage': failureIsLost,
};

function nameFor(action: string): string {
  return action.toLowerCase().replace(':', '-');
}

/** A stack with a custom resource that may remove what is in it. */
async function filled(scene: Scene, thing: Thing, action: string): Promise<string> {
  const name = nameFor(action);
  const { id } = await scene.stacks.create(name, withCleanExit(thing.resources(name), CONSENTS));
  await thing.fill(scene, name);
  return id;
}
