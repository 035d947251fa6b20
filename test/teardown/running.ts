/** An account with two pairs of stacks for teardowns to run on. */
import { CLEANERS } from '#functions/cleaners/index.ts';
import { TeardownRequest } from '#functions/schemas/teardown-request.ts';
import type { TeardownDeps } from '#functions/teardown/dependencies.ts';
import type { TeardownOptions, TeardownPlan, TeardownReport } from '#functions/teardown/model.ts';
import { planTeardown } from '#functions/teardown/plan.ts';
import { runTeardown } from '#functions/teardown/run.ts';
import type { ResourceOptions } from '#test/fakes/cloudformation.ts';
import { type FakeAccount, fakeAccount, stackIdOf } from '#test/fakes/index.ts';
import { FakeAfterDelete, FakeStackDeletion } from '#test/fakes/stack-deletion.ts';

export const PERSON = 'arn:aws:iam::123456789012:user/hanako';

export interface Place {
  readonly account: FakeAccount;
  readonly stackDeletion: FakeStackDeletion;
  readonly afterDelete: FakeAfterDelete;
  /** Resources that cannot be deleted, by physical id, with AWS's reason; changed by tests. */
  readonly stubborn: Map<string, string>;
}

/** CloudFormation's own words for a repository with images in it. */
const NOT_EMPTY = 'The repository cannot be deleted because it still contains images (Service: Ecr, Status Code: 400)';

export function place(): Place {
  const account = fakeAccount();
  const { ecr, logs, codeBuild, iam } = account;
  const stubborn = new Map<string, string>();
  const blocks = ({ type, physicalId = '' }: ResourceOptions): string | undefined =>
    stubborn.get(physicalId) ??
    (type === 'AWS::ECR::Repository' && ecr.digests(physicalId).length > 0 ? NOT_EMPTY : undefined);
  const gone = ({ type, physicalId = '' }: ResourceOptions): void => {
    if (type === 'AWS::ECR::Repository') ecr.removeRepository(physicalId);
    if (type === 'AWS::Logs::LogGroup') logs.removeGroup(physicalId);
    if (type === 'AWS::CodeBuild::Project') codeBuild.removeProject(physicalId);
    if (type === 'AWS::IAM::Role') iam.removeRole(physicalId);
  };
  const { log, clock, cloudFormation } = account;
  return {
    account,
    stackDeletion: new FakeStackDeletion(log, clock, cloudFormation, { blocks, gone }),
    afterDelete: new FakeAfterDelete(log, logs),
    stubborn,
  };
}

export function depsOf({ account, stackDeletion, afterDelete }: Place, more: Partial<TeardownDeps> = {}): TeardownDeps {
  return {
    ports: { ...account.ports, stackDeletion, afterDelete },
    cleaners: CLEANERS,
    service: { roleArns: [] },
    rights: { kind: 'person', arn: PERSON },
    ...more,
  };
}

/** A living stack with a full repository, a log group and a project. */
export function addPipeline(where: Place, project: string, images = 5): Place {
  const { cloudFormation, ecr, logs, codeBuild } = where.account;
  const name = `${project}-build`;
  ecr.addRepository(project).fill(project, images);
  logs.addGroup(`${project}-build`, { streams: 2 });
  codeBuild.addProject(project);
  cloudFormation
    .addStack(name, { status: 'CREATE_COMPLETE' })
    .addStack(`${name}-Ecr`, { parent: name, status: 'CREATE_COMPLETE', exportNames: [`${project}-ECR`] })
    .addResource(`${name}-Ecr`, { logicalId: 'Repository', type: 'AWS::ECR::Repository', physicalId: project })
    .addResource(name, { logicalId: 'Logs', type: 'AWS::Logs::LogGroup', physicalId: `${project}-build` })
    .addResource(name, { logicalId: 'Project', type: 'AWS::CodeBuild::Project', physicalId: project });
  return where;
}

/** A living stack that imports a pipeline's repository. */
export function addImporter(where: Place, project: string): Place {
  where.account.cloudFormation
    .addStack(`${project}-deploy-user`, { status: 'CREATE_COMPLETE' })
    .addResource(`${project}-deploy-user`, {
      logicalId: 'Topic',
      type: 'AWS::SNS::Topic',
      physicalId: `arn:${project}`,
    })
    .import(`${project}-ECR`, `${project}-deploy-user`);
  return where;
}

export async function planIn(
  where: Place,
  stacks: readonly string[],
  options: Partial<TeardownOptions> = {},
): Promise<TeardownPlan> {
  const request = TeardownRequest.parse({ stacks, mode: 'execute', options });
  return planTeardown(depsOf(where), request, () => 900_000);
}

export async function teardownIn(
  where: Place,
  stacks: readonly string[],
  options: Partial<TeardownOptions> = {},
  run = 'run-1',
): Promise<TeardownReport> {
  const plan = await planIn(where, stacks, options);
  return runTeardown(depsOf(where), plan, { run, startedAt: where.account.clock.now() });
}

/** Status of a stack, without a call. */
export function statusOf({ account }: Place, name: string): string {
  return account.cloudFormation.peek(name).facts.status;
}

export { stackIdOf };
