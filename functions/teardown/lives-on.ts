import { restoreStack } from '../core/clean.ts';
import type { Note } from '../core/model.ts';
import { messageOf } from '../errors.ts';
import { inRegionOf } from './commands.ts';
import type { TeardownDeps } from './dependencies.ts';
import { ended } from './journey.ts';
import type { Journey, Outcome } from './model.ts';

/** The end of a journey whose stack lives on, as far as this run is concerned: what keeps others out of it is taken back. */
export async function endedAlive(
  deps: TeardownDeps,
  journey: Journey,
  outcome: Exclude<Outcome, 'deleted'>,
  words: { readonly why: string; readonly remedy: string },
): Promise<Journey> {
  return ended(await restored(deps, journey), outcome, words);
}

/**
 * The end of a journey of which a step could not be made. What CloudFormation was asked for goes on without us: how that ends,
 * nobody here knows.
 *
 * @param why what kept the step from being made, a whole sentence
 */
export function cutShort(deps: TeardownDeps, journey: Journey, why: string, remedy: string): Promise<Journey> {
  const watching = journey.phase === 'watch';
  return endedAlive(deps, journey, watching ? 'stopped' : 'failed', {
    why: `The step '${journey.phase}' could not be made: ${why}${watching ? ' CloudFormation goes on with the delete without being watched.' : ''}`,
    remedy,
  });
}

/**
 * Takes back a seal, and termination protection that was switched off. Only where the stack lives on: the core leaves one
 * alone that is going, or was to go and has not. That it fails changes nothing about the outcome: it is a note.
 */
export async function restored(deps: TeardownDeps, journey: Journey): Promise<Journey> {
  const notes = [...(await unsealed(deps, journey)), ...(await protectedAgain(deps, journey))];
  return { ...journey, unprotected: false, notes: [...journey.notes, ...notes] };
}

async function unsealed(deps: TeardownDeps, { stackId }: Journey): Promise<readonly Note[]> {
  try {
    return await restoreStack(deps, stackId);
  } catch (thrown) {
    const sentence = `What keeps pushes out could not be taken back: ${messageOf(thrown)}`;
    return [{ code: 'NOT_RESTORED', sentence }];
  }
}

async function protectedAgain(
  { ports }: TeardownDeps,
  { stackId, stackName, unprotected }: Journey,
): Promise<readonly Note[]> {
  if (!unprotected) {
    return [];
  }
  try {
    await ports.stackDeletion.setTerminationProtection(stackId, true);
    return [
      { code: 'PROTECTED_AGAIN', sentence: `${stackName} lives on, so it has its termination protection again.` },
    ];
  } catch (thrown) {
    const command = inRegionOf(
      stackId,
      `aws cloudformation update-termination-protection --enable-termination-protection --stack-name ${stackId}`,
    );
    const sentence = `${stackName} lives on without its termination protection: ${messageOf(thrown)} Switch it on again: ${command}`;
    return [{ code: 'NOT_PROTECTED_AGAIN', sentence }];
  }
}
