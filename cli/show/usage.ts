/** Commander's complaint about the command line, as one line. */
export function commandError(text: string): string {
  const words = text
    .replace(/^error: /, '')
    .trim()
    .split(/\s*\n\s*/)
    .join(' ');
  return `clean-exit: ${words.replace(/(?<![.?)])$/, '.')} \`clean-exit --help\` shows what is possible.\n`;
}
