import { BadRequest } from '../errors.ts';
import { BuildStateChange, EventEnvelope } from '../schemas/build-event.ts';
import { type BuildState, buildStateOf } from './build-state.ts';
import { type BuildMask, buildMask } from './secrets.ts';

/** What an EventBridge event means for notices. */
export type BuildEvent =
  /** `mask` takes secrets out of other text about this build, its log above all; see `BuildMask`. */
  | { readonly kind: 'started' | 'finished'; readonly build: BuildState; readonly mask: BuildMask }
  /** No notice; the reason is one sentence. */
  | { readonly kind: 'none'; readonly reason: string };

/**
 * Reads anything that claims to be an EventBridge event.
 *
 * @throws BadRequest `EVENT_WRAPPED` or `EVENT_MALFORMED` for anything else, with one sentence that says what to do
 */
export function readBuildEvent(input: unknown): BuildEvent {
  const wrapper = wrapperOf(input);
  if (wrapper !== undefined) {
    throw new BadRequest('EVENT_WRAPPED', wrapper);
  }
  const envelope = EventEnvelope.safeParse(input);
  if (!envelope.success) {
    const missing = [...new Set(envelope.error.issues.map((issue) => issue.path[0] ?? 'the event'))];
    throw new BadRequest(
      'EVENT_MALFORMED',
      `This is no EventBridge event: ${missing.join(', ')} missing or of a wrong type; expected an object with source, detail-type and detail.`,
    );
  }
  const { source, 'detail-type': type, detail } = envelope.data;
  if (source !== 'aws.codebuild') {
    return { kind: 'none', reason: `The event's source is ${quote(source)}; notices are made from aws.codebuild.` };
  }
  if (type !== 'CodeBuild Build State Change') {
    return {
      kind: 'none',
      reason: `The event's detail-type is ${quote(type)}; notices are made from CodeBuild Build State Change.`,
    };
  }
  if (detail === undefined || detail === null) {
    return { kind: 'none', reason: 'The event has no detail, so it does not say how the build ended.' };
  }
  return readStateChange(BuildStateChange.parse(input));
}

function readStateChange(event: BuildStateChange): BuildEvent {
  const status = event.detail['build-status']?.trim().toUpperCase();
  if (!status && event.detail['additional-information']?.['build-complete'] !== true) {
    return { kind: 'none', reason: 'The event has no detail.build-status and does not say that the build has ended.' };
  }
  const kind = status === 'IN_PROGRESS' ? 'started' : 'finished';
  const mask = buildMask(event);
  return { kind, build: buildStateOf(event, mask), mask };
}

/** Shapes that hold an event, or its news, without being one; they come from a wrong target in between. */
function wrapperOf(input: unknown): string | undefined {
  if (Array.isArray(input)) {
    return 'This is a list; one EventBridge event is expected, as a rule with a Lambda target delivers it.';
  }
  if (typeof input !== 'object' || input === null) {
    return undefined;
  }
  if ('Records' in input) {
    return 'These are SQS or SNS records; the EventBridge event inside is expected: make the function the target of the rule itself.';
  }
  if ('TopicArn' in input || ('Type' in input && 'Message' in input)) {
    return 'This is an SNS message; the EventBridge event in its Message is expected: make the function the target of the rule itself.';
  }
  if ('notificationRuleArn' in input || 'detailType' in input) {
    return 'This comes from a notification rule (codestar-notifications); an event of an EventBridge rule on CodeBuild Build State Change is expected.';
  }
  return undefined;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}…` : text);
}
