import type { Clock } from '../core/ports/index.ts';

/** Spreads calls evenly over time, for at most a given while from the first one on. */
export class Pacer {
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #while: number;
  #next: number | undefined;
  #end: number | undefined;

  /** `perSecond`: calls a second; `milliseconds`: how long from the first call on. */
  constructor(clock: Clock, perSecond: number, milliseconds: number) {
    this.#clock = clock;
    this.#interval = 1000 / perSecond;
    this.#while = milliseconds;
  }

  /** How many turns the time that is left allows. */
  turnsLeft(): number {
    const now = this.#clock.now();
    const start = Math.max(now, this.#next ?? now);
    return Math.max(0, Math.floor(((this.#end ?? now + this.#while) - start) / this.#interval));
  }

  /** Waits for the next turn; false where the time is over. */
  async turn(): Promise<boolean> {
    const now = this.#clock.now();
    this.#end ??= now + this.#while;
    const at = Math.max(now, this.#next ?? now);
    if (at >= this.#end) return false;
    this.#next = at + this.#interval;
    if (at > now) await this.#clock.sleep(at - now);
    return true;
  }
}
