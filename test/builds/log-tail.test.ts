import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { type BuildLogPort, readLogTail, tailOf } from '#functions/builds/log-tail.ts';
import { maskSecrets } from '#functions/builds/secrets.ts';
import { anyText } from '#test/slack/hostile.ts';

const AT = '[Container] 2026/11/09 04:13:00.123456';
const linesOf = (...messages: string[]) => {
  const tail = tailOf(messages, maskSecrets);
  return tail.kind === 'tail' ? tail.lines : tail.why;
};

/** A build that fails in BUILD and goes on with a `finally` block and POST_BUILD, as CodeBuild does. */
const FAILED = [
  `${AT} Entering phase PRE_BUILD\n`,
  `${AT} Running command docker login\n`,
  'Login Succeeded\n',
  `${AT} Phase complete: PRE_BUILD State: SUCCEEDED\n`,
  `${AT} Phase context status code:  Message: \n`,
  `${AT} Entering phase BUILD\n`,
  `${AT} Running command echo hello\n`,
  'hello\n',
  `${AT} Running command docker build --tag x .\n`,
  '#7 ERROR: it broke\n',
  'ERROR: failed to solve\n',
  '\n',
  `${AT} Command did not exit successfully docker build --tag x . exit status 1\n`,
  `${AT} Running command echo in the end\n`,
  'in the end\n',
  `${AT} Phase complete: BUILD State: FAILED\n`,
  `${AT} Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing command: docker build --tag x .. Reason: exit status 1\n`,
  `${AT} Entering phase POST_BUILD\n`,
  `${AT} Running command exit 1\n`,
  'nothing is pushed\n',
  `${AT} Command did not exit successfully exit 1 exit status 1\n`,
  `${AT} Phase complete: POST_BUILD State: FAILED\n`,
];

describe('the failing step', () => {
  it('is what the command wrote that broke the first failed phase', () => {
    expect(tailOf(FAILED, maskSecrets)).toMatchObject({
      kind: 'tail',
      command: 'docker build --tag x .',
      lines: ['#7 ERROR: it broke', 'ERROR: failed to solve'],
      more: false,
    });
  });

  it('is the same in a log of older days', () => {
    const old = FAILED.map((line) =>
      line
        .replace(' State: FAILED', ' Success: false')
        .replace(' State: SUCCEEDED', ' Success: true')
        .replace('.123456', ''),
    );
    expect(linesOf(...old)).toEqual(['#7 ERROR: it broke', 'ERROR: failed to solve']);
  });

  it('is the last command where nothing is marked as failed', () => {
    expect(linesOf(...FAILED.slice(0, 10))).toEqual(['#7 ERROR: it broke']);
  });

  it('is what CodeBuild says where a phase has no commands', () => {
    expect(
      linesOf(
        `${AT} Waiting for DOWNLOAD_SOURCE`,
        `${AT} Phase complete: DOWNLOAD_SOURCE State: FAILED`,
        `${AT} Phase context status code: YAML_FILE_ERROR Message: YAML file does not exist`,
      ),
    ).toEqual(['YAML_FILE_ERROR: YAML file does not exist']);
  });

  it('has its last 40 lines shown and more searched', () => {
    const many = Array.from({ length: 300 }, (_, i) => `line ${i}`);
    const tail = tailOf([`${AT} Running command x`, ...many], maskSecrets);
    expect(tail).toMatchObject({ kind: 'tail', more: true });
    if (tail.kind === 'tail') {
      expect([tail.lines.length, tail.lines[0], tail.lines.at(-1)]).toEqual([40, 'line 260', 'line 299']);
      expect([tail.step.length, tail.step[0]]).toEqual([160, 'line 140']);
    }
  });

  it('is in one event with many lines too', () => {
    expect(linesOf(FAILED.join(''))).toEqual(['#7 ERROR: it broke', 'ERROR: failed to solve']);
  });

  it('is absent where nothing was written', () => {
    expect(linesOf()).toBe('empty');
    expect(linesOf(`${AT} Running command x\n`, '\n', '  \n')).toBe('empty');
  });
});

