import { createHash } from 'node:crypto';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Routes } from '../schemas/routes.ts';
import type { NoticeStore } from './ports.ts';
import { checkRoutes } from './routes.ts';

/** The routes in force, and what is wrong with the document where they are not the ones that it says. */
export interface LoadedRoutes {
  /** Undefined where there is no document: the stack's own parameters are the only route then. */
  readonly routes: Routes | undefined;
  readonly wrong?: { readonly hash: string; readonly faults: readonly string[] };
}

export interface RoutesSource {
  /** The document's text; undefined where there is none. Throws where it cannot be read. */
  readonly read: () => Promise<string | undefined>;
  readonly store: Pick<NoticeStore, 'lastRoutes' | 'keepRoutes'>;
  readonly log: Log;
  /** Milliseconds that a document is used without asking again. */
  readonly keepMs: number;
  readonly now: () => number;
}

/**
 * Reads the routes document, at most once in `keepMs`. A document that is wrong or out of reach changes nothing: the last
 * good one stays in force, and it is kept in the table, so that a new container knows it too.
 */
export function createRoutesLoader({ read, store, log, keepMs, now }: RoutesSource): () => Promise<LoadedRoutes> {
  let kept: { readonly loaded: LoadedRoutes; readonly until: number } | undefined;
  let good: { readonly hash: string; readonly routes: Routes } | undefined;
  /** The table is told of a good document that follows a wrong one, so that the next wrong one is told to the operator. */
  let wasWrong = false;

  async function lastGood(): Promise<Routes | undefined> {
    if (good !== undefined) {
      return good.routes;
    }
    const text = await store.lastRoutes();
    const checked = text === undefined ? undefined : checkRoutes(text);
    return checked !== undefined && 'routes' in checked ? checked.routes : undefined;
  }

  async function wrong(faults: readonly string[], hash: string): Promise<LoadedRoutes> {
    wasWrong = true;
    log.error('ROUTES_WRONG', { faults: faults.slice(0, 20) });
    return { routes: await lastGood(), wrong: { hash, faults } };
  }

  async function load(): Promise<LoadedRoutes> {
    let text: string | undefined;
    try {
      text = await read();
    } catch (thrown) {
      const reason = messageOf(thrown);
      return wrong([`the document: cannot be read: ${reason}`], hashOf(`unreadable: ${reason}`));
    }
    if (text === undefined) {
      good = undefined;
      return { routes: undefined };
    }
    const hash = hashOf(text);
    if (good?.hash === hash && !wasWrong) {
      return { routes: good.routes };
    }
    const checked = checkRoutes(text);
    if ('faults' in checked) {
      return wrong(checked.faults, hash);
    }
    good = { hash, routes: checked.routes };
    try {
      await store.keepRoutes(text, hash);
      wasWrong = false;
    } catch (thrown) {
      // The document is good and used; only a later wrong one would miss it.
      log.warn('ENRICHMENT_MISSED', { what: 'keeping the routes document', reason: messageOf(thrown) });
    }
    return { routes: checked.routes };
  }

  return async () => {
    if (kept === undefined || now() >= kept.until) {
      kept = { loaded: await load(), until: now() + keepMs };
    }
    return kept.loaded;
  };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
