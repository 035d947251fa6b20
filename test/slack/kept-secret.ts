import type { SlackSecret } from '#functions/slack/secret.ts';

/** A parameter whose kept value may be older than the stored one, as `cached` in functions/aws/ssm.ts keeps it. */
export class KeptSecret implements SlackSecret {
  stored: string;
  kept: string;
  refreshed = 0;

  constructor(value: string) {
    this.stored = value;
    this.kept = value;
  }

  async get(): Promise<string> {
    return this.kept;
  }

  async refresh(): Promise<string> {
    this.refreshed += 1;
    this.kept = this.stored;
    return this.stored;
  }
}