describe('a line', () => {
  it.each([
    ['colours', '\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007', 'red link'],
    ['a progress bar', 'Downloading 10%\rDownloading 50%\rDownloading 100%\r\n', 'Downloading 100%'],
    ['tabs', 'a\tb', 'a  b'],
    ['control and direction characters', 'a\u0000b\u0008c\u202ed', 'abcd'],
    ['half characters', '\ud800x', '\ufffdx'],
  ])('has no %s', (_, written, shown) => {
    expect(linesOf(written)).toEqual([shown]);
  });

  it('is clipped, by whole characters', () => {
    expect(linesOf('👍'.repeat(500))).toEqual([`${'👍'.repeat(199)}…`]);
  });

  it('keeps no secret, also one of many lines or in colours', () => {
    const key = ['-----BEGIN', 'PRIVATE KEY-----'].join(' ');
    const shown = linesOf(
      `${key}\n`,
      'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n',
      'MIIEvQIBADANBgkqhkiG9w0BAQEFAASD\n',
      '\u001b[1mPASSWORD=\u001b[0mhunter2\n',
    );
    expect(JSON.stringify(shown)).not.toMatch(/MIIE|hunter2/);
  });

  it('costs no time where it is huge', () => {
    const huge = Array.from({ length: 1_000 }, () => 'password='.repeat(10_000).slice(0, 20_000));
    const started = performance.now();
    tailOf(huge, maskSecrets);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('is of any text without control characters, and not too many', () => {
    fc.assert(
      fc.property(fc.array(anyText(), { maxLength: 60 }), (messages) => {
        const tail = tailOf(messages, maskSecrets);
        for (const line of tail.kind === 'tail' ? tail.lines : []) {
          expect([...line].length).toBeLessThanOrEqual(200);
          expect(line).not.toMatch(/\p{Cc}/u);
        }
        expect(tail.kind === 'tail' ? tail.lines.length : 0).toBeLessThanOrEqual(40);
      }),
    );
  });
});

describe('reading', () => {
  const build = { logStream: { group: 'xxxx-build', stream: '0c5d' } };
  const read = (newestEvents: BuildLogPort['newestEvents'], timeoutMs = 1_000) =>
    readLogTail({ newestEvents }, build, maskSecrets, { timeoutMs });

  it('asks for the stream of the build', async () => {
    const newestEvents = jest.fn<BuildLogPort['newestEvents']>().mockResolvedValue(FAILED);
    expect(await read(newestEvents)).toMatchObject({ kind: 'tail' });
    expect(newestEvents).toHaveBeenCalledWith('xxxx-build', '0c5d', expect.any(AbortSignal));
  });

  it('asks nothing where the build wrote no log', async () => {
    const newestEvents = jest.fn<BuildLogPort['newestEvents']>();
    expect(await readLogTail({ newestEvents }, {}, maskSecrets)).toEqual({ kind: 'absent', why: 'none' });
    expect(newestEvents).not.toHaveBeenCalled();
  });

  it.each<readonly [string, BuildLogPort['newestEvents'], string]>([
    ['the stream is gone', async () => undefined, 'gone'],
    ['it is empty', async () => [], 'empty'],
    [
      'the right is missing',
      async () => Promise.reject(Object.assign(new Error('no'), { accessDenied: true })),
      'denied',
    ],
    ['something else goes wrong', async () => Promise.reject(new Error('what')), 'failed'],
    [
      'it throws at once',
      () => {
        throw new Error('what');
      },
      'failed',
    ],
  ])('says why in a word where %s', async (_, newestEvents, why) => {
    expect(await read(newestEvents)).toEqual({ kind: 'absent', why });
  });

  it('never waits longer than the time-out, and lets go of the call', async () => {
    let signal: AbortSignal | undefined;
    const hanging: BuildLogPort['newestEvents'] = (_group, _stream, given) => {
      signal = given;
      return new Promise(() => {});
    };
    const started = performance.now();
    expect(await read(hanging, 30)).toEqual({ kind: 'absent', why: 'slow' });
    expect(performance.now() - started).toBeLessThan(500);
    expect(signal?.aborted).toBe(true);
  });

  it('is slow too where the call ends by the signal', async () => {
    const heeding: BuildLogPort['newestEvents'] = (_group, _stream, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('AbortError'))));
    expect(await read(heeding, 30)).toEqual({ kind: 'absent', why: 'slow' });
  });
});
