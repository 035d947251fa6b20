import { styleText } from 'node:util';
import ora from 'ora';

/** Colours only where a terminal reads; NO_COLOR and FORCE_COLOR are honoured. */
export const paint = {
  title: (text: string): string => styleText(['bold', 'cyan'], text, { stream: process.stdout }),
  good: (text: string): string => styleText('green', text, { stream: process.stdout }),
  bad: (text: string): string => styleText('red', text, { stream: process.stdout }),
  quiet: (text: string): string => styleText('dim', text, { stream: process.stdout }),
};

/** On stderr, where the progress goes: stdout is for results. */
function mark(style: 'green' | 'red' | 'dim', text: string): string {
  return styleText(style, text, { stream: process.stderr });
}

/**
 * Does one piece of work with a live line: a spinner with the seconds on a terminal, one line at the start and one at
 * the end elsewhere.
 *
 * @param work gets a function that tells how far it is
 * @throws what the work throws, after the line was marked as failed
 */
export async function step<T>(title: string, work: (tell: (detail: string) => void) => Promise<T>): Promise<T> {
  const started = Date.now();
  const seconds = (): string => mark('dim', `${((Date.now() - started) / 1000).toFixed(1)} s`);
  const spinner = ora({ text: title, discardStdin: false }).start();
  let detail = '';
  const ticker = setInterval(() => {
    if (spinner.isSpinning) {
      spinner.text = `${title}${detail ? `: ${detail}` : ''} ${seconds()}`;
    }
  }, 250);
  try {
    const result = await work((text) => {
      detail = text;
    });
    spinner.stopAndPersist({ symbol: mark('green', '✔'), text: `${title}${detail ? `: ${detail}` : ''} ${seconds()}` });
    return result;
  } catch (thrown) {
    spinner.stopAndPersist({ symbol: mark('red', '✖'), text: `${title} ${seconds()}` });
    throw thrown;
  } finally {
    clearInterval(ticker);
  }
}
