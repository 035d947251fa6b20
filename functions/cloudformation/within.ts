export interface Deadlines {
  /** Milliseconds until calls under way are ended. */
  readonly abortIn: number;
  /** Milliseconds until nobody waits any longer, even for that. */
  readonly leaveIn: number;
}

/**
 * Waits for work that watches its own time, and does not trust it to: a call that hangs must not cost the answer.
 *
 * @param stop aborted at the first deadline
 * @param late what to return at the second one
 */
export async function within<T>(deadlines: Deadlines, stop: AbortController, work: Promise<T>, late: T): Promise<T> {
  const { promise: left, resolve: leave } = Promise.withResolvers<T>();
  const timers = [
    setTimeout(() => stop.abort(), Math.max(0, deadlines.abortIn)),
    setTimeout(() => leave(late), Math.max(0, deadlines.leaveIn)),
  ];
  try {
    return await Promise.race([work, left]);
  } finally {
    for (const timer of timers) {
      clearTimeout(timer);
    }
  }
}
