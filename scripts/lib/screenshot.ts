import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** A browser that is installed: the one that `CHROMIUM_PATH` names, else one in a usual place; undefined without one. */
export function findChromium(named: string | undefined = process.env['CHROMIUM_PATH']): string | undefined {
  return (named ? [named] : USUAL_PLACES).find((path) => existsSync(path));
}

/**
 * Takes a picture of a page's `main`, as long as that is.
 *
 * @param browser path of a Chromium, e.g. from `findChromium`
 * @param html the page itself
 * @returns undefined where the browser does not start
 */
export async function screenshot(browser: string, html: string): Promise<Buffer | undefined> {
  const root = process.getuid?.() === 0;
  // Chromium's sandbox does not run as root; the page is our own and may load nothing (its content security policy).
  const launched = chromium.launch({ executablePath: browser, args: root ? ['--no-sandbox'] : [] });
  const running = await launched.catch(() => undefined);
  if (running === undefined) {
    return undefined;
  }
  try {
    const page = await running.newPage({ viewport: { width: 800, height: 400 }, deviceScaleFactor: 2 });
    // Without what is there to be clicked.
    await page.emulateMedia({ media: 'print' });
    await page.setContent(html);
    await page.evaluate('document.fonts.ready.then(() => undefined)');
    return await page.locator('main').screenshot();
  } finally {
    await running.close();
  }
}
