import type { Clock } from '#functions/core/ports/index.ts';

/**
 * A clock that never waits. Time stands still until everybody sleeps; then it jumps to the first one to wake. Sleepers
 * side by side wake in the order of their times, as they would on a real clock.
 */
export class FakeClock implements Clock {
  #now: number;
  readonly #sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  #pumping = false;
  /** Length of every sleep that was asked for, in milliseconds. */
  readonly slept: number[] = [];

  constructor(now = Date.parse('2026-01-01T00:00:00Z')) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  /** Lets time pass without a sleeper: what a slow call does. */
  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  sleep(milliseconds: number): Promise<void> {
    this.slept.push(milliseconds);
    return new Promise((wake) => {
      this.#sleepers.push({ at: this.#now + milliseconds, wake });
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#pumping) {
      return;
    }
    this.#pumping = true;
    setImmediate(() => {
      this.#pumping = false;
      const next = this.#sleepers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) {
        return;
      }
      this.#sleepers.splice(this.#sleepers.indexOf(next), 1);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      this.#pump();
    });
  }
}
