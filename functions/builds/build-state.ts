import type { BuildStateChange } from '../schemas/build-event.ts';
import { type BuildFailure, findFailure, maskVariables } from './failure.ts';
import { buildLink, commitLink, imageLink, isReal, logLink } from './links.ts';
import { type BuildPlace, placeOf } from './place.ts';
import { type SourceCommit, type SourceRef, sourceCommit, sourceRef, variableReader } from './source.ts';
import { type Starter, starterOf } from './starter.ts';
import { parseBuildTime, secondsBetween } from './times.ts';

/** CodeBuild's final states; `UNKNOWN` stands for a word that this code does not know. */
const FINAL_STATUSES = ['SUCCEEDED', 'FAILED', 'STOPPED', 'TIMED_OUT', 'FAULT'] as const;
export type BuildStatus = (typeof FINAL_STATUSES)[number] | 'UNKNOWN';

interface BuildImage {
  readonly uri: string;
  readonly digest?: string;
}

interface BuildLinks {
  readonly build?: string;
  readonly log?: string;
  readonly image?: string;
  readonly commit?: string;
}

/** A finished build, as plain data. Every string but `status` and the links is outside text. */
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
}

/** The status by CodeBuild's word; a word that is not known is a state of its own, never an error. */
function statusOf(word: string): BuildStatus {
  return FINAL_STATUSES.find((status) => status === word.trim().toUpperCase()) ?? 'UNKNOWN';
}

/** Reads a parsed event of a finished build. */
export function buildStateOf(event: BuildStateChange): BuildState {
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
  const commit = sourceCommit(read, sourceVersion);
  const starter = starterOf(info?.initiator, plain);
  const image = imageOf(status, read('IMAGE_URI'), read('IMAGE_DIGEST'));
  const number = info?.['build-number'];
  const durationSeconds = durationOf(event);
  const current = { phase: detail['current-phase'], context: detail['current-phase-context'] };
  const found = status === 'SUCCEEDED' ? undefined : findFailure(info?.phases ?? [], current);
  const known = [place.buildId, place.project, place.account, place.region, image?.uri].filter(
    (word) => word !== undefined,
  );
  const failure = found && maskVariables(found, plain, known);
  const log = logLink(place, info?.logs?.['group-name'], info?.logs?.['stream-name']);
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
      log,
      image: imageLink(image?.uri),
      commit: commitLink(info?.source?.location, commit?.sha),
    }),
    withoutLog: info?.logs !== undefined && !isReal(info.logs['stream-name']),
  };
}

function isWebhookVariable(variable: { readonly name: string } | undefined): boolean {
  return variable?.name === 'CODEBUILD_WEBHOOK_TRIGGER' || variable?.name === 'CODEBUILD_WEBHOOK_HEAD_REF';
}

/**
 * The image, where there is one: the buildspec exports its URI before it pushes, so a build that did not succeed has
 * an image only if the registry gave a digest.
 */
function imageOf(status: BuildStatus, uri: string | undefined, digest: string | undefined): BuildImage | undefined {
  const pushed = digest !== undefined && /^sha256:[0-9a-f]{64}$/.test(digest);
  if (uri === undefined || !(status === 'SUCCEEDED' || pushed)) {
    return undefined;
  }
  return { uri, ...(pushed ? { digest } : {}) };
}

/** From the build's start to its COMPLETED phase; the event's own time stands in where phases are missing. */
function durationOf(event: BuildStateChange): number | undefined {
  const info = event.detail['additional-information'];
  const phases = info?.phases ?? [];
  const start = parseBuildTime(info?.['build-start-time']) ?? parseBuildTime(phases[0]?.['start-time']);
  const completed = phases.find((phase) => phase?.['phase-type'] === 'COMPLETED')?.['start-time'];
  const ends = phases.map((phase) => parseBuildTime(phase?.['end-time'])).filter((end) => end !== undefined);
  const end = parseBuildTime(completed) ?? (ends.length > 0 ? Math.max(...ends) : parseBuildTime(event.time));
  return secondsBetween(start, end);
}

function withoutAbsent(links: { readonly [name in keyof BuildLinks]: string | undefined }): BuildLinks {
  return Object.fromEntries(Object.entries(links).filter(([, url]) => url !== undefined));
}
