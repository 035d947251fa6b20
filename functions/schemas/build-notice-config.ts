import * as z from 'zod/mini';

/** The languages that a notice can be written in. */
export const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/**
 * Environment of the build-notice function. The webhook's URL is a credential and is never a variable: only the name
 * of the SSM SecureString that holds it is.
 */
export const BuildNoticeConfig = z.object({
  /** Name of the SSM SecureString with the incoming webhook's URL; empty switches the notices off. */
  SLACK_WEBHOOK_PARAMETER: z._default(
    z.string().check(
      z.regex(/^$|^\/?[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/, {
        error: 'must be the name of an SSM parameter such as /clean-exit/slack-webhook, or empty for no notices',
      }),
    ),
    '',
  ),
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
