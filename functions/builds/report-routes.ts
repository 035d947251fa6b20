import { messageOf } from '../errors.ts';
import { type AnnounceDependencies, RESERVE_MS } from './announcement.ts';
import type { LoadedRoutes } from './load-routes.ts';
import { defaultRoute } from './routes.ts';

/** Tells the operator about a wrong document, once for each document, where notices go by default. Never fails. */
export async function reportWrongRoutes(
  { own, store, open, wording, log }: AnnounceDependencies,
  { routes, wrong }: LoadedRoutes,
  remainingMs: () => number,
): Promise<void> {
  const chosen = defaultRoute(routes, own);
  if (wrong === undefined || chosen.kind !== 'route') {
    return;
  }
  try {
    if (!(await store.firstToReport(wrong.hash))) {
      return;
    }
    const messenger = open(chosen.route, () => Math.min(10_000, remainingMs() - RESERVE_MS));
    await messenger.post(wording.wrongRoutes(wrong.faults, chosen.route.language)).catch(async (thrown: unknown) => {
      await store.notReported(wrong.hash);
      throw thrown;
    });
  } catch (thrown) {
    log.warn('ENRICHMENT_MISSED', { what: 'the word about the wrong routes document', reason: messageOf(thrown) });
  }
}
