import type { Bucket, ObjectVersion, OwnBucket, S3Port, Upload, VersionFailure } from '#functions/core/ports/s3.ts';
import { awsFailure, type CallLog, turn } from './call-log.ts';

export interface BucketOptions {
  readonly tags?: Readonly<Record<string, string>>;
  readonly versioning?: 'Enabled' | 'Suspended';
  readonly mfaDelete?: boolean;
  readonly objectLock?: boolean;
  readonly policy?: string;
  /** A policy that was set is known everywhere only so many calls later. */
  readonly policyTakesCalls?: number;
  /** Another account's, which has the name now. */
  readonly owner?: string;
}

/** Writes that arrive while others work. */
export interface LatePuts {
  /** Not before this call on the bucket, and then with every so-manieth call, so many times. */
  readonly afterCall: number;
  readonly every: number;
  readonly times: number;
  /** What comes: an object, a multipart upload that is begun, or a delete without a version. */
  readonly what: 'put' | 'upload' | 'delete';
}

interface Trouble {
  readonly code: string;
  /** How many times; for ever where absent. */
  readonly times?: number | undefined;
  /** A word of S3's message. */
  readonly message?: string | undefined;
}

interface State {
  readonly options: BucketOptions;
  readonly versions: Map<string, ObjectVersion>;
  readonly uploads: Map<string, Upload>;
  readonly trouble: Map<string, Trouble & { failed: number }>;
  late: LatePuts[];
  policy: string | undefined;
  policyFrom: number;
  calls: number;
  deletions: number;
  written: number;
}

const OWNER = '123456789012';

/**
 * S3 as far as the port shows it, unkind where AWS is:
 * - pages hold 3 things (`pageSize`); a delete between two pages of one listing is an error of the test's subject;
 * - a bucket with versioning keeps every version and makes delete markers, one without holds a version `null` of each key;
 * - DeleteObjects takes 1 to 1,000 versions and names those that it did not delete;
 * - late writes arrive while calls are made, until a policy that denies s3:PutObject to everybody is known everywhere; deletes
 *   without a version, which make delete markers, are not denied by it;
 * - a bucket of another account refuses every call with AccessDenied;
 * - a bucket may vanish at any time: listings end, deletes count as done, policies are neither read nor written.
 */
export class FakeS3 implements S3Port {
  pageSize = 3;
  readonly #log: CallLog;
  readonly #buckets = new Map<string, State>();

  constructor(log: CallLog) {
    this.#log = log;
  }

