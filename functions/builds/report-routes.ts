import { messageOf } from '../errors.ts';
import { type AnnounceDependencies, RESERVE_MS } from './announcement.ts';
import type { LoadedRoutes } from './load-routes.ts';
import { defaultRoute } from './routes.ts';

/**
 * Readings of a document whose fault was told, by this container or another: each is asked about once. A container that has
 * not read yet that the document was mended does not speak of it again.
 */
const settled = new WeakSet<NonNullable<LoadedRoutes['wrong']>>();

/** Tells the operator about a wrong document, once for each document, where notices go by default. Never fails. */
export async function reportWrongRoutes(
  { own, store, open, wording, log }: AnnounceDependencies,
  { routes, wrong }: LoadedRoutes,
  remainingMs: () => number,
): Promise<void> {
  const chosen = defaultRoute(routes, own);
  if (wrong === undefined || settled.has(wrong) || chosen.kind !== 'route') {
    return;
  }
  try {
    const first = await store.firstToReport(wrong.hash);
    settled.add(wrong);
    if (!first) {
      return;
    }
    const messenger = open(chosen.route, () => Math.min(10_000, remainingMs() - RESERVE_MS));
    await messenger.post(wording.wrongRoutes(wrong.faults, chosen.route.language)).catch(async (thrown: unknown) => {
      settled.delete(wrong);
      await store.notReported(wrong.hash);
      throw thrown;
    });
  } catch (thrown) {
    log.warn('ENRICHMENT_MISSED', { what: 'the word about the wrong routes document', reason: messageOf(thrown) });
  }
}
