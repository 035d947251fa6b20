import { describe, expect, it } from '@jest/globals';
import { createRoutesLoader, type LoadedRoutes } from '#functions/builds/load-routes.ts';
import type { LogCode, LogFields } from '#functions/log.ts';
import { FakeNoticeStore } from '#test/fakes/notice-store.ts';

const GOOD = JSON.stringify({ version: 1, default: { transport: 'webhook', mode: 'failures' } });
const BETTER = JSON.stringify({ version: 1, default: { transport: 'webhook', mode: 'changes' } });

class Scene {
  text: string | undefined | Error;
  now = 0;
  reads = 0;
  readonly lines: { code: LogCode; fields: LogFields | undefined }[] = [];
  readonly store: FakeNoticeStore;
  readonly load: () => Promise<LoadedRoutes>;

  constructor(text: string | undefined | Error, store = new FakeNoticeStore()) {
    this.text = text;
    this.store = store;
    const keep = (code: LogCode, fields?: LogFields) => void this.lines.push({ code, fields });
    this.load = createRoutesLoader({
      read: async () => {
        this.reads += 1;
        if (this.text instanceof Error) {
          throw this.text;
        }
        return this.text;
      },
      store,
      log: { info: keep, warn: keep, error: keep, remember: () => {} },
      keepMs: 1_000,
      now: () => this.now,
    });
  }

  async mode(): Promise<string | undefined> {
    this.now += 1_000;
    return (await this.load()).routes?.default?.mode;
  }
}

describe('the routes in force', () => {
  it('are none where there is no document', async () => {
    expect(await new Scene(undefined).load()).toEqual({ routes: undefined });
  });

  it('are read once in a while, and written down only when they are new', async () => {
    const scene = new Scene(GOOD);
    await scene.load();
    await scene.load();
    expect(scene.reads).toBe(1);
    await scene.mode();
    expect([scene.reads, scene.store.calls]).toEqual([2, ['keepRoutes']]);
    scene.text = BETTER;
    expect([await scene.mode(), scene.store.calls.length]).toEqual(['changes', 2]);
  });

  it.each([
    ['wrong', '{"version":1,"routes":{}}', 'routes: must be a list of routes'],
    ['out of reach', new Error('denied'), 'the document: cannot be read: denied'],
  ])('stay the last good ones where the document is %s, in a new container too', async (_, text, fault) => {
    const scene = new Scene(GOOD);
    await scene.mode();
    scene.text = text;
    expect(await scene.mode()).toBe('failures');
    const fresh = new Scene(text, scene.store);
    expect(await fresh.mode()).toBe('failures');
    expect((await fresh.load()).wrong).toEqual({ hash: expect.any(String), faults: [fault] });
    expect(fresh.lines).toEqual([{ code: 'ROUTES_WRONG', fields: { faults: [fault] } }]);
  });

  it('are none where the first document ever is wrong', async () => {
    expect(await new Scene('{').load()).toMatchObject({ routes: undefined, wrong: { faults: [expect.any(String)] } });
  });

  it('are used where they cannot be written down', async () => {
    const scene = new Scene(GOOD);
    scene.store.before = () => {
      throw new Error('throttled');
    };
    expect(await scene.mode()).toBe('failures');
    expect(scene.lines).toMatchObject([{ code: 'ENRICHMENT_MISSED' }]);
  });

  it('have the same hash for the same wrong document, so that one word about it is enough', async () => {
    const hashes = await Promise.all(['{', '{', '}'].map(async (text) => (await new Scene(text).load()).wrong?.hash));
    expect([hashes[0] === hashes[1], hashes[0] === hashes[2]]).toEqual([true, false]);
  });
});
