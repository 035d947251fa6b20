import * as z from 'zod/mini';

/** A field that is not what it should be counts as absent: Slack's yes or no stays readable. */
const field = (pattern: RegExp) => z.catch(z.optional(z.string().check(z.regex(pattern))), undefined);

/** IDs of public and private channels and of direct messages; names can change and are refused. */
export const CHANNEL_ID = /^[CGD][A-Z0-9]{2,30}$/;

/**
 * What is read of an answer of Slack's Web API. It comes with HTTP 200 whether or not the call worked.
 * https://docs.slack.dev/apis/web-api/#responses
 */
export const SlackAnswer = z.object({
  ok: z.boolean(),
  /** Slack's word for what went wrong. */
  error: field(/^[a-z][a-z0-9_]{2,80}$/),
  /** With `missing_scope`: the scopes of which the token needs one. */
  needed: field(/^[a-z][a-z0-9_:.,\- ]{2,200}$/),
  channel: field(CHANNEL_ID),
  ts: field(/^\d+\.\d+$/),
  /** Goes into a message as a mention, so it is nothing but an ID. */
  user: z.catch(
    z.optional(
      z.object({
        id: z.string().check(z.regex(/^[UW][A-Z0-9]{2,30}$/)),
        deleted: z.catch(z.optional(z.boolean()), undefined),
      }),
    ),
    undefined,
  ),
});
export type SlackAnswer = z.output<typeof SlackAnswer>;
