import { describe, expect, it } from '@jest/globals';
import type { KnownBlock } from '@slack/types';
import fc from 'fast-check';
import { allBlocks, SlackMessage } from '#emulator/slack-message.ts';
import type { Notice } from '#functions/schemas/notice.ts';
import { payloadOf } from '#functions/slack/payload.ts';
import { anyNotice } from './any-notice.ts';
import { HOSTILE } from './hostile.ts';
import { payloadFaults } from './markup.ts';

const EMPTY: Notice = {
  tone: 'good',
  emoji: '✅',
  subject: 'x',
  verdict: 'done',
  facts: [],
  sections: [],
  links: [],
  footer: [],
};

it('keeps every limit and makes no markup out of outside text, whatever a notice holds', () => {
  fc.assert(
    fc.property(anyNotice, (notice) => {
      expect(payloadFaults(payloadOf(notice), /^https:\/\/github\.com\//)).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

it('mentions whom it is told to, and nobody else', () => {
  const person = 'U012ABCDEF';
  fc.assert(
    fc.property(anyNotice, (notice) => {
      const lead = [{ kind: 'mention' as const, userId: person }, ...(notice.lead ?? [])];
      const payload = payloadOf({ ...notice, lead });
      expect(payloadFaults(payload, /^https:\/\/github\.com\//, [person])).toEqual([]);
      expect(JSON.stringify(payload.blocks)).toContain(`<@${person}>`);
    }),
  );
});

it('says in the text what the blocks say', () => {
  const { text } = payloadOf({
    ...EMPTY,
    subject: 'xxxx',
    verdict: 'build failed',
    facts: [{ label: 'Branch', pieces: [{ kind: 'text', text: 'main' }] }],
    sections: [{ label: 'Failed in', lines: [[{ kind: 'code', text: 'BUILD' }], [{ kind: 'text', text: 'exit 1' }]] }],
  });
  expect(text).toBe('✅ xxxx: build failed\nFailed in: BUILD · exit 1\nBranch: main');
});

it('begins no line of the text with a colon where a label is empty, and ends none with one', () => {
  const { text } = payloadOf({
    ...EMPTY,
    facts: [{ label: 'Branch', pieces: [] }],
    sections: [{ label: ' ', lines: [[{ kind: 'text', text: 'exit 1' }]] }],
  });
  expect(text).toBe('✅ x: done\nexit 1\nBranch');
});

describe('what does not fit', () => {
  it('never pushes the verdict out', () => {
    const { text, blocks } = payloadOf({ ...EMPTY, subject: 'x'.repeat(1_000), verdict: 'build failed' });
    expect(text).toMatch(/^✅ x{149}…: build failed$/);
    expect(blocks[0]).toMatchObject({ text: { text: expect.stringMatching(/x…: build failed\*$/) } });
  });

  const filler = { kind: 'text', text: '&'.repeat(250) } as const;

  it('is left out from the end; the headline and the links stay', () => {
    const payload = payloadOf({
      ...EMPTY,
      sections: Array.from({ length: 60 }, (_, i) => ({ label: `Section ${i}`, lines: [[filler]] })),
      links: [{ label: 'Log', url: 'https://github.com/log' }],
    });
    const texts = allBlocks(SlackMessage.parse(payload)).map((block) => JSON.stringify(block));
    expect(texts[0]).toContain('✅ *x: done*');
    expect(texts[1]).toContain('Section 0');
    expect(texts.at(-1)).toContain('<https://github.com/log|Log>');
    expect(texts.length).toBeLessThan(60);
    expect(JSON.stringify(texts.length > 5)).toBe('true');
  });

  it('is never half a link: an address that is too long leaves its words', () => {
    const long = `https://github.com/${'a'.repeat(1_600)}`;
    const payload = payloadOf({
      ...EMPTY,
      facts: [{ label: 'Commit', pieces: [{ kind: 'link', text: '3f2a9c1', url: long }] }],
      links: [{ label: 'Log', url: long }],
    });
    expect(JSON.stringify(payload)).not.toContain('aaaa');
    expect(JSON.stringify(payload)).toContain('3f2a9c1');
  });

  it('ends in an ellipsis where one text is long', () => {
    const { text } = payloadOf({
      ...EMPTY,
      facts: [{ label: 'Commit', pieces: [{ kind: 'text', text: 'あ'.repeat(900) }] }],
    });
    expect(text).toMatch(/あ{249}…$/);
  });
});

describe('a log', () => {
  const lines = Array.from({ length: 60 }, (_, i) => `  line ${i} \`x\` <b>`);
  const blocksOf = (notice: Notice) => {
    const payload = payloadOf(notice);
    expect(payloadFaults(payload, /^https:\/\/github\.com\//)).toEqual([]);
    return (
      payload.attachments[0]?.blocks.map((block) => ('text' in block ? block.text.text : JSON.stringify(block))) ?? []
    );
  };

  it('stands fenced after its label, with its spaces, before what comes after it', () => {
    const section = { label: 'Log', lines: [], log: lines.slice(0, 2) };
    const after = { label: 'After', lines: [[{ kind: 'text', text: 'x' }] as const] };
    expect(blocksOf({ ...EMPTY, sections: [section, after] })).toEqual([
      '*Log*',
      '```  line 0 ˋxˋ &lt;b&gt;\n  line 1 ˋxˋ &lt;b&gt;```',
      '*After*\nx',
    ]);
  });

  it('has as many lines from its end as there is room for, over several blocks', () => {
    const wide = lines.map((line) => `${line}${'x'.repeat(180)}`);
    const fenced = blocksOf({ ...EMPTY, sections: [{ label: 'Log', lines: [], log: wide }] }).slice(1);
    expect(fenced.length).toBeGreaterThan(3);
    const shown = [...fenced.join('\n').matchAll(/line (\d+)/g)].map(([, number]) => Number(number));
    const first = shown[0] ?? 0;
    expect(first).toBeGreaterThan(0);
    expect(shown).toEqual(Array.from({ length: 60 - first }, (_, i) => first + i));
  });

  it('that says nothing leaves no empty fence', () => {
    expect(blocksOf({ ...EMPTY, sections: [{ label: 'Log', lines: [], log: ['', '  '] }] })).toEqual(['*Log*']);
  });

  it('shows its very end in the text alone, without rules and frames', () => {
    const { text } = payloadOf({ ...EMPTY, sections: [{ label: 'Log', lines: [], log: [...lines, '-----', 'last'] }] });
    expect(text).toBe('✅ x: done\nLog\nline 58 `x` &lt;b&gt;\nline 59 `x` &lt;b&gt;\nlast');
  });
});

it('a notice of hostile strings alone', () => {
  const fact = (text: string) => ({ label: 'Fact', pieces: [{ kind: 'text', text }] as const });
  expect(
    payloadOf({ ...EMPTY, subject: HOSTILE.slice(0, 3).join(' '), facts: HOSTILE.slice(0, 10).map(fact) }),
  ).toMatchSnapshot();
});

it("is made of Slack's own block types, as its library declares them", () => {
  const payload = payloadOf(EMPTY);
  const blocks: KnownBlock[] = [...payload.blocks, ...payload.attachments.flatMap((attachment) => attachment.blocks)];
  expect(blocks.map(({ type }) => type)).toEqual(['section']);
});
