/** A Markdown file in the parts that the tests compare. Enough for our own files: fences at the start of a line or indented in a list. */
export interface Markdown {
  /** What stands between fences, with the language. */
  readonly codeBlocks: readonly string[];
  /** Levels of the headings, in their order. */
  readonly headings: readonly number[];
  /** Rows of each table, its head and ruler left out; cells without their outer blanks. */
  readonly tables: readonly (readonly (readonly string[])[])[];
  /** What stands between backticks outside of code blocks. */
  readonly codeSpans: readonly string[];
  /** Targets of links and pictures. */
  readonly links: readonly string[];
  /** Everything but the code blocks. */
  readonly prose: string;
}

export function markdownOf(text: string): Markdown {
  const codeBlocks: string[] = [];
  const prose = text.replace(/^ *```([\s\S]*?)^ *```$/gm, (_, block: string) => {
    codeBlocks.push(block);
    return '';
  });
  return {
    codeBlocks,
    prose,
    headings: [...prose.matchAll(/^(#+) /gm)].map(([, marks = '']) => marks.length),
    tables: [...prose.matchAll(/(?:^\|.*\|$\n?)+/gm)].map(([table]) => rowsOf(table)),
    codeSpans: [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span),
    links: [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target),
  };
}

function rowsOf(table: string): string[][] {
  const [, , ...rows] = table.trim().split('\n');
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
