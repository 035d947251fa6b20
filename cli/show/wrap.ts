/**
 * Breaks a text into lines of at most so many characters, between words; a word that is longer than a line, mostly an ARN, is
 * broken too, so that nothing is lost.
 */
export function wrapTo(text: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length <= width) {
      line = longer;
      continue;
    }
    if (line !== '') {
      lines.push(line);
    }
    line = word;
    while (line.length > width) {
      lines.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  return [...lines, line].join('\n');
}
