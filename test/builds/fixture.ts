import { readFileSync } from 'node:fs';
import { readBuildEvent } from '#functions/builds/build-event.ts';
import type { BuildState } from '#functions/builds/build-state.ts';

export type Json = Record<string, unknown>;

/** A deployed function is handed the same files by `sam local invoke`. */
export function eventFile(name: string): Json {
  return JSON.parse(readFileSync(new URL(`../../events/codebuild-${name}.json`, import.meta.url), 'utf8'));
}

export interface Changes {
  readonly envelope?: Json;
  readonly detail?: Json;
  readonly info?: Json;
}

/** The event of a file with some fields replaced. */
export function changed(name: string, { envelope = {}, detail = {}, info = {} }: Changes): Json {
  const event = eventFile(name);
  const before = asObject(event['detail']);
  const infoBefore = asObject(before['additional-information']);
  return {
    ...event,
    detail: { ...before, 'additional-information': { ...infoBefore, ...info }, ...detail },
    ...envelope,
  };
}

/** The build of an event that must be one of a build. */
export function buildOf(event: unknown): BuildState {
  const read = readBuildEvent(event);
  if (read.kind === 'none') {
    throw new Error(`no notice: ${read.reason}`);
  }
  return read.build;
}

export function exported(variables: Readonly<Record<string, string>>): Json {
  return {
    'exported-environment-variables': Object.entries(variables).map(([name, value]) => ({ name, value })),
  };
}

function asObject(value: unknown): Json {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
