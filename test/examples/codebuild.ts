import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { type Environment, EXAMPLE, type Sandbox } from './sandbox.ts';

const PHASES = ['install', 'pre_build', 'build', 'post_build'] as const;
type PhaseName = (typeof PHASES)[number];

const Phase = z.optional(z.strictObject({ commands: z.array(z.string()) }));
const Buildspec = z.strictObject({
  version: z.literal(0.2),
  env: z.strictObject({ shell: z.literal('bash'), 'exported-variables': z.array(z.string()) }),
  phases: z.strictObject({ install: Phase, pre_build: Phase, build: Phase, post_build: Phase }),
});

export interface Build {
  readonly succeeded: boolean;
  /** The phases that ran, in order, each with its verdict. */
  readonly phases: readonly { readonly name: PhaseName; readonly succeeded: boolean }[];
  /** The exported variables that exist when the build ends. */
  readonly exported: Environment;
  readonly log: string;
}

export function buildspec(): z.infer<typeof Buildspec> {
  return Buildspec.parse(parse(readFileSync(join(EXAMPLE, 'buildspec.yml'), 'utf8')));
}

/**
 * Runs the example's buildspec as CodeBuild does: the commands one after the other, the rest of a phase skipped after
 * one that fails; a failed install or pre_build ends the build, a failed build phase is still followed by post_build with
 * `CODEBUILD_BUILD_SUCCEEDING` 0. Stricter than CodeBuild in one thing: between two commands only exported variables live on.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html
 */
export function runBuild(sandbox: Sandbox, environment: Environment): Build {
  const { env, phases } = buildspec();
  let state: Environment = {
    CODEBUILD_BUILD_SUCCEEDING: '1',
    AWS_DEFAULT_REGION: 'ap-northeast-1',
    AWS_ACCOUNT_ID: '123456789012',
    IMAGE_REPO_NAME: 'xxxx',
    ...environment,
  };
  const ran: { name: PhaseName; succeeded: boolean }[] = [];
  let log = '';
  for (const name of PHASES) {
    const failed = ran.find(({ succeeded }) => !succeeded);
    if (phases[name] === undefined || (failed !== undefined && failed.name !== 'build')) {
      continue;
    }
    state = { ...state, CODEBUILD_BUILD_SUCCEEDING: failed === undefined ? '1' : '0' };
    let succeeded = true;
    for (const command of phases[name].commands) {
      const dump = sandbox.path('environment');
      const { status, stdout, stderr } = sandbox.run(
        'bash',
        ['-c', `trap 'env -0 > "${dump}"' EXIT\n${command}`],
        state,
      );
      log += `$ ${command}\n${stdout}${stderr}`;
      state = readEnvironment(dump);
      succeeded = status === 0;
      if (!succeeded) {
        break;
      }
    }
    ran.push({ name, succeeded });
  }
  const exported = env['exported-variables'].flatMap((name) => {
    const value = state[name];
    return value === undefined ? [] : [[name, value]];
  });
  return { succeeded: ran.every((phase) => phase.succeeded), phases: ran, exported: Object.fromEntries(exported), log };
}

function readEnvironment(file: string): Environment {
  const entries = readFileSync(file, 'utf8').split('\0').filter(Boolean);
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}
