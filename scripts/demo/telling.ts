import type { DeleteOutcome } from '../lib/local-account.ts';
import { paint } from '../lib/progress.ts';

/** Something in the demo did not go as it must; the sentence is all that is shown. */
export class DemoFailure extends Error {}

/** The heading of an act. */
export function title(text: string): void {
  console.log(`\n${paint.title(text)}`);
}

/** @throws DemoFailure with the sentence where the condition does not hold */
export function expect(holds: boolean, sentence: string): void {
  if (!holds) {
    throw new DemoFailure(sentence);
  }
}

/** Why a stack failed to delete, in CloudFormation's words. */
export function showFailure({ status, reason, failures }: DeleteOutcome): void {
  console.log(`  ${paint.bad(status)} ${reason}`);
  for (const [logicalId, why] of Object.entries(failures)) {
    console.log(`    ${logicalId}: ${why}`);
  }
}
