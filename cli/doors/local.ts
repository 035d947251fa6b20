import { createTeardownPorts } from '#functions/aws/teardown-ports.ts';
import { CLEANERS } from '#functions/cleaners/index.ts';
import type { CleanDeps } from '#functions/core/clean.ts';
import type { TeardownPorts } from '#functions/core/ports/teardown.ts';
import type { TeardownDeps } from '#functions/teardown/dependencies.ts';
import { planTeardown } from '#functions/teardown/plan.ts';
import { runTeardown } from '#functions/teardown/run.ts';
import { Interrupted } from '../errors.ts';
import type { Identity } from '../place.ts';
import type { Door } from './door.ts';

/** A plan may take as long as it takes: Ctrl-C ends it. */
const NO_END = (): number => Number.POSITIVE_INFINITY;

/**
 * The core's dependencies for a person at a terminal. No service function runs here, so nothing of its own has to be kept out
 * of the way but the identity that works.
 */
export function localDeps(
  { arn }: Identity,
  ports: TeardownPorts = createTeardownPorts(),
  hooks: Pick<CleanDeps, 'onStep'> = {},
): TeardownDeps {
  return { ports, cleaners: CLEANERS, service: { roleArns: [] }, rights: { kind: 'person', arn }, ...hooks };
}

/** This process, with the caller's rights. */
export function localDoor(
  identity: Identity,
  sentence: string,
  makePorts: typeof createTeardownPorts = createTeardownPorts,
): Door {
  let startedAt = 0;
  return {
    kind: 'local',
    sentence,
    async plan(request, { signal }) {
      const ports = makePorts({ signal });
      startedAt = ports.clock.now();
      try {
        return await planTeardown(localDeps(identity, ports), request, NO_END);
      } catch (thrown) {
        throw signal.aborted ? new Interrupted(undefined, { cause: thrown }) : thrown;
      }
    },
    execute(_request, plan, { run, onSign, signal }) {
      // Without the signal: what is under way is finished, so that the report is true.
      const ports = makePorts();
      const deps = localDeps(identity, ports, {
        onStep: (event, step, result) => onSign({ kind: 'step', event, step, result }),
      });
      return runTeardown(deps, plan, {
        run,
        startedAt: startedAt || ports.clock.now(),
        stopped: () => signal.aborted,
        onJourney: (journey) => onSign({ kind: 'journey', journey }),
        onProgress: ({ stackId }, progress) => onSign({ kind: 'progress', target: stackId, progress }),
      });
    },
    onInterrupt: () =>
      'Stopping: what is under way is finished, nothing new is begun. Ctrl-C again ends at once; a delete that ' +
      'CloudFormation has begun goes on either way.',
  };
}
