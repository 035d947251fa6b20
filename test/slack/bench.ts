import { expect } from '@jest/globals';
import { type SlackStandIn, startSlackStandIn } from '#emulator/slack-stand-in.ts';
import type { Notice } from '#functions/schemas/notice.ts';
import { type BotOptions, botTransport } from '#functions/slack/bot.ts';
import { payloadOf } from '#functions/slack/payload.ts';
import type { MessageRef, Transport } from '#functions/slack/transport.ts';
import { KeptSecret } from './kept-secret.ts';

const NOTICE: Notice = {
  tone: 'good',
  emoji: '✅',
  subject: 'xxxx',
  verdict: 'build succeeded',
  facts: [],
  sections: [],
  links: [],
  footer: [],
};
export const PAYLOAD = payloadOf(NOTICE);
export const LATER = payloadOf({ ...NOTICE, verdict: 'build failed', emoji: '❌', tone: 'bad' });
export const TOKEN = 'xoxb-1234-planted-secret-token';

/** An answer of the Web API that says no. */
export const no = (error: string, more: object = {}) => ({ body: JSON.stringify({ ok: false, error, ...more }) });

/** A bot in a stand-in for Slack, and what it told beside its results. */
export class Bench {
  readonly slack: SlackStandIn;
  secret = new KeptSecret(TOKEN);
  readonly retries: string[] = [];
  readonly lookups: string[] = [];

  private constructor(slack: SlackStandIn) {
    this.slack = slack;
  }

  static async start(): Promise<Bench> {
    const users = { 'hanako@example.com': 'U0HANAKO' };
    return new Bench(await startSlackStandIn({ token: TOKEN, channels: ['C0BUILDS', 'C0OLD'], users }));
  }

  bot(options: Partial<BotOptions> = {}): Transport {
    return botTransport(this.secret, {
      parameter: '/clean-exit/slack-token',
      channel: 'C0BUILDS',
      channelSetting: 'SLACK_CHANNEL',
      emulatorHost: this.slack.host,
      budgetMs: () => 3_000,
      attemptMs: 200,
      firstWaitMs: 5,
      lookupMs: 150,
      onRetry: (error) => this.retries.push(error.message),
      onLookupFailed: (reason) => this.lookups.push(reason),
      ...options,
    });
  }

  async posted(options: Partial<BotOptions> = {}): Promise<MessageRef> {
    const ref = await this.bot(options).post(PAYLOAD);
    if (ref === undefined) {
      throw new Error('no ref');
    }
    return ref;
  }

  /** What was thrown, checked for the secret. */
  async failure(sending: Promise<unknown>): Promise<Error> {
    const thrown = await sending.then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!(thrown instanceof Error)) {
      throw new Error('nothing was thrown');
    }
    const shown = [thrown.message, thrown.stack, String(thrown.cause), ...this.retries, ...this.lookups].join('\n');
    expect(shown).not.toContain('planted-secret');
    return thrown;
  }
}
