import { SlackRefused } from './errors.ts';

/** Where a webhook's URL or a bot token is kept. Both are credentials: whoever has one can post. */
export interface SlackSecret {
  /** The value under a name, possibly kept from before. */
  get(name: string): Promise<string>;
  /** The value as it is now. */
  refresh(name: string): Promise<string>;
}

/**
 * Does something with a credential. Where Slack says that the credential is no good any more, it is read again and, if
 * it is another one by now, tried once.
 *
 * @param checked the credential in the kept value; throws a `BadRequest`, which never shows the value, where there is none
 * @param send what to do; the second call comes only after a `SlackRefused` with `credentialRejected`
 */
export async function withSecret<T>(
  secret: SlackSecret,
  parameter: string,
  checked: (value: string) => string,
  send: (credential: string) => Promise<T>,
): Promise<T> {
  const kept = checked(await secret.get(parameter));
  try {
    return await send(kept);
  } catch (thrown) {
    if (!(thrown instanceof SlackRefused && thrown.credentialRejected)) {
      throw thrown;
    }
    const newer = checked(await secret.refresh(parameter));
    if (newer === kept) {
      throw thrown;
    }
    return send(newer);
  }
}
