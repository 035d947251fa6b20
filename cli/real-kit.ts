import { randomBytes } from 'node:crypto';
import { chooseDoor } from './doors/choose.ts';
import type { Interruption } from './interruption.ts';
import type { Globals, Kit } from './kit.ts';
import { stateMachineArn } from './place.ts';
import type { Terminal } from './terminal.ts';

/** The environment that the SDK reads. */
export type Environment = Record<string, string | undefined>;

/** What a named profile takes the place of. */
const KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/**
 * Puts what the command line names where every SDK client finds it. `AWS_DEFAULT_REGION` is the AWS CLI's variable; the SDK
 * does not read it.
 */
export function settle(environment: Environment, { region, profile }: Globals): void {
  if (profile !== undefined) {
    environment['AWS_PROFILE'] = profile;
    // Or else keys of the environment would win over the profile that somebody names.
    for (const key of KEYS) {
      delete environment[key];
    }
  }
  // The bundle holds its SDK: that later ones will need a newer Node is the maintainers' to know.
  environment['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  // As the AWS CLI does it: the environment goes before the profile's own Region.
  const chosen = region || environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'];
  if (chosen) {
    environment['AWS_REGION'] = chosen;
  } else {
    // An empty one would hide the profile's.
    delete environment['AWS_REGION'];
  }
}

/** Everything that AWS takes is imported when it is first needed: `--help` waits for none of it. */
export function realKit(terminal: Terminal, interruption: Interruption, environment: Environment): Kit {
  const stateMachine: Kit['stateMachine'] = async () => (await import('./aws/state-machine.ts')).createStateMachine();
  return {
    terminal,
    interruption,
    newRun: () => `${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}-${randomBytes(3).toString('hex')}`,
    identity: async () => (await import('./aws/identity.ts')).whoAmI(),
    door: (wish, identity) =>
      chooseDoor(wish, identity, {
        serviceIsDeployed: async () => (await stateMachine()).exists(stateMachineArn(identity)),
        local: async (sentence) => (await import('./doors/local.ts')).localDoor(identity, sentence),
        service: async (sentence) => {
          const [{ serviceDoor }, { sleepUntilAborted }, machine] = await Promise.all([
            import('./doors/service.ts'),
            import('./sleep.ts'),
            stateMachine(),
          ]);
          return serviceDoor({ identity, machine, sentence, sleep: sleepUntilAborted });
        },
      }),
    stateMachine,
    stuckStacks: async () => (await import('./aws/stuck-stacks.ts')).stuckStacks(),
    localDeps: async (identity) => (await import('./doors/local.ts')).localDeps(identity),
    serviceStack: async () => (await import('./aws/service-stack.ts')).serviceStack(),
    routesParameter: async () => (await import('./aws/routes-parameter.ts')).createRoutesParameter(),
    readDocument: async (file) => (await import('./routes/document.ts')).readDocument(file, process.stdin),
    checks: async () => (await import('./doctor/checks.ts')).checksOf(environment),
  };
}