  addBucket(name: string, options: BucketOptions = {}): this {
    this.#buckets.set(name, {
      options,
      versions: new Map(),
      uploads: new Map(),
      trouble: new Map(),
      late: [],
      policy: options.policy,
      policyFrom: 0,
      calls: 0,
      deletions: 0,
      written: 0,
    });
    return this;
  }

  /** Writes an object: a version more, or the only one anew. */
  put(name: string, key: string): this {
    write(this.#state(name), key, false);
    return this;
  }

  /** Deletes without naming a version: a delete marker, or the object is gone. */
  deleteObject(name: string, key: string): this {
    const state = this.#state(name);
    if (state.options.versioning === undefined) state.versions.delete(idOf({ key, versionId: 'null' }));
    else write(state, key, true);
    return this;
  }

  beginUpload(name: string, key: string): this {
    const state = this.#state(name);
    state.written += 1;
    const upload = { key, uploadId: `upload-${state.written}` };
    state.uploads.set(upload.uploadId, upload);
    return this;
  }

  /** So many objects. */
  fill(name: string, count: number, prefix = 'object'): this {
    for (let at = 0; at < count; at += 1) this.put(name, `${prefix}-${at}`);
    return this;
  }

  /** The latest version of a key does not go. */
  breakVersion(name: string, key: string, trouble: Trouble): this {
    const state = this.#state(name);
    const version = [...state.versions.values()].findLast((each) => each.key === key);
    if (version === undefined) throw new Error(`${name} has no ${key}: put it first`);
    state.trouble.set(idOf(version), { ...trouble, failed: 0 });
    return this;
  }

  writeLater(name: string, late: LatePuts): this {
    this.#state(name).late.push(late);
    return this;
  }

  /** From now on every version goes, and nobody writes. */
  heal(): void {
    for (const state of this.#buckets.values()) {
      state.late = [];
      state.trouble.clear();
    }
  }

  removeBucket(name: string): void {
    this.#buckets.delete(name);
  }

  /** What is there now. */
  holds(name: string): { readonly versions: readonly ObjectVersion[]; readonly uploads: readonly Upload[] } {
    const state = this.#buckets.get(name);
    return { versions: [...(state?.versions.values() ?? [])], uploads: [...(state?.uploads.values() ?? [])] };
  }

  policyNow(name: string): string | undefined {
    return this.#buckets.get(name)?.policy;
  }

  async bucket(bucket: OwnBucket): Promise<Bucket | undefined> {
    const state = await this.#begin('s3:GetBucketVersioning', bucket);
    if (state === undefined) return undefined;
    const { tags = {}, mfaDelete = false, objectLock = false } = state.options;
    return { tags, mfaDelete, objectLock };
  }

  versions(bucket: OwnBucket): AsyncIterable<readonly ObjectVersion[]> {
    return this.#pages('s3:ListBucketVersions', bucket, (state) => state.versions);
  }

  uploads(bucket: OwnBucket): AsyncIterable<readonly Upload[]> {
    return this.#pages('s3:ListBucketMultipartUploads', bucket, (state) => state.uploads);
  }

  async deleteVersions(
    bucket: OwnBucket,
    versions: readonly ObjectVersion[],
  ): Promise<{ readonly failures: readonly VersionFailure[] }> {
    if (versions.length < 1 || versions.length > 1_000) {
      throw new Error(`DeleteObjects takes 1 to 1,000 versions, not ${versions.length}`);
    }
    const action = 's3:DeleteObjectVersion';
    await this.#begin(action, bucket);
    await turn();
    const state = this.#buckets.get(bucket.name);
    if (state === undefined) return { failures: [] };
    const failures: VersionFailure[] = [];
    for (const version of versions) {
      const trouble = troubleOf(state, version);
      if (trouble === undefined) {
        state.deletions += state.versions.delete(idOf(version)) ? 1 : 0;
      } else if (state.versions.has(idOf(version))) {
        const { code, message = `the fake says ${code}` } = trouble;
        failures.push({ version, code, message, action });
      }
    }
    return { failures };
  }

  async abortUpload(bucket: OwnBucket, { uploadId }: Upload): Promise<void> {
    const state = await this.#begin('s3:AbortMultipartUpload', bucket);
    if (state?.uploads.delete(uploadId)) state.deletions += 1;
  }

  async policy(bucket: OwnBucket): Promise<string | undefined> {
    return (await this.#begin('s3:GetBucketPolicy', bucket))?.policy;
  }

  async setPolicy(bucket: OwnBucket, policy: string): Promise<void> {
    const state = await this.#begin('s3:PutBucketPolicy', bucket);
    if (Buffer.byteLength(policy) > 20_480) throw new Error('a bucket policy holds 20 kB at the most');
    setPolicy(state, policy);
  }

  async deletePolicy(bucket: OwnBucket): Promise<void> {
    setPolicy(await this.#begin('s3:DeleteBucketPolicy', bucket), undefined);
  }

  async *#pages<T>(
    action: string,
    bucket: OwnBucket,
    shelf: (state: State) => ReadonlyMap<string, T>,
  ): AsyncIterable<readonly T[]> {
    let deletions: number | undefined;
    for (let from = 0; ; from += this.pageSize) {
      const state = await this.#begin(action, bucket);
      if (state === undefined) return;
      deletions ??= state.deletions;
      if (deletions !== state.deletions) {
        throw new Error(`${bucket.name}: something was deleted between two pages of one listing`);
      }
      const all = [...shelf(state).values()];
      const page = all.slice(from, from + this.pageSize);
      if (page.length > 0) yield page;
      if (from + this.pageSize >= all.length) return;
    }
  }

  async #begin(action: string, { name, owner }: OwnBucket): Promise<State | undefined> {
    const before = this.#buckets.get(name);
    if (before !== undefined) {
      before.calls += 1;
      arrive(before);
    }
    await this.#log.begin(action, name);
    const state = this.#buckets.get(name);
    if (state !== undefined && (state.options.owner ?? OWNER) !== owner) {
      throw awsFailure(action, name, 'AccessDenied');
    }
    return state;
  }

  #state(name: string): State {
    const state = this.#buckets.get(name);
    if (state === undefined) throw new Error(`the fake has no bucket ${name}: call addBucket first`);
    return state;
  }
}

function idOf({ key, versionId }: Pick<ObjectVersion, 'key' | 'versionId'>): string {
  return JSON.stringify([key, versionId]);
}

function write(state: State, key: string, isMarker: boolean): void {
  state.written += 1;
  const versionId = state.options.versioning === 'Enabled' ? `v${state.written}` : 'null';
  state.versions.set(idOf({ key, versionId }), { key, versionId, isMarker });
}

function setPolicy(state: State | undefined, policy: string | undefined): void {
  if (state === undefined) return;
  state.policy = policy;
  state.policyFrom = state.calls + (state.options.policyTakesCalls ?? 0);
}

function troubleOf(state: State, version: ObjectVersion): Trouble | undefined {
  const trouble = state.trouble.get(idOf(version));
  if (trouble === undefined) return undefined;
  trouble.failed += 1;
  return trouble.failed > (trouble.times ?? Number.POSITIVE_INFINITY) ? undefined : trouble;
}

/** What arrives with this call. */
function arrive(state: State): void {
  for (const { afterCall, every, times, what } of state.late) {
    const turns = state.calls - afterCall;
    if (turns < 0 || turns % every !== 0 || turns / every >= times) continue;
    const key = `late-${state.written}`;
    if (what === 'delete') {
      if (state.options.versioning !== undefined) write(state, key, true);
    } else if (!isSealed(state)) {
      if (what === 'put') write(state, key, false);
      else {
        state.written += 1;
        const uploadId = `upload-${state.written}`;
        state.uploads.set(uploadId, { key, uploadId });
      }
    }
  }
}

function isSealed({ policy, policyFrom, calls }: State): boolean {
  if (policy === undefined || calls < policyFrom) return false;
  const { Statement } = JSON.parse(policy);
  return [Statement]
    .flat()
    .some(
      ({ Effect, Principal, Action }) =>
        Effect === 'Deny' && Principal === '*' && [Action].flat().includes('s3:PutObject'),
    );
}
