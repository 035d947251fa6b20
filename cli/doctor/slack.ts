import { checkRoutes } from '#functions/builds/routes.ts';
import { counted } from '#functions/core/report.ts';
import { CleanExitError } from '#functions/errors.ts';
import type { Routes } from '#functions/schemas/routes.ts';
import { redacted } from '../failures.ts';
import { ownOf, remarksOn } from '../routes/meaning.ts';
import type { Verdict } from './check.ts';
import { type Known, unreachable, withCredentials } from './known.ts';

/** What is asked about Slack's secrets and the routes. */
export interface SlackQuestions {
  /** A secret; what is read is thrown away. */
  readonly readSecret: (name: string) => Promise<string>;
  /** The routes document; undefined where there is none. */
  readonly readRoutes: (name: string) => Promise<string | undefined>;
}

/** Can the service's secrets be read, and do its parameters fit each other? */
export async function slackVerdict(known: Known, { readSecret }: SlackQuestions): Promise<Verdict> {
  return withCredentials(known, async () => {
    const own = ownOf(await known.stack());
    const names = [own?.webhook ?? '', own?.token ?? ''].filter((name) => name !== '');
    if (own === undefined || names.length === 0) {
      return own?.channel
        ? {
            state: 'problem',
            words: `the service has SlackChannel ${own.channel}, and no SlackTokenParameter: no bot tells anything`,
            remedy: 'Deploy it again with SlackTokenParameter, as docs/notices.md shows.',
          }
        : { state: 'note', words: 'no notices: the service is not deployed, or names no Slack parameter' };
    }
    const verdicts = await Promise.all(names.map((name) => secretVerdict(name, readSecret, name === own.token)));
    const channel: Verdict[] =
      own.token !== '' && own.channel === ''
        ? [
            {
              state: 'note',
              words: 'SlackChannel is empty: the bot tells only what a route with a channel sends to it',
            },
          ]
        : [];
    const well = own.token === '' || own.channel === '' ? '' : `; the bot's channel is ${own.channel}`;
    return worst([...verdicts, ...channel]) ?? { state: 'ok', words: `${names.join(', ')} can be read${well}` };
  });
}

/** Is the document in force the one that stands there, and can every route of it be served? */
export async function routesVerdict(known: Known, questions: SlackQuestions): Promise<Verdict> {
  return withCredentials(known, async () => {
    const stack = await known.stack();
    const name = stack?.parameters['RoutesParameter'] ?? '';
    const own = ownOf(stack);
    if (name === '' || own === undefined) {
      return { state: 'note', words: 'none: the service is not deployed, or reads no routes' };
    }
    let text: string | undefined;
    try {
      text = await questions.readRoutes(name);
    } catch (thrown) {
      return notRead(name, thrown) ?? unreachable(thrown);
    }
    if (text === undefined) {
      return { state: 'note', words: `${name} is not there: the service's own parameters are the only route` };
    }
    const checked = checkRoutes(text);
    if ('faults' in checked) {
      return {
        state: 'problem',
        words: redacted(
          `${name} has ${counted(checked.faults.length, 'fault')}, so the last good document is in force: ${checked.faults[0]}`,
        ),
        remedy: 'Correct it: `clean-exit routes check FILE` shows every fault, `clean-exit routes set FILE` writes it.',
      };
    }
    const [remark] = remarksOn(checked.routes, own);
    if (remark !== undefined) {
      const remedy = 'Correct the document and write it with `clean-exit routes set FILE`.';
      return { state: 'problem', words: `${name}: ${remark.replace(/\.$/, '')}`, remedy };
    }
    const webhooks = await Promise.all(
      webhooksOf(checked.routes).map((webhook) => secretVerdict(webhook, questions.readSecret, false)),
    );
    return worst(webhooks) ?? { state: 'ok', words: `${name} has ${counted(checked.routes.routes.length, 'route')}` };
  });
}

function webhooksOf({ routes, default: standard }: Routes): readonly string[] {
  const all = [...routes, ...(standard === undefined ? [] : [standard])];
  return [...new Set(all.flatMap(({ mode, webhook }) => (mode === 'off' || webhook === undefined ? [] : [webhook])))];
}

/** The first problem, or else the first note. */
function worst(verdicts: readonly Verdict[]): Verdict | undefined {
  return verdicts.find(({ state }) => state === 'problem') ?? verdicts.find(({ state }) => state === 'note');
}

async function secretVerdict(
  name: string,
  readSecret: SlackQuestions['readSecret'],
  isToken: boolean,
): Promise<Verdict> {
  try {
    const secret = await readSecret(name);
    return isToken && !/^xoxb-/.test(secret.trim())
      ? {
          state: 'problem',
          words: `${name} holds no bot token`,
          remedy: 'Put the "Bot User OAuth Token" of the Slack app there; it begins with xoxb-.',
        }
      : { state: 'ok', words: `${name} can be read` };
  } catch (thrown) {
    const note = notRead(name, thrown);
    if (note) {
      return note;
    }
    const code = thrown instanceof CleanExitError ? thrown.code : '';
    if (code === 'PARAMETER_NOT_FOUND') {
      return {
        state: 'problem',
        words: `${name} is not there`,
        remedy: 'Create it as a SecureString, as the README shows.',
      };
    }
    if (code === 'PARAMETER_NOT_SECURE') {
      return {
        state: 'problem',
        words: `${name} is not a SecureString`,
        remedy: 'Delete it and create it as a SecureString, then give Slack a new secret: others could read it.',
      };
    }
    return unreachable(thrown);
  }
}

/** Whoever asks may have fewer rights than the service: no problem of the service's. */
function notRead(name: string, thrown: unknown): Verdict | undefined {
  const denied = thrown instanceof CleanExitError && thrown.code === 'PARAMETER_DENIED';
  const words = `${name} cannot be read with these credentials; the service reads it with its own role`;
  return denied ? { state: 'note', words } : undefined;
}
