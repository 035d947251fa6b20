import { CleanExitError, messageOf } from '#functions/errors.ts';
import type { ServiceStack } from '../aws/service-stack.ts';
import { failureOf } from '../failures.ts';
import type { Identity } from '../place.ts';
import type { Verdict } from './check.ts';

/** What several checks want to know; each question is asked once. */
export interface Known {
  readonly identity: () => Promise<Identity>;
  readonly deployed: () => Promise<boolean>;
  readonly stack: () => Promise<ServiceStack | undefined>;
}

export function lazily<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}

/** The verdict of a look that needs credentials. */
export async function withCredentials(known: Known, look: (identity: Identity) => Promise<Verdict>): Promise<Verdict> {
  const identity = await known.identity().catch(() => undefined);
  if (!identity) {
    return { state: 'note', words: 'not looked at: no credentials' };
  }
  try {
    return await look(identity);
  } catch (thrown) {
    return unreachable(thrown);
  }
}

/** AWS could not be asked, or refused. */
export function unreachable(thrown: unknown): Verdict {
  if (!(thrown instanceof CleanExitError)) {
    return { state: 'problem', words: messageOf(thrown) };
  }
  const [what = '', ...remedy] = failureOf(thrown).sentence.split(/: (?=[a-z])/);
  return { state: 'problem', words: what.replace(/\.$/, ''), remedy: capitalised(remedy.join(': ')) || undefined };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
