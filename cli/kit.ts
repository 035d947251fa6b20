import type { TeardownDeps } from '#functions/teardown/dependencies.ts';
import type { RoutesParameter } from './aws/routes-parameter.ts';
import type { ServiceStack } from './aws/service-stack.ts';
import type { StateMachinePort } from './aws/state-machine.ts';
import type { StuckStack } from './aws/stuck-stacks.ts';
import type { Check } from './doctor/check.ts';
import type { Wish } from './doors/choose.ts';
import type { Door } from './doors/door.ts';
import type { Interruption } from './interruption.ts';
import type { Identity } from './place.ts';
import type { Terminal } from './terminal.ts';

/** What the commands work with; bound to the real things in `real-kit.ts`, to fakes in tests. */
export interface Kit {
  readonly terminal: Terminal;
  readonly interruption: Interruption;
  /** Name for a new run: letters, digits, hyphens. */
  readonly newRun: () => string;
  /** @throws AwsFailure */
  readonly identity: () => Promise<Identity>;
  /** @throws AwsFailure, WrongUsage */
  readonly door: (wish: Wish, identity: Identity) => Promise<Door>;
  readonly stateMachine: () => Promise<StateMachinePort>;
  /** @throws AwsFailure */
  readonly stuckStacks: () => Promise<readonly StuckStack[]>;
  /** The core's dependencies with the caller's rights. */
  readonly localDeps: (identity: Identity) => Promise<TeardownDeps>;
  /** The deployed service; undefined where there is none. */
  readonly serviceStack: () => Promise<ServiceStack | undefined>;
  readonly routesParameter: () => Promise<RoutesParameter>;
  /**
   * The text of a file, `-` for what is piped in.
   *
   * @throws WrongUsage where it cannot be read
   */
  readonly readDocument: (file: string) => Promise<string>;
  /** What the doctor looks at, in order. */
  readonly checks: () => Promise<readonly Check[]>;
}

/** Options that every command takes. */
export interface Globals {
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly verbose?: boolean | undefined;
}
