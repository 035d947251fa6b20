import type { TeardownPlan, TeardownReport, TeardownRequest } from '#functions/teardown/model.ts';
import type { Sign } from '../show/board.ts';

/** While a teardown goes. */
export interface Going {
  /** Name of the run: letters, digits, hyphens. */
  readonly run: string;
  readonly onSign: (sign: Sign) => void;
  /** Aborted on Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Who plans and deletes: this process with the caller's rights, or the service that is deployed. */
export interface Door {
  readonly kind: 'local' | 'service';
  /** Which it is and why, in one sentence. */
  readonly sentence: string;
  /**
   * @throws AwsFailure, BadRequest; Interrupted where the signal came first
   */
  plan(request: TeardownRequest, going: Pick<Going, 'run' | 'signal'>): Promise<TeardownPlan>;
  /**
   * @throws AwsFailure, BadRequest; Interrupted where the signal came first
   */
  execute(request: TeardownRequest, plan: TeardownPlan, going: Going): Promise<TeardownReport>;
  /** What Ctrl-C means while it goes, said the moment it is pressed. */
  onInterrupt(run: string): string;
}
