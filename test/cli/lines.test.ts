import { describe, expect, it } from '@jest/globals';
import picocolors from 'picocolors';
import { painted } from '../../cli/show/lines.ts';
import { wrapTo } from '../../cli/show/wrap.ts';

const COLOURS = picocolors.createColors(true);

describe('a line in colours', () => {
  it.each([
    [
      '  removed     AWS::ECR::Repository xxxx: 5 images',
      `${COLOURS.green('  removed')}     AWS::ECR::Repository xxxx: 5 images`,
    ],
    ['    because     It is imported.', `${COLOURS.red('    because')}     It is imported.`],
    ['xxxx-build: deleted', COLOURS.green('xxxx-build: deleted')],
    ['xxxx-build: not deleted', COLOURS.red('xxxx-build: not deleted')],
    ['Still in the account', COLOURS.yellow('Still in the account')],
    [
      '    aws ecr delete-repository --repository-name x',
      COLOURS.cyan('    aws ecr delete-repository --repository-name x'),
    ],
  ])('%s', (line, coloured) => {
    expect(painted(line, COLOURS)).toBe(coloured);
  });

  it.each(['  because somebody asked to retain it.', '                removed by hand', 'xxxx: 5 images'])(
    'has none where a sentence only goes on: %s',
    (line) => {
      expect(painted(line, COLOURS)).toBe(line);
    },
  );

  it('is the line itself where there are none', () => {
    const line = '  removed     AWS::ECR::Repository xxxx: 5 images';
    expect(painted(line, picocolors.createColors(false))).toBe(line);
  });
});

describe('a text in a column', () => {
  it.each([
    ['one two three', 7, 'one two\nthree'],
    ['one', 7, 'one'],
    ['arn:aws:iam::123456789012:role/x', 10, 'arn:aws:ia\nm::1234567\n89012:role\n/x'],
    ['a arn:aws:iam', 6, 'a\narn:aw\ns:iam'],
    ['', 7, ''],
  ])('%j in %i', (text, width, lines) => {
    expect(wrapTo(text, width)).toBe(lines);
  });
});
