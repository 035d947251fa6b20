import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';

const Pictures = z.object({
  icons: z.record(z.string(), z.object({ body: z.string() })),
  aliases: z.record(z.string(), z.object({ parent: z.string() })),
  width: z.number(),
  height: z.number(),
});
const Names = z.record(z.string(), z.string());

/** A tag, or an emoji between tags. */
const TAG_OR_EMOJI = /<[^>]*>|\p{RGI_Emoji}/gv;

/**
 * Gives every emoji of a page a picture of its own, as Slack does: which one the reader's machine has makes no difference.
 * The character stays in the page, for reading aloud and copying.
 *
 * @param html without a style element: what stands between tags is text
 * @returns the page, and the style that draws the pictures; an emoji without a picture stays as it is
 */
export function withEmoji(html: string): { readonly html: string; readonly style: string } {
  const rules = new Map<string, string>();
  let pictureOf: ReturnType<typeof pictures> | undefined;
  const marked = html.replace(TAG_OR_EMOJI, (found) => {
    if (found.startsWith('<')) {
      return found;
    }
    pictureOf ??= pictures();
    const key = keyOf(found);
    const picture = pictureOf(key);
    if (picture === undefined) {
      return found;
    }
    const data = Buffer.from(picture).toString('base64');
    rules.set(key, `  .e${key} { background-image: url(data:image/svg+xml;base64,${data}) }`);
    return `<span class="emoji e${key}">${found}</span>`;
  });
  const all = `
  .emoji { display: inline-block; width: 1.25em; height: 1.25em; overflow: hidden; vertical-align: -0.25em;
    background: center / contain no-repeat; color: transparent; print-color-adjust: exact; }`;
  return { html: marked, style: rules.size === 0 ? '' : [all, ...rules.values(), ''].join('\n') };
}

/** Code points in hexadecimal; what only asks for a picture is left out: `23f9`. */
function keyOf(emoji: string): string {
  return Array.from(emoji, (character) => (character.codePointAt(0) ?? 0).toString(16))
    .filter((point) => point !== 'fe0f')
    .join('-');
}

/** Noto's pictures by key. Read when the first emoji is met: the file is large. */
function pictures(): (key: string) => string | undefined {
  const read = (url: string): unknown => JSON.parse(readFileSync(fileURLToPath(url), 'utf8'));
  const { icons, aliases, width, height } = Pictures.parse(read(import.meta.resolve('@iconify-json/noto/icons.json')));
  const names = Names.parse(read(import.meta.resolve('@iconify-json/noto/chars.json')));
  return (key) => {
    const name = names[key];
    const body = name === undefined ? undefined : (icons[name] ?? icons[aliases[name]?.parent ?? ''])?.body;
    return body && `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}">${body}</svg>`;
  };
}
