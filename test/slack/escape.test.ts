import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { bold, clip, code, escapeMarkup, link, oneLine, plain } from '#functions/slack/escape.ts';
import { anyText } from './hostile.ts';

const readable = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

describe('clip', () => {
  it('counts code points, the ellipsis included', () => {
    expect(clip('𠮷野家', 3)).toBe('𠮷野家');
    expect(clip('𠮷野家です', 4)).toBe('𠮷野家…');
  });

  it('never cuts a code point and never exceeds the limit', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 50 }), (text, limit) => {
        const clipped = clip(text, limit);
        expect([...clipped].length).toBeLessThanOrEqual(limit);
        expect(clipped.isWellFormed()).toBe(true);
        expect(text.startsWith(clipped.replace(/…$/, '')) || text === clipped).toBe(true);
      }),
    );
  });
});

it('escaping can be undone, so nothing is lost and no entity is made by chance', () => {
  fc.assert(fc.property(anyText(), (text) => expect(readable(escapeMarkup(text))).toBe(text)));
});

it('plain text clips before it escapes', () => {
  expect(plain('&&&&', 3)).toBe('&amp;&amp;…');
});

it('oneLine takes terminal colours, controls and direction changes out', () => {
  expect(oneLine(' a\u001b[31m\tb\r\nc\u2028d \u202egnp\u0000 ')).toBe('a b c d gnp');
});

it.each([
  ['code', code, 'a`b``', '`aˋbˋˋ`'],
  ['bold', bold, 'a*b', '*a∗b*'],
])('%s keeps its own mark out of the text', (_, mark, text, expected) => {
  expect(mark(text, 50)).toBe(expected);
  expect(mark(' \n ', 50)).toBe('');
});

it('a link holds its label together, whatever is in it', () => {
  expect(link('https://github.com/a/b?c=1&d=2', 'x|y>\nz <!here>', 50)).toBe(
    '<https://github.com/a/b?c=1&amp;d=2|x¦y&gt; z &lt;!here&gt;>',
  );
  expect(link('https://github.com/a|b> c', 'x', 50)).toBe('<https://github.com/a%7Cb%3E%20c|x>');
});
