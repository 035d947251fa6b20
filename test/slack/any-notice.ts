import fc from 'fast-check';
import type { Notice, Piece } from '#functions/schemas/notice.ts';
import { anyText } from './hostile.ts';

const url = fc
  .tuple(fc.webPath(), fc.string({ maxLength: 2_000 }))
  .map(([path, query]) => `https://github.com/x${path}?${encodeURIComponent(query)}`);
const piece: fc.Arbitrary<Piece> = fc.oneof(
  fc.record({ kind: fc.constant('text' as const), text: anyText() }),
  fc.record({ kind: fc.constant('sentence' as const), text: anyText() }),
  fc.record({ kind: fc.constant('code' as const), text: anyText() }),
  fc.record({ kind: fc.constant('mention' as const), userId: anyText() }),
  fc.record({ kind: fc.constant('link' as const), text: anyText(), url }),
);
const pieces = fc.array(piece, { maxLength: 5 });
const section = fc.record(
  { label: anyText(), lines: fc.array(pieces, { maxLength: 6 }), log: fc.array(anyText(), { maxLength: 60 }) },
  { requiredKeys: ['label', 'lines'] },
);
/** Any notice: more facts, sections and links than Slack takes, and outside text everywhere. */
export const anyNotice: fc.Arbitrary<Notice> = fc.record({
  tone: fc.constantFrom('good', 'bad', 'warning', 'neutral'),
  emoji: fc.constantFrom('✅', '❌', '⏹️'),
  subject: anyText(),
  verdict: anyText(),
  lead: pieces,
  facts: fc.array(fc.record({ label: anyText(), pieces }), { maxLength: 14 }),
  sections: fc.array(section, { maxLength: 60 }),
  links: fc.array(fc.record({ label: anyText(), url }), { maxLength: 12 }),
  footer: fc.array(anyText(), { maxLength: 12 }),
});
