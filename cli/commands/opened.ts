import type { Wish } from '../doors/choose.ts';
import type { Door } from '../doors/door.ts';
import type { Kit } from '../kit.ts';
import type { Identity } from '../place.ts';
import { whileWaiting } from '../show/waiting.ts';

/** Who calls, and who does the work. */
export async function opened(kit: Kit, wish: Wish): Promise<{ readonly identity: Identity; readonly door: Door }> {
  return whileWaiting(kit, 'Asking AWS who you are', async () => {
    const identity = await kit.identity();
    return { identity, door: await kit.door(wish, identity) };
  });
}
