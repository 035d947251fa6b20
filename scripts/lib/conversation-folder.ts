import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod/mini';
import type { BuildRecord } from '#functions/builds/build-record.ts';
import type { ImageFacts } from '#functions/builds/image.ts';
import { BadRequest, messageOf } from '#functions/errors.ts';

/** What happens in a conversation, one thing after the other, with what AWS answers when it is asked about it. */
export interface Step {
  /** Path of the file, as people know it. */
  readonly file: string;
  /** An event, or what a teardown tells; undefined where the schedule looks for builds whose end nobody told. */
  readonly json: unknown;
  /** When the schedule looks, in milliseconds since 1970. */
  readonly watchAt: number | undefined;
  /** Lines of the build's log; undefined where there is none. */
  readonly log: readonly string[] | undefined;
  /** What the registry says of any image. */
  readonly image: ImageFacts | undefined;
  /** What CodeBuild says of any builds. */
  readonly builds: readonly BuildRecord[];
}

/** A folder of `events/conversations`; its README says what may be in it. */
export interface Story extends Omit<z.output<typeof About>, 'steps'> {
  /** Name of the folder. */
  readonly name: string;
  readonly steps: readonly Step[];
}

const optional = <T extends z.ZodMiniType>(schema: T) => z.exactOptional(schema);
const Text = z.string().check(z.minLength(1));

const About = z.strictObject({
  title: optional(z.strictObject({ en: Text, ja: Text })),
  /** Files in their order; all events of the folder by their names where it is absent. */
  steps: optional(z.array(Text).check(z.minLength(1))),
  /** As routes have it. */
  mention: z._default(z.enum(['author', 'none', '@map']), 'none'),
  /** By e-mail address: who is mentioned, and by which name Slack shows them. */
  people: z._default(
    z.record(Text, z.strictObject({ id: Text.check(z.regex(/^[UW][A-Z0-9]{6,20}$/)), name: Text })),
    {},
  ),
  /** The builds before, on every branch. */
  history: optional(
    z.strictObject({
      lastVerdict: optional(z.enum(['good', 'bad'])),
      failedInARow: z.number().check(z.int(), z.nonnegative()),
      failingSince: optional(z.iso.datetime({ offset: true })),
      durations: z.array(z.number().check(z.nonnegative())),
    }),
  ),
});

const time = optional(z.coerce.date());
const text = optional(z.string());
const Variables = optional(z.array(z.object({ name: text, value: text, type: text })));
const Answers = z.strictObject({
  image: optional(
    z.strictObject({ digest: Text, sizeBytes: optional(z.number()), pushedAt: optional(z.iso.datetime()) }),
  ),
  /** As BatchGetBuilds answers; fields that notices do not need are left alone. */
  builds: z._default(
    z.array(
      z.object({
        ...{ arn: text, projectName: text, buildStatus: text, currentPhase: text, initiator: text },
        ...{ sourceVersion: text, resolvedSourceVersion: text, startTime: time, endTime: time },
        buildNumber: optional(z.number()),
        buildComplete: optional(z.boolean()),
        source: optional(z.object({ type: text, location: text })),
        logs: optional(z.object({ groupName: text, streamName: text })),
        phases: optional(
          z.array(
            z.object({
              ...{ phaseType: text, phaseStatus: text, startTime: time, endTime: time },
              durationInSeconds: optional(z.number()),
              contexts: optional(z.array(z.object({ statusCode: text, message: text }))),
            }),
          ),
        ),
        environment: optional(z.object({ environmentVariables: Variables })),
        exportedEnvironmentVariables: Variables,
      }) satisfies z.ZodMiniType<BuildRecord>,
    ),
    [],
  ),
});

const Watch = z.strictObject({ watch: z.iso.datetime({ offset: true }) });

const ABOUT = 'conversation.json';
const ANSWERS = '.answers.json';

/**
 * The conversations in a folder: the folder itself where it holds events, else those of its folders that do.
 *
 * @throws BadRequest with one sentence that names the file and what is wrong with it
 */
