import type { BuildItem, NoticeStore, OpenBuild, Place } from '#functions/builds/ports.ts';

interface StoredBuild extends OpenBuild {
  rank: number;
  status?: string;
  place?: Place;
  claim?: { owner: string; rank: number; until: number };
  isOpen: boolean;
  due: number;
}

/** Thrown by a store whose caller has died: nothing of it reaches the table any more. */
export class Crash extends Error {
  override name = 'Crash';
}

/**
 * The table as `functions/aws/dynamodb.ts` uses it: each operation is one step that nobody else comes into, conditions hold
 * or nothing is written. `test/builds/notice-store.ts` says what both do alike.
 */
export class FakeNoticeStore implements NoticeStore {
  readonly builds = new Map<string, StoredBuild>();
  readonly branches = new Map<string, { record: string; version: number }>();
  readonly calls: string[] = [];
  #routes: { text?: string; hash?: string; reported?: string } = {};
  /** Called before each operation; what it throws is the operation's failure. */
  before: (operation: string) => void | Promise<void> = () => {};

  async #step<T>(operation: string, work: () => T): Promise<T> {
    this.calls.push(operation);
    await this.before(operation);
    // Others come in between two operations, never into one.
    await Promise.resolve();
    return work();
  }

  claim: NoticeStore['claim'] = (build, { owner, rank, now, until }) =>
    this.#step('claim', () => {
      const stored = this.builds.get(build.buildId);
      const free = stored?.claim === undefined || stored.claim.until <= now;
      if (stored !== undefined && !(stored.rank < rank && free)) {
        return { claimed: stored.claim?.owner === owner, item: itemOf(stored) };
      }
      const next: StoredBuild = {
        ...(stored ?? { ...build, rank: 0 }),
        ...(build.number === undefined ? {} : { number: build.number }),
        ...(build.branch === undefined ? {} : { branch: build.branch }),
        claim: { owner, rank, until },
        isOpen: true,
        due: now,
      };
      this.builds.set(build.buildId, next);
      return { claimed: true, item: itemOf(next) };
    });

  release: NoticeStore['release'] = (buildId, owner) =>
    this.#step('release', () => {
      const stored = this.builds.get(buildId);
      if (stored?.claim?.owner === owner) {
        delete stored.claim;
      }
    });

  keepPlace: NoticeStore['keepPlace'] = (buildId, owner, place) =>
    this.#step('keepPlace', () => {
      const stored = this.builds.get(buildId);
      if (stored?.claim?.owner === owner) {
        stored.place = place;
      }
    });

  branch: NoticeStore['branch'] = (key) => this.#step('branch', () => this.branches.get(key));

  commit: NoticeStore['commit'] = ({ buildId, owner, status, rank, closed, place, branch, now }) =>
    this.#step('commit', () => {
      const stored = this.builds.get(buildId);
      if (stored?.claim?.owner !== owner) {
        return 'claimLost';
      }
      if ((this.branches.get(branch.key)?.version ?? 0) !== branch.version) {
        return 'branchChanged';
      }
      const { claim: _, place: __, ...rest } = stored;
      this.builds.set(buildId, {
        ...rest,
        rank,
        status,
        due: now,
        isOpen: stored.isOpen && !closed,
        ...(place === undefined ? {} : { place }),
      });
      this.branches.set(branch.key, { record: branch.record, version: branch.version + 1 });
      return 'committed';
    });

  async *open(before: number): AsyncIterable<readonly OpenBuild[]> {
    const due = await this.#step('open', () =>
      [...this.builds.values()].filter((build) => build.isOpen && build.due < before).sort((a, b) => a.due - b.due),
    );
    for (let start = 0; start < due.length; start += 3) {
      yield due.slice(start, start + 3).map(({ buildId, arn, startedAt, number, branch }) => ({
        buildId,
        arn,
        startedAt,
        number,
        branch,
      }));
    }
  }

  lastRoutes: NoticeStore['lastRoutes'] = () => this.#step('lastRoutes', () => this.#routes.text);

  keepRoutes: NoticeStore['keepRoutes'] = (text, hash) =>
    this.#step('keepRoutes', () => {
      this.#routes = { text, hash };
    });

  firstToReport: NoticeStore['firstToReport'] = (hash) =>
    this.#step('firstToReport', () => {
      const first = this.#routes.reported !== hash;
      this.#routes.reported = hash;
      return first;
    });

  notReported: NoticeStore['notReported'] = (hash) =>
    this.#step('notReported', () => {
      if (this.#routes.reported === hash) {
        delete this.#routes.reported;
      }
    });
}

function itemOf({ buildId, rank, status, place, claim }: StoredBuild): BuildItem {
  return {
    buildId,
    rank,
    ...(status === undefined ? {} : { status }),
    ...(place === undefined ? {} : { place }),
    ...(claim === undefined ? {} : { claim: { ...claim } }),
  };
}
