import * as z from 'zod/mini';

/** The languages that a notice can be written in. */
export const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

const parameterName = (example: string) =>
  z._default(
    z.string().check(
      z.regex(/^$|^\/?[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/, {
        error: `must be the name of an SSM parameter such as ${example}, or empty for none`,
      }),
    ),
    '',
  );

/**
 * Environment of the functions that tell Slack about builds. The webhook's URL and the bot's token are credentials and
 * never variables: only the names of the SSM SecureStrings that hold them are.
 */
export const BuildNoticeConfig = z.object({
  /** Name of the SSM SecureString with the incoming webhook's URL; empty where there is none. */
  SLACK_WEBHOOK_PARAMETER: parameterName('/clean-exit/slack-webhook'),
  /** Name of the SSM SecureString with the bot's token; empty where there is none. */
  SLACK_TOKEN_PARAMETER: parameterName('/clean-exit/slack-token'),
  /** The bot's channel, where no route names another. */
  SLACK_CHANNEL: z._default(
    z
      .string()
      .check(
        z.regex(/^$|^[CG][A-Z0-9]{6,20}$/, { error: 'must be the ID of a channel such as C0123456789, or empty' }),
      ),
    '',
  ),
  /** Name of the SSM parameter with the routes document; empty for no routes. */
  ROUTES_PARAMETER: parameterName('/clean-exit/routes'),
  /** Name of the table that remembers what was told. */
  NOTICE_TABLE: z
    .string({ error: 'must be the name of a DynamoDB table' })
    .check(z.regex(/^[A-Za-z0-9_.-]{3,255}$/, { error: 'must be the name of a DynamoDB table' })),
  /** Not `LANGUAGE`: shells set that for themselves. */
  NOTICE_LANGUAGE: z._default(z.enum(LANGUAGES, { error: `must be one of ${LANGUAGES.join(', ')}` }), 'en'),
  /** Host and port of a Slack stand-in on the loopback interface; empty (always, on AWS) means Slack itself. */
  EMULATOR_SLACK_HOST: z._default(
    z.string().check(
      z.regex(/^$|^(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}$/, {
        error: 'must be a loopback host with its port such as 127.0.0.1:8099, or empty',
      }),
    ),
    '',
  ),
});
export type BuildNoticeConfig = z.output<typeof BuildNoticeConfig>;
