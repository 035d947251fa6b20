import { plainParameter, secureParameter } from '#functions/aws/ssm.ts';
import { AwsFailure } from '#functions/errors.ts';
import { whoAmI } from '../aws/identity.ts';
import { deniedActions, deniedReads } from '../aws/permissions.ts';
import { SERVICE_STACK, type ServiceStack, serviceStack } from '../aws/service-stack.ts';
import { createStateMachine } from '../aws/state-machine.ts';
import { type Identity, STATE_MACHINE, stateMachineArn } from '../place.ts';
import type { Check, Verdict } from './check.ts';
import { type Known, lazily, unreachable, withCredentials } from './known.ts';
import { NEEDED } from './permissions.ts';
import { routesVerdict, type SlackQuestions, slackVerdict } from './slack.ts';
import { nodeCheck, toolCheck } from './tools.ts';

/** What the doctor asks AWS; fakes in tests. */
export interface Questions extends SlackQuestions {
  readonly whoAmI: () => Promise<Identity>;
  readonly machineExists: (arn: string) => Promise<boolean>;
  readonly serviceStack: () => Promise<ServiceStack | undefined>;
  readonly deniedActions: (callerArn: string, actions: readonly string[]) => Promise<readonly string[]>;
  readonly deniedReads: () => Promise<readonly string[]>;
}

const QUESTIONS: Questions = {
  whoAmI: () => whoAmI(),
  machineExists: (arn) => createStateMachine().exists(arn),
  serviceStack: () => serviceStack(),
  deniedActions,
  deniedReads,
  readSecret: (name) => secureParameter(name),
  readRoutes: (name) => plainParameter(name),
};

/** Everything that the doctor looks at, in order. What needs credentials is not looked at without them. */
export function checksOf(
  environment: Readonly<Record<string, string | undefined>>,
  questions: Questions = QUESTIONS,
): readonly Check[] {
  const once = remembered(questions);
  return [
    nodeCheck(process.versions.node),
    toolCheck('SAM CLI', 'sam', 'it deploys the service and the pipelines', environment),
    toolCheck('AWS CLI', 'aws', 'reports name commands of it', environment),
    { title: 'Credentials', look: () => credentials(once) },
    { title: 'Permissions', look: () => permissions(once, questions) },
    { title: 'Service', look: () => service(once) },
    { title: 'Slack', look: () => slackVerdict(once, questions) },
    { title: 'Routes', look: () => routesVerdict(once, questions) },
  ];
}

/** Each question is asked once, whoever wants to know. */
function remembered({ whoAmI: who, machineExists, serviceStack: stackOf }: Questions): Known {
  const identity = lazily(who);
  return {
    identity,
    deployed: lazily(async () => machineExists(stateMachineArn(await identity()))),
    stack: lazily(async () => {
      await identity();
      return stackOf();
    }),
  };
}

async function credentials({ identity }: Known): Promise<Verdict> {
  try {
    const { arn, accountId, region } = await identity();
    return { state: 'ok', words: `${arn}, account ${accountId}, Region ${region}` };
  } catch (thrown) {
    return unreachable(thrown);
  }
}

const ROOT = /^arn:[^:]+:iam::\d+:root$/;

async function permissions(known: Known, questions: Questions): Promise<Verdict> {
  return withCredentials(known, async ({ arn }) => {
    const deployed = await known.deployed().catch(() => false);
    const needed: readonly string[] = deployed ? NEEDED.service : NEEDED.local;
    const purpose = deployed ? 'to have the service work' : 'to work locally';
    if (ROOT.test(arn)) {
      return {
        state: 'ok',
        words: "the account's root user may do everything; a role or a user with fewer rights is safer",
      };
    }
    try {
      const denied = await questions.deniedActions(arn, needed);
      return denied.length === 0
        ? { state: 'ok', words: `${needed.length} actions ${purpose} are allowed, as IAM's simulation says` }
        : missing(denied, purpose);
    } catch (thrown) {
      if (!(thrown instanceof AwsFailure)) {
        throw thrown;
      }
      // Not everybody may simulate; the account's root user cannot be simulated at all.
      const denied = await questions.deniedReads();
      return denied.length === 0
        ? {
            state: 'ok',
            words:
              'every service answers to a read; what may be changed, only IAM could tell, and these credentials may not ask it',
          }
        : missing(denied, purpose);
    }
  });
}

function missing(denied: readonly string[], purpose: string): Verdict {
  return {
    state: 'problem',
    words: `not allowed: ${denied.join(', ')}`,
    remedy: `Ask an administrator for these actions (${purpose}), or take other credentials with --profile.`,
  };
}

async function service(known: Known): Promise<Verdict> {
  return withCredentials(known, async ({ region }) => {
    const [deployed, stack] = await Promise.all([known.deployed(), known.stack()]);
    if (!deployed && !stack) {
      return {
        state: 'note',
        words: `not deployed in ${region}: plans and deletes are made locally, with your own rights`,
      };
    }
    const version = stack?.outputs['Version'];
    const words = [
      stack
        ? `stack ${SERVICE_STACK} is ${stack.status}`
        : `state machine ${STATE_MACHINE} is there, stack ${SERVICE_STACK} is not`,
      version === undefined ? '' : `version ${version}`,
      stack?.deployedAt === undefined ? '' : `deployed ${stack.deployedAt.slice(0, 16).replace('T', ' ')} UTC`,
      stack?.parameters['DeleteRoleArn'] === ''
        ? 'without a delete role: it deletes only stacks that have a service role of their own'
        : '',
    ].filter((part) => part !== '');
    if (!deployed) {
      return {
        state: 'problem',
        words: `${words.join(', ')}, without the state machine ${STATE_MACHINE}: it is older than this command`,
        remedy: 'Deploy it again: sam build && sam deploy',
      };
    }
    return stack && !/^(CREATE|UPDATE|UPDATE_ROLLBACK)_COMPLETE$/.test(stack.status)
      ? { state: 'problem', words: words.join(', '), remedy: "Look at the stack's events, then deploy it again." }
      : { state: 'ok', words: words.join(', ') };
  });
}
