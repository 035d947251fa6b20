import { AwsFailure } from '#functions/errors.ts';
import { WrongUsage } from '../errors.ts';
import type { Identity } from '../place.ts';
import { STATE_MACHINE } from '../place.ts';
import type { Door } from './door.ts';

/** What the caller asked for on the command line. */
export type Wish = 'local' | 'service' | 'whichever';

export interface Choice {
  /** Is the service's state machine there? */
  readonly serviceIsDeployed: () => Promise<boolean>;
  readonly local: (sentence: string) => Promise<Door>;
  readonly service: (sentence: string) => Promise<Door>;
}

/**
 * Takes the deployed service where there is one, because it works on when this machine sleeps; this process otherwise.
 *
 * @throws WrongUsage where the service is asked for and is not deployed; AwsFailure where that cannot be found out
 */
export async function chooseDoor(wish: Wish, { accountId, region, arn }: Identity, choice: Choice): Promise<Door> {
  const place = `account ${accountId}, ${region}`;
  const here = `Locally, with the rights of ${arn} (${place})`;
  if (wish === 'local') {
    return choice.local(`${here}: --local was given.`);
  }
  const deployed = await isDeployed(wish, choice);
  if (deployed === 'unknown') {
    return choice.local(`${here}: whether the service is deployed, these credentials may not see.`);
  }
  if (deployed) {
    const why =
      wish === 'service' ? '--service was given' : 'it is deployed here; --local does it with your own rights';
    return choice.service(`By the service, state machine ${STATE_MACHINE} (${place}): ${why}.`);
  }
  if (wish === 'service') {
    throw new WrongUsage(
      `The service is not deployed in ${place} (there is no state machine ${STATE_MACHINE}): deploy it, give another --region or --profile, or leave --service out.`,
    );
  }
  return choice.local(`${here}: the service is not deployed there.`);
}

async function isDeployed(wish: Wish, { serviceIsDeployed }: Choice): Promise<boolean | 'unknown'> {
  try {
    return await serviceIsDeployed();
  } catch (thrown) {
    if (wish === 'whichever' && thrown instanceof AwsFailure && thrown.accessDenied) {
      return 'unknown';
    }
    throw thrown;
  }
}
