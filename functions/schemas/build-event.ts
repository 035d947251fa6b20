import * as z from 'zod/mini';

/**
 * What EventBridge delivers when a CodeBuild build changes its state. Nothing inside is taken for granted: a field that
 * is absent, null or of another type than documented reads as absent, so that an odd event still gives a notice.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
 */
function lenient<T extends z.ZodMiniType>(schema: T) {
  return z.catch(z.optional(schema), undefined);
}

const Text = lenient(z.string());
/** CodeBuild writes whole numbers as floats at times (`7.0`). */
const NumberLike = lenient(z.number());
const Variables = lenient(z.array(lenient(z.object({ name: z.string(), value: Text }))));

const Phase = z.object({
  'phase-type': Text,
  'phase-status': Text,
  /** Documented as a list of strings; absent on COMPLETED, `[": "]` on a phase that did not fail. */
  'phase-context': lenient(z.union([z.string(), z.array(z.unknown())])),
  'start-time': Text,
  'end-time': Text,
  'duration-in-seconds': NumberLike,
});

const AdditionalInformation = z.object({
  'build-complete': lenient(z.boolean()),
  'build-number': NumberLike,
  'build-start-time': Text,
  initiator: Text,
  'source-version': Text,
  source: lenient(z.object({ type: Text, location: Text })),
  logs: lenient(z.object({ 'group-name': Text, 'stream-name': Text })),
  phases: lenient(z.array(lenient(Phase))),
  environment: lenient(z.object({ 'environment-variables': Variables })),
  'exported-environment-variables': Variables,
});

export const BuildStateChange = z.object({
  account: Text,
  region: Text,
  time: Text,
  resources: lenient(z.array(z.unknown())),
  detail: z.object({
    'build-status': Text,
    'project-name': Text,
    'build-id': Text,
    'current-phase': Text,
    'current-phase-context': Text,
    'additional-information': lenient(AdditionalInformation),
  }),
});
export type BuildStateChange = z.output<typeof BuildStateChange>;
export type BuildPhase = z.output<typeof Phase>;
export type BuildVariables = z.output<typeof Variables>;

/** What makes an EventBridge event. EventBridge always sends a detail; one without it is an event that tells nothing. */
export const EventEnvelope = z.object({
  source: z.string().check(z.minLength(1)),
  'detail-type': z.string().check(z.minLength(1)),
  detail: z.nullish(z.record(z.string(), z.unknown())),
});
