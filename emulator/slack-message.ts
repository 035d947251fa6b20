import * as z from 'zod/mini';

/**
 * The part of Slack's messages that this project uses, strictly: an unknown field, an empty text or a broken limit is
 * refused, as Slack refuses it with `invalid_blocks`. https://docs.slack.dev/reference/block-kit/blocks
 */
const text = (limit: number) => z.string().check(z.minLength(1), z.maxLength(limit));
const Markdown = (limit: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: text(limit), verbatim: z.optional(z.boolean()) });
const Plain = (limit: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: text(limit), emoji: z.optional(z.boolean()) });

const blockId = z.optional(text(255));
const TextSection = z.strictObject({
  type: z.literal('section'),
  block_id: blockId,
  text: Markdown(3_000),
});
const FieldSection = z.strictObject({
  type: z.literal('section'),
  block_id: blockId,
  text: z.optional(Markdown(3_000)),
  fields: z.array(Markdown(2_000)).check(z.minLength(1), z.maxLength(10)),
});
const Header = z.strictObject({ type: z.literal('header'), block_id: blockId, text: Plain(150) });
const Context = z.strictObject({
  type: z.literal('context'),
  block_id: blockId,
  elements: z.array(Markdown(3_000)).check(z.minLength(1), z.maxLength(10)),
});
const Divider = z.strictObject({ type: z.literal('divider'), block_id: blockId });

export const SlackBlock = z.union([TextSection, FieldSection, Header, Context, Divider]);
export type SlackBlock = z.output<typeof SlackBlock>;

const Blocks = z.array(SlackBlock).check(z.maxLength(50));

const SlackAttachment = z.strictObject({
  color: z.string().check(z.regex(/^#[0-9a-f]{6}$/i)),
  blocks: Blocks,
  fallback: z.optional(z.string()),
});

/** Slack has no number for this in its reference; it answers `msg_blocks_too_long` at about 13,000 characters. */
const ALL_BLOCKS = 13_000;

export const SlackMessage = z
  .strictObject({
    text: z.optional(z.string().check(z.maxLength(4_000))),
    blocks: z.optional(Blocks),
    attachments: z.optional(z.array(SlackAttachment).check(z.maxLength(20))),
    unfurl_links: z.optional(z.boolean()),
    unfurl_media: z.optional(z.boolean()),
    mrkdwn: z.optional(z.boolean()),
  })
  .check(
    z.refine((message) => JSON.stringify(allBlocks(message)).length <= ALL_BLOCKS, {
      error: `all blocks together are longer than ${ALL_BLOCKS} characters`,
    }),
  );
export type SlackMessage = z.output<typeof SlackMessage>;

/** Blocks of the message and of its attachments, in the order in which they are shown. */
export function allBlocks(message: Pick<SlackMessage, 'blocks' | 'attachments'>): SlackBlock[] {
  return [...(message.blocks ?? []), ...(message.attachments ?? []).flatMap(({ blocks }) => blocks)];
}
