import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The example that analysts copy. */
export const EXAMPLE = fileURLToPath(new URL('../../examples/batch-job/', import.meta.url));

export type Environment = Readonly<Record<string, string>>;

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Stand-ins for `docker`, `aws` and `git`. Each writes its call as one line to `calls`; docker keeps its images, one a
 * file, in `images`:
 * - `docker build` and `docker pull` make the image, `docker tag` and `docker push` fail without it, as Docker does;
 * - `docker push` gives the image a digest, `docker image inspect` fails without the image and prints the digests else;
 * - `docker login` takes a password from stdin and refuses an empty one;
 * - `docker run` prints `running IMAGE`, then waits until the file `release` exists when there is a file `hold`.
 * `FAIL_<tool>_<verb>` makes that verb fail with the text as its message; a failing aws has begun to print something.
 */
const STUBS = {
  docker: `#!/bin/bash
echo "docker $*" >> "$SANDBOX/calls"
verb=$1; [ "$verb" = image ] && verb=inspect
fail="FAIL_docker_$verb"
if [ -n "\${!fail:-}" ]; then echo "\${!fail}" >&2; exit 1; fi
last=\${!#}
file() { echo "$SANDBOX/images/$(printf '%s' "$1" | tr '/:' '__')"; }
case $verb in
  login) read -r password || true; [ -n "$password" ] || { echo 'Error: Password required' >&2; exit 1; }
         echo "$password" > "$SANDBOX/password"; echo 'Login Succeeded' ;;
  build) while [ $# -gt 1 ]; do [ "$1" = --tag ] && : > "$(file "$2")"; shift; done ;;
  pull) : > "$(file "$last")" ;;
  tag) [ -e "$(file "$2")" ] || { echo "No such image: $2" >&2; exit 1; }; : > "$(file "$3")" ;;
  push) [ -e "$(file "$last")" ] || { echo "An image does not exist locally with the tag: $last" >&2; exit 1; }
        [ -n "\${NO_DIGEST:-}" ] || printf 'other.example/copy@sha256:0000\\n%s@sha256:%s\\n' "\${last%:*}" "$DIGEST" > "$(file "$last")" ;;
  inspect) [ -e "$(file "$last")" ] || { echo "No such image: $last" >&2; exit 1; }; cat "$(file "$last")" ;;
  run) echo "running $last"; : > "$SANDBOX/started"
       while [ -e "$SANDBOX/hold" ] && [ ! -e "$SANDBOX/release" ]; do sleep 0.02; done
       exit "\${JOB_STATUS:-0}" ;;
  *) echo "docker stub: unknown verb $verb" >&2; exit 125 ;;
esac
`,
  aws: `#!/bin/bash
echo "aws $*" >> "$SANDBOX/calls"
if [ -n "\${FAIL_aws_login:-}" ]; then echo half-a-password; echo "\${FAIL_aws_login}" >&2; exit 255; fi
[ "$1 $2" = 'ecr get-login-password' ] || { echo "aws stub: unknown command $*" >&2; exit 252; }
echo secret-password
`,
  git: `#!/bin/bash
echo "git $*" >> "$SANDBOX/calls"
if [ -n "\${FAIL_git:-}" ]; then echo "\${FAIL_git}" >&2; exit 128; fi
case $* in
  'rev-parse HEAD') echo 0123456789abcdef0123456789abcdef01234567 ;;
  'log -1 --format=%an') echo "O'Brien \\"花子\\" \\$HOME" ;;
  'log -1 --format=%ae') echo hanako@example.com ;;
  'log -1 --format=%s') echo 'Fix $(the) totals; "again" && more' ;;
  'tag --points-at HEAD') [ -z "\${GIT_TAGS:-}" ] || printf '%s\\n' $GIT_TAGS ;;
  *) echo "git stub: unknown command $*" >&2; exit 129 ;;
esac
`,
} as const;

export const DIGEST = 'd'.repeat(64);

/** A temporary folder with the stubs in front of PATH. */
export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), 'batch-job-'));

  constructor() {
    mkdirSync(this.path('bin'));
    mkdirSync(this.path('images'));
    for (const [tool, script] of Object.entries(STUBS)) {
      writeFileSync(this.path('bin', tool), script, { mode: 0o755 });
    }
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** The whole environment of a process in the sandbox: nothing leaks in from outside. */
  environment(extra: Environment = {}): Environment {
    return { PATH: `${this.path('bin')}:/usr/bin:/bin`, HOME: this.folder, SANDBOX: this.folder, DIGEST, ...extra };
  }

  run(command: string, args: readonly string[], extra: Environment = {}, cwd = EXAMPLE): Outcome {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd,
      env: this.environment(extra),
      encoding: 'utf8',
      timeout: 20_000,
    });
    return { status, stdout, stderr };
  }

  /** Every call of docker, aws and git so far, in order. */
  calls(): string[] {
    const file = this.path('calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  }

  called(prefix: string): string[] {
    return this.calls().filter((call) => call.startsWith(prefix));
  }

  /** Puts an image on the machine, as an earlier pull would have. */
  haveImage(image: string): void {
    writeFileSync(this.path('images', image.replace(/[/:]/g, '_')), '');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
