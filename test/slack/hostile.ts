import fc from 'fast-check';

/** Strings that somebody who can push a commit or name a branch may try, and such as break careless code. */
export const HOSTILE = [
  '<!channel> <!here> <!everyone>',
  '<@U012ABCDEF> <#C012ABCDEF> <!subteam^S0123>',
  '<https://evil.example/|the build log>',
  'https://evil.example/ www.evil.example @channel #general',
  '&lt;!channel&gt; &amp;lt; &',
  '|> <|> a|b>',
  '`code` ``` *bold* _i_ ~s~ > quote',
  'a\nb\r\nc\u2028d\u0085e\tf\u0000g',
  '\u001b[31mred\u001b[0m \u202egnp.exe \u2066x\u2069',
  '\ud800 half \udc00',
  '👨‍👩‍👧‍👦🇯🇵𠮷野家',
  '&'.repeat(5_000),
  '<'.repeat(5_000),
  '👍'.repeat(5_000),
  '"\\"\\u0000',
  '${IMAGE} $(rm -rf /)',
  '__proto__',
  ' ',
  '',
];

/** Any text, the hostile ones often, alone or inside other text. */
export function anyText(): fc.Arbitrary<string> {
  const wild = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme', maxLength: 400 }),
    fc.constantFrom(...HOSTILE),
  );
  return fc.oneof(
    wild,
    fc.tuple(wild, wild).map(([a, b]) => a + b),
  );
}
