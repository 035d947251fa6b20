/** Ctrl-C: the first time it asks, the second time it ends. */
export interface Interruption {
  /** Aborted on the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Says so the moment it happens; the last one that was set. */
  onFirst(say: () => void): void;
}

/** What of a process it needs. */
export interface Interruptible {
  on(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): void;
}

/**
 * Listens from now on.
 *
 * @param exitCode with which the second Ctrl-C ends the process at once
 */
export function listenToInterruption(process: Interruptible, exitCode: number): Interruption {
  const controller = new AbortController();
  let say = (): void => {};
  const onSignal = (): void => {
    if (controller.signal.aborted) {
      process.exit(exitCode);
      return;
    }
    controller.abort();
    say();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    onFirst: (words) => {
      say = words;
    },
  };
}