export async function readStories(folder: string): Promise<Story[]> {
  const own = await namesIn(folder);
  if (own.some((name) => name === ABOUT || isStep(name))) {
    return [await readStory(folder, own)];
  }
  const stories: Story[] = [];
  for (const name of own) {
    const path = join(folder, name);
    const names = (await stat(path)).isDirectory() ? await namesIn(path) : [];
    if (names.some((inner) => inner === ABOUT || isStep(inner))) {
      stories.push(await readStory(path, names));
    }
  }
  if (stories.length === 0) {
    throw new BadRequest('FOLDER_EMPTY', `${folder} holds no events (*.json), and no folders that do.`);
  }
  return stories;
}

async function readStory(folder: string, names: readonly string[]): Promise<Story> {
  const about = names.includes(ABOUT) ? parsed(About, join(folder, ABOUT), await readJson(join(folder, ABOUT))) : {};
  const { steps: listed, ...rest } = { ...About.parse({}), ...about };
  const files = listed ?? names.filter(isStep);
  const lonely = names.find(
    (name) => isBeside(name) && !names.includes(name.replace(/(?:\.answers\.json|\.log)$/, '.json')),
  );
  if (lonely !== undefined) {
    throw new BadRequest('FILE_LONELY', `${join(folder, lonely)} stands beside no event: rename it after one.`);
  }
  if (files.length === 0) {
    throw new BadRequest('FOLDER_EMPTY', `${folder} holds no events (*.json).`);
  }
  const steps: Step[] = [];
  for (const file of files) {
    steps.push(await readStep(join(folder, file)));
  }
  return { ...rest, name: basename(folder), steps };
}

async function readStep(file: string): Promise<Step> {
  const json = await readJson(file);
  const beside = file.replace(/\.json$/, '');
  const log = await readText(`${beside}.log`, { mayBeAbsent: true });
  const answers = await readText(`${beside}${ANSWERS}`, { mayBeAbsent: true });
  const { image, builds } = parsed(
    Answers,
    `${beside}${ANSWERS}`,
    answers === undefined ? {} : jsonOf(`${beside}${ANSWERS}`, answers),
  );
  const watches = typeof json === 'object' && json !== null && 'watch' in json;
  const watchAt = watches ? Date.parse(parsed(Watch, file, json).watch) : undefined;
  return { file, json: watches ? undefined : json, watchAt, log: log?.split('\n'), image, builds };
}

function isStep(name: string): boolean {
  return name.endsWith('.json') && name !== ABOUT && !name.endsWith(ANSWERS);
}

function isBeside(name: string): boolean {
  return name.endsWith('.log') || name.endsWith(ANSWERS);
}

/** In the order that people expect of numbers: 2 before 10. */
async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((thrown: unknown) => {
    throw new BadRequest('FOLDER_UNREADABLE', `${folder} cannot be read: ${messageOf(thrown)}.`);
  });
  return names.sort(new Intl.Collator('en', { numeric: true }).compare);
}

/** @throws BadRequest `FILE_UNREADABLE` or `NOT_JSON`, with one sentence */
export async function readJson(path: string): Promise<unknown> {
  return jsonOf(path, (await readText(path, { mayBeAbsent: false })) ?? '');
}

async function readText(path: string, { mayBeAbsent }: { readonly mayBeAbsent: boolean }): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((thrown: unknown) => {
    if (mayBeAbsent && Reflect.get(Object(thrown), 'code') === 'ENOENT') {
      return undefined;
    }
    throw new BadRequest('FILE_UNREADABLE', `${path} cannot be read: ${messageOf(thrown)}.`);
  });
}

function jsonOf(path: string, content: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, ''));
  } catch {
    throw new BadRequest('NOT_JSON', `${path} is not JSON; one EventBridge event or report of a teardown is expected.`);
  }
}

function parsed<T extends z.ZodMiniType>(schema: T, path: string, json: unknown): z.output<T> {
  const result = schema.safeParse(json);
  if (!result.success) {
    const faults = result.error.issues.map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`);
    throw new BadRequest('FILE_MALFORMED', `${path} cannot be used: ${faults.join('; ')}.`);
  }
  return result.data;
}
