import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Stacks for the page's style: the embedded fonts first, so that a page looks the same wherever it is opened. */
export const FONTS = {
  text: '"Noto Sans JP Variable", sans-serif',
  log: '"Noto Sans Mono", "Noto Sans JP Variable", monospace',
} as const;

const SHEETS = [
  import.meta.resolve('@fontsource-variable/noto-sans-jp/index.css'),
  import.meta.resolve('@fontsource/noto-sans-mono/400.css'),
] as const;

interface Part {
  readonly rule: string;
  readonly file: string;
  readonly ranges: readonly (readonly [number, number])[];
}

let known: readonly Part[] | undefined;
const embeddedFiles = new Map<string, string>();

/**
 * The fonts that a text needs, as style rules that hold them: nothing is loaded from anywhere. The fonts come in parts by
 * ranges of characters; only parts with a character of the text are taken.
 */
export function fontRules(text: string): string {
  const characters = new Set(Array.from(text, (character) => character.codePointAt(0) ?? 0));
  known ??= SHEETS.flatMap((url) => partsOf(fileURLToPath(url)));
  return known
    .filter(({ ranges }) => ranges.some(([from, to]) => holdsOneOf(characters, from, to)))
    .map(({ rule, file }) => `@font-face {${rule.replace(/src:[^;]*;/, `src: ${embedded(file)};`)}}`)
    .join('\n');
}

/** The parts that a style sheet names, each with its ranges: `U+23,U+30-39`. */
function partsOf(sheet: string): Part[] {
  return [...readFileSync(sheet, 'utf8').matchAll(/@font-face\s*\{([^}]*)\}/g)].flatMap(([, rule = '']) => {
    const [, file] = /url\(\.?\/?([^)]+\.woff2)\)/.exec(rule) ?? [];
    const [, list = ''] = /unicode-range:\s*([^;]+)/.exec(rule) ?? [];
    const ranges = list.split(',').map((range) => {
      const [from = '', to = from] = range.trim().replace(/^U\+/i, '').split('-');
      return [Number.parseInt(from, 16), Number.parseInt(to, 16)] as const;
    });
    return file === undefined ? [] : [{ rule, file: join(dirname(sheet), file), ranges }];
  });
}

function embedded(file: string): string {
  const data = embeddedFiles.get(file) ?? readFileSync(file).toString('base64');
  embeddedFiles.set(file, data);
  return `url(data:font/woff2;base64,${data}) format("woff2")`;
}

function holdsOneOf(characters: ReadonlySet<number>, from: number, to: number): boolean {
  for (const character of characters) {
    if (from <= character && character <= to) {
      return true;
    }
  }
  return false;
}
