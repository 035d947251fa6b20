import { Interrupted } from '../errors.ts';
import type { Kit } from '../kit.ts';

/**
 * Does a piece of work that only reads, with a spinner on a terminal, and with one line at its begin elsewhere; on stderr.
 *
 * @throws Interrupted as soon as Ctrl-C is pressed; what the work throws
 */
export async function whileWaiting<T>(
  { terminal, interruption: { signal } }: Pick<Kit, 'terminal' | 'interruption'>,
  title: string,
  work: () => Promise<T>,
): Promise<T> {
  const spinner = terminal.errIsTerminal ? await terminal.spinner(title) : undefined;
  if (!spinner) {
    terminal.err(`${title} …`);
  }
  const { promise: interrupted, cancel } = abortOf(signal);
  try {
    return await Promise.race([work(), interrupted]);
  } finally {
    cancel();
    spinner?.stop();
  }
}

function abortOf(signal: AbortSignal): { readonly promise: Promise<never>; readonly cancel: () => void } {
  let cancel = (): void => {};
  const promise = new Promise<never>((_, reject) => {
    const onAbort = (): void => reject(new Interrupted());
    if (signal.aborted) {
      onAbort();
    }
    signal.addEventListener('abort', onAbort, { once: true });
    cancel = () => signal.removeEventListener('abort', onAbort);
  });
  return { promise, cancel };
}
