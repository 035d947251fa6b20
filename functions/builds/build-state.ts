import type { BuildStateChange } from '../schemas/build-event.ts';
import { type BuildFailure, findFailure, maskFailure } from './failure.ts';
import { type BuildImage, isDigest } from './image.ts';
import { buildLink, commitLink, imageLink, isReal, logLink } from './links.ts';
import { type BuildPlace, placeOf } from './place.ts';
import type { BuildMask } from './secrets.ts';
import { type SourceCommit, type SourceRef, sourceCommit, sourceRef, variableReader } from './source.ts';
import { type Starter, starterOf } from './starter.ts';
import { parseBuildTime, secondsBetween } from './times.ts';

/** The states of a build that CodeBuild has a word for. */
const STATUSES = ['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'STOPPED', 'TIMED_OUT', 'FAULT'] as const;
/**
 * `UNKNOWN` stands for a word of CodeBuild that this code does not know. `LOST` is no word of CodeBuild: the build is
 * over, or gone, and nobody told how it ended.
 */
export type BuildStatus = (typeof STATUSES)[number] | 'LOST' | 'UNKNOWN';

interface BuildLinks {
  readonly build?: string;
  readonly log?: string;
  readonly image?: string;
  readonly commit?: string;
}

/** A build, as plain data. Every string but `status` and the links is outside text. */
export interface BuildState {
  readonly status: BuildStatus;
  /** The status as CodeBuild wrote it; empty where it wrote none. */
  readonly rawStatus: string;
  readonly place: BuildPlace;
  readonly number?: number;
  readonly durationSeconds?: number;
  readonly starter?: Starter;
  readonly ref?: SourceRef;
  readonly commit?: SourceCommit;
  readonly failure?: BuildFailure;
  readonly image?: BuildImage;
  readonly links: BuildLinks;
  /** True where the event says that no log stream was made; false also where it says nothing about logs. */
  readonly withoutLog: boolean;
  /** Where its log is written, as soon as there is one. */
  readonly logStream?: { readonly group: string; readonly stream: string };
  /** ISO 8601. */
  readonly startedAt?: string;
  /** ISO 8601; absent while the build runs. */
  readonly endedAt?: string;
}

/** The status by CodeBuild's word; a word that is not known is a state of its own, never an error. */
function statusOf(word: string): BuildStatus {
  return STATUSES.find((status) => status === word.trim().toUpperCase()) ?? 'UNKNOWN';
}

/**
 * Reads a parsed event of a build that has started or ended.
 *
 * @param mask takes out what must not be shown, in every text that people or CodeBuild wrote freely
 */
export function buildStateOf(event: BuildStateChange, mask: BuildMask): BuildState {
  const { detail } = event;
  const info = detail['additional-information'];
  const rawStatus = detail['build-status']?.trim() ?? '';
  const status = statusOf(rawStatus);
  const place = placeOf(event);
  const plain = info?.environment?.['environment-variables'];
  // Of the plaintext variables only the webhook's own are read, by name.
  const read = variableReader(info?.['exported-environment-variables'], plain?.filter(isWebhookVariable));
  const sourceVersion = info?.['source-version']?.trim() || undefined;
  const ref = sourceRef(read, sourceVersion);
  const commit = maskCommit(sourceCommit(read, sourceVersion), mask);
  const starter = starterOf(info?.initiator, plain);
  const image = imageOf(status, read('IMAGE_URI'), read('IMAGE_DIGEST'));
  const number = info?.['build-number'];
  const { start, end } = spanOf(event, status);
  const durationSeconds = secondsBetween(start, end);
  const current = { phase: detail['current-phase'], context: detail['current-phase-context'] };
  const found =
    status === 'SUCCEEDED' || status === 'IN_PROGRESS' ? undefined : findFailure(info?.phases ?? [], current);
  const failure = found && maskFailure(found, mask);
  const { 'group-name': group, 'stream-name': stream } = info?.logs ?? {};
  return {
    status,
    rawStatus,
    place,
    ...(number !== undefined && Number.isFinite(number) && number > 0 ? { number: Math.trunc(number) } : {}),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(starter ? { starter } : {}),
    ...(ref ? { ref } : {}),
    ...(commit ? { commit } : {}),
    ...(failure ? { failure } : {}),
    ...(image ? { image } : {}),
    links: withoutAbsent({
      build: buildLink(place),
      log: logLink(place, group, stream),
      image: imageLink(image?.uri),
      commit: commitLink(info?.source?.location, commit?.sha),
    }),
    // A build that has only just started will have its log in a moment.
    withoutLog: status !== 'IN_PROGRESS' && info?.logs !== undefined && !isReal(stream),
    ...(isReal(group) && isReal(stream) ? { logStream: { group, stream } } : {}),
    ...(start === undefined ? {} : { startedAt: new Date(start).toISOString() }),
    ...(end === undefined ? {} : { endedAt: new Date(end).toISOString() }),
  };
}

function maskCommit(commit: SourceCommit | undefined, mask: BuildMask): SourceCommit | undefined {
  return (
    commit && {
      ...commit,
      ...(commit.subject === undefined ? {} : { subject: mask(commit.subject) }),
      ...(commit.author === undefined ? {} : { author: mask(commit.author) }),
    }
  );
}

function isWebhookVariable(variable: { readonly name: string } | undefined): boolean {
  return variable?.name === 'CODEBUILD_WEBHOOK_TRIGGER' || variable?.name === 'CODEBUILD_WEBHOOK_HEAD_REF';
}

/** The image of a build that succeeded; the buildspec of another project may export the URI before it pushes. */
function imageOf(status: BuildStatus, uri: string | undefined, digest: string | undefined): BuildImage | undefined {
  return status === 'SUCCEEDED' && uri !== undefined ? { uri, ...(isDigest(digest) ? { digest } : {}) } : undefined;
}

/**
 * From the build's start to its COMPLETED phase, in milliseconds since 1970; the event's own time stands in where phases
 * are missing. A build that runs has no end.
 */
function spanOf(event: BuildStateChange, status: BuildStatus): { start: number | undefined; end: number | undefined } {
  const info = event.detail['additional-information'];
  const phases = info?.phases ?? [];
  const start = parseBuildTime(info?.['build-start-time']) ?? parseBuildTime(phases[0]?.['start-time']);
  if (status === 'IN_PROGRESS') {
    return { start, end: undefined };
  }
  const completed = phases.find((phase) => phase?.['phase-type'] === 'COMPLETED')?.['start-time'];
  const ends = phases.map((phase) => parseBuildTime(phase?.['end-time'])).filter((end) => end !== undefined);
  const end = parseBuildTime(completed) ?? (ends.length > 0 ? Math.max(...ends) : parseBuildTime(event.time));
  return { start, end };
}

function withoutAbsent(links: { readonly [name in keyof BuildLinks]: string | undefined }): BuildLinks {
  return Object.fromEntries(Object.entries(links).filter(([, url]) => url !== undefined));
}
