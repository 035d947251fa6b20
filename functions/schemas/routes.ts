import * as z from 'zod/mini';
import { LANGUAGES } from './build-notice-config.ts';

/**
 * The routes document: which build is told where, how, and to whom. One JSON text in an SSM parameter, read at run time.
 * Every field says in one sentence what it must be, because people write it by hand.
 */
export const ROUTES_VERSION = 1;

/** A project or branch by name, `*` and `?` as wildcards. */
const Pattern = z
  .string({ error: 'must be a name; * stands for any characters, ? for one' })
  .check(z.minLength(1, { error: 'must not be empty; * means all' }), z.maxLength(256, { error: 'is too long' }));

const Channel = z.string({ error: 'must be the ID of a channel such as C0123456789' }).check(
  z.regex(/^[CG][A-Z0-9]{6,20}$/, {
    error: 'must be the ID of a channel such as C0123456789 (at the end of the channel\'s "About"), not its name',
  }),
);

/** A prefix of its own, so that the function's role names what it may read. */
const WebhookParameter = z.string({ error: 'must be the name of an SSM parameter' }).check(
  z.regex(/^\/clean-exit\/webhooks\/[A-Za-z0-9_.-]+$/, {
    error: 'must be the name of an SSM SecureString below /clean-exit/webhooks/, such as /clean-exit/webhooks/team-a',
  }),
);

const Clock = z
  .string({ error: 'must be a time of day such as "22:00"' })
  .check(z.regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'must be a time of day from "00:00" to "23:59"' }));

const TimeZone = z
  .string({ error: 'must be a time zone such as "Asia/Tokyo"' })
  .check(z.refine(isTimeZone, { error: 'must be a time zone of the IANA list, such as "Asia/Tokyo" or "UTC"' }));

const QuietHours = z.strictObject(
  { from: Clock, to: Clock, timeZone: TimeZone },
  { error: objectError('must be an object with from, to and timeZone') },
);
export type QuietHours = z.output<typeof QuietHours>;

const oneOf = <const T extends readonly string[]>(words: T) =>
  z.enum(words, { error: `must be one of ${words.map((word) => JSON.stringify(word)).join(', ')}` });

const FLAG = { error: 'must be true or false' };

export const MODES = ['all', 'failures', 'changes', 'off'] as const;

const manner = {
  mode: z._default(oneOf(MODES), 'all'),
  /** The language of the stack's parameter NoticeLanguage where it is absent. */
  language: z.optional(oneOf(LANGUAGES)),
  /** `author`: by `people`, else by the e-mail address in Slack; `@map`: by `people` alone. On failure only. */
  mention: z._default(oneOf(['author', 'none', '@map']), 'none'),
  quietHours: z.optional(QuietHours),
};

const target = {
  transport: oneOf(['webhook', 'bot']),
  /** For a bot; the stack's parameter SlackChannel where it is absent. */
  channel: z.optional(Channel),
  /** For a webhook; the stack's parameter SlackWebhookParameter where it is absent. */
  webhook: z.optional(WebhookParameter),
  /** A bot shows its answer to a failed build in the channel too: an edited message notifies nobody. */
  broadcast: z._default(z.boolean(FLAG), true),
};

interface Target {
  readonly transport: string;
  readonly channel?: string | undefined;
  readonly webhook?: string | undefined;
}
const fitting = z.refine<Target>(
  ({ transport, channel, webhook }) => (transport === 'bot' ? webhook === undefined : channel === undefined),
  { error: 'a bot takes a channel and no webhook; a webhook knows its channel by itself and takes none' },
);

const Default = z
  .strictObject({ ...target, ...manner }, { error: objectError('must be an object with transport') })
  .check(fitting);
const Route = z
  .strictObject(
    { project: z._default(Pattern, '*'), branch: z._default(Pattern, '*'), ...target, ...manner },
    { error: objectError('must be an object with transport') },
  )
  .check(fitting);
export type Route = z.output<typeof Default>;

const People = z.record(
  z.string().check(z.regex(/^[^\s@]+@[^\s@]+$/, { error: 'must be an e-mail address' })),
  z
    .string({ error: 'must be the ID of a person in Slack such as U0123456789' })
    .check(z.regex(/^[UW][A-Z0-9]{6,20}$/, { error: 'must be the ID of a person in Slack such as U0123456789' })),
  { error: objectError('must be an object of e-mail addresses and user IDs') },
);

export const Routes = z.strictObject(
  {
    /** For editors, which check the document while it is written. */
    $schema: z.optional(z.string()),
    version: z.literal(ROUTES_VERSION, { error: `must be ${ROUTES_VERSION}` }),
    routes: z._default(
      z
        .array(Route, { error: 'must be a list of routes' })
        .check(z.maxLength(100, { error: 'has more than 100 routes' })),
      [],
    ),
    /** Where no route matches; the stack's own parameters where it is absent. */
    default: z.optional(Default),
    people: z._default(People, {}),
  },
  { error: objectError('must be a JSON object with version and routes') },
);
export type Routes = z.output<typeof Routes>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

/** Unknown fields are named by their keys; anything else that is no object gets the sentence. */
function objectError(sentence: string) {
  return (issue: { readonly code?: string | undefined; readonly keys?: readonly string[] | undefined }) => {
    switch (issue.code) {
      case 'unrecognized_keys':
        return `has fields that are not known: ${(issue.keys ?? []).join(', ')}`;
      case 'invalid_key':
        return 'must have an e-mail address for its name';
      default:
        return sentence;
    }
  };
}
