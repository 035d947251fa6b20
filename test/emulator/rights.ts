import assert from 'node:assert/strict';
import * as iam from '@aws-sdk/client-iam';
import * as sts from '@aws-sdk/client-sts';
import type { Credentials, ScenarioContext } from '#test/emulator/scenario.ts';
import { clientConfig, REGION, unique } from '#test/emulator/scenario.ts';

const ACCOUNT = '000000000000';
/** The ARN of a resource in the emulator's account and the scenarios' Region. */
export const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
/** The ARN of an IAM entity of the emulator's account. */
export const iamArn = (resource: string) => `arn:aws:iam::${ACCOUNT}:${resource}`;

/** A call, and the one resource that a statement must name for it. */
export interface Permission {
  action: string;
  resource: string;
  /** A resource of the same type that does not cover the call. */
  other: string;
  call(context: ScenarioContext, credentials: Credentials): Promise<unknown>;
}

/** A role whose only policy can be changed, and a session of it. */
export async function roleWithPolicy(context: ScenarioContext) {
  const client = new iam.IAMClient(clientConfig(context));
  const RoleName = unique('role');
  const trust = { Effect: 'Allow', Principal: { AWS: iamArn('root') }, Action: 'sts:AssumeRole' };
  const { Role } = await client.send(
    new iam.CreateRoleCommand({
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    }),
  );
  const assumed = await new sts.STSClient(clientConfig(context)).send(
    new sts.AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'scenario' }),
  );
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = assumed.Credentials ?? {};
  return {
    roleArn: Role?.Arn ?? '',
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    async allow(...statements: object[]) {
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
      await client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName: 'only', PolicyDocument }));
    },
  };
}

/** Whether the call is refused for want of rights; any other answer, an error too, means that it was allowed. */
export async function isDenied(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return false;
  } catch (error) {
    if (error instanceof Error && /^(AccessDenied|AccessDeniedException|UnauthorizedOperation)$/.test(error.name)) {
      return true;
    }
    if (error instanceof Error && /not authorized/i.test(error.message)) {
      throw new Error(`an unknown kind of refusal: ${error.name}`, { cause: error });
    }
    return false;
  }
}

/** Allowed by a statement on exactly its resource, refused by one on another, refused by a Deny on its own. */
export async function checkEach(context: ScenarioContext, permissions: readonly Permission[]): Promise<void> {
  const role = await roleWithPolicy(context);
  const wrong: string[] = [];
  for (const { action, resource, other, call } of permissions) {
    const denied = () => isDenied(() => call(context, role.credentials));
    const allow = (Resource: string) => ({ Effect: 'Allow', Action: action, Resource });
    await role.allow(allow(resource));
    if (await denied()) {
      wrong.push(`${action} is refused on ${resource}`);
    }
    await role.allow(allow(other));
    if (!(await denied())) {
      wrong.push(`${action} is allowed by a statement on ${other}`);
    }
    await role.allow(allow('*'), { ...allow(resource), Effect: 'Deny' });
    if (!(await denied())) {
      wrong.push(`${action} is allowed although it is denied on ${resource}`);
    }
  }
  assert.deepEqual(wrong, []);
}
