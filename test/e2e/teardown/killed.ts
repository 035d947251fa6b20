import { CloudFormationClient, UpdateTerminationProtectionCommand } from '@aws-sdk/client-cloudformation';
import type { ApiCall } from '#emulator/start.ts';
import type { TeardownReport } from '#functions/teardown/model.ts';
import { type ClientSettings, until } from '#scripts/lib/local-account.ts';
import { BLOCKING } from '../permissions/iam-things.ts';
import { building, objects, policies, protection } from '../permissions/things.ts';
import { cleanExit, type Ran } from '../support/command-line.ts';
import type { Gate } from '../support/gate.ts';
import type { Scene } from '../support/scene.ts';
import { bucket, logGroup, project, type Resources, repository, role, user } from '../support/templates.ts';
import { type Moment, Tollgate } from '../support/tollgate.ts';
import { writesOf } from '../support/writes.ts';

/** A call of a teardown at which it is killed. */
export interface Point {
  readonly operation: string;
  readonly nth: number;
  readonly moment: Moment;
}

/** What came of two runs of the same command, the first of which was killed. */
export interface Round {
  readonly point: string;
  /** The second run came while CloudFormation was deleting. */
  readonly joined: boolean;
  readonly name: string;
  /** Images that the first run left. */
  readonly left: number;
  readonly second: Ran;
  readonly report: TeardownReport | undefined;
  /** Successful writes of both runs, without the tokens of deletes. */
  readonly writes: readonly string[];
}

export const IMAGES = 6;

/** What more the two stacks hold. */
type More = readonly [stack: Resources, importer: Resources];

/** A full stack that somebody protects, and one that imports from it. @returns their ARNs */
async function fill(scene: Scene, name: string, [more, moreThere]: More = [{}, {}]): Promise<readonly string[]> {
  const { stacks, seed, account } = scene;
  const outputs = { Name: { Value: { Ref: 'Repository' }, Export: { Name: `${name}-ECR` } } };
  const resources = {
    Repository: repository(name),
    Logs: logGroup(name),
    Role: role(name, 'codebuild.amazonaws.com'),
    Project: project(name, 'Role'),
    User: user(name),
    Bucket: bucket(name),
    ...more,
  };
  const { id } = await stacks.create(name, resources, { outputs });
  const Tags = [{ Key: 'from', Value: { 'Fn::ImportValue': `${name}-ECR` } }];
  const importer = await stacks.create(`${name}-importer`, {
    Logs: logGroup(`${name}-imports`, {}, { Tags }),
    ...moreThere,
  });
  await seed(name, IMAGES);
  for (const thing of [building, protection, policies, objects]) {
    await thing.fill(scene, name);
  }
  await BLOCKING['SSH public key'](scene, name);
  await new CloudFormationClient(account.root).send(
    new UpdateTerminationProtectionCommand({ StackName: name, EnableTerminationProtection: true }),
  );
  return [id, importer.id];
}

/** Is the delete still under way when the second run begins? */
export function isJoined({ operation, moment }: Point): boolean {
  return operation === 'DeleteStack' && moment === 'after';
}

/** Where rounds are made, and by whom. */
export interface Here {
  readonly scene: Scene;
  readonly as: ClientSettings;
  /** Whose function is in the account. */
  readonly gates: Gate;
}

const wordsFor = (name: string) => [
  ...['delete', name, `${name}-importer`, '--yes', name, '--yes', `${name}-importer`, '--json', '--local'],
  ...['--disable-protection', '--disable-log-group-protection'],
];

/** One whole run, not killed. @returns its operations in order */
export async function recorded(scene: Scene, as: ClientSettings, name: string): Promise<readonly string[]> {
  await fill(scene, name);
  const gate = await Tollgate.start(as.endpoint);
  try {
    const { exit, stderr } = await cleanExit(wordsFor(name), { as: { ...as, endpoint: gate.endpoint } });
    if (exit !== 0) {
      throw new Error(`exit code ${exit}: ${stderr}`);
    }
    return gate.operations;
  } finally {
    await gate.stop();
  }
}

/**
 * Makes two stacks, has them deleted by a process that is killed at a point, and has the same command given again.
 *
 * @throws Error where the first run did not come to that point, or a stack is still there after the second
 */
export async function killedAt(
  { scene, as, gates }: Here,
  name: string,
  { operation, nth, moment }: Point,
): Promise<Round> {
  const { emulator } = scene.account;
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  const held = isJoined({ operation, nth, moment }) && {
    Held: gates.at(name, [], async (requestType) => {
      await (requestType === 'Delete' ? opened : undefined);
      return 'SUCCESS';
    }),
  };
  const ids = await fill(scene, name, nth === 1 ? [{}, held || {}] : [held || {}, {}]);
  const { next } = await emulator.calls(Number.MAX_SAFE_INTEGER);
  const gate = await Tollgate.start(as.endpoint);
  const first = await cleanExit(wordsFor(name), {
    as: { ...as, endpoint: gate.endpoint },
    onStart: (child) => gate.collect({ operation, nth, moment, kill: () => child.kill('SIGKILL') }),
  });
  await gate.settled();
  await gate.stop();
  const point = `${moment} ${operation} ${nth}`;
  if (first.exit !== undefined || !gate.collected) {
    throw new Error(`${point}: the first run ended by itself with ${first.exit}: ${first.stderr}`);
  }
  const left = await scene.images(name);
  const second = await cleanExit(wordsFor(name), {
    as,
    onStart: async (child, stderr) => {
      // The plan is made and shown: from here on a delete that is under way may end.
      await until(() => stderr().includes('Wave ') || child.exitCode !== null, 'the second run has looked', 60);
      open();
    },
  });
  const { calls } = await emulator.calls(next);
  const statuses = await Promise.all(ids.map((id) => scene.stacks.status(id)));
  if (statuses.some((status) => status !== 'DELETE_COMPLETE')) {
    throw new Error(`${point}: ${statuses.join(', ')} after ${second.stdout}${second.stderr}`);
  }
  const report: TeardownReport | undefined = second.exit === 0 ? JSON.parse(second.stdout) : undefined;
  const joined = isJoined({ operation, nth, moment });
  return { point, joined, name, left, second, report, writes: writesIn(calls, name) };
}

function writesIn(calls: readonly ApiCall[], name: string): readonly string[] {
  const own = calls.filter(
    ({ principal, request, status }) =>
      principal.includes(':user/operator') && status < 400 && JSON.stringify(request).includes(name),
  );
  return own.flatMap((call) =>
    writesOf([call], ':user/operator').map(({ operation }) => {
      const { ClientRequestToken: _, ...request }: Record<string, unknown> = { ...Object(call.request) };
      return `${operation} ${JSON.stringify(request)}`;
    }),
  );
}
