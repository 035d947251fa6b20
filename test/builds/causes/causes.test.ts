import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CAUSES, type CauseCode, causeOf, tellCause } from '#functions/builds/causes/index.ts';
import { LANGUAGES } from '#functions/schemas/build-notice-config.ts';
import { anyText } from '#test/slack/hostile.ts';
import { SAMPLES, UNKNOWN } from './samples.ts';

const title = (sample: (typeof SAMPLES)[number]) =>
  `${sample.cause}: ${(sample.evidence.reason === 'exit status 1' ? sample.evidence.log.at(-1) : sample.evidence.reason)?.slice(0, 60)}`;

it('every code is used once, and every cause has a sample', () => {
  const codes = CAUSES.map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
  expect(codes.length).toBeGreaterThanOrEqual(40);
  expect(codes.filter((code) => !SAMPLES.some(({ cause }) => cause === code))).toEqual([]);
});

it.each(SAMPLES.map((sample) => [title(sample), sample] as const))('%s', (_, { cause, evidence, says = '' }) => {
  const found = causeOf(evidence);
  expect(found?.code).toBe(cause);
  const told = found && tellCause(found, 'en');
  expect(`${told?.what} ${told?.next}`).toContain(says);
});

/** A sample that the other cause would fit as well: the order of the list decides, and these are all such cases. */
const DECIDED_BY_ORDER: readonly (readonly [sample: CauseCode, fitsToo: CauseCode])[] = [
  // Its status says the same, more exactly.
  ['queue-timeout', 'build-timeout'],
  ['buildspec-missing', 'buildspec-yaml'],
  ['buildspec-phase-name', 'buildspec-yaml'],
  ['buildspec-runtime', 'buildspec-yaml'],
  ['buildspec-version', 'buildspec-yaml'],
  ['buildspec-command', 'buildspec-yaml'],
  // Docker Hub's limit, met while the build machine was made.
  ['docker-hub-limit', 'build-image-unavailable'],
  // What CodeBuild says of its own image could be said of a base image.
  ['build-image-unavailable', 'base-image-missing'],
  // Without the network, pip finds no version of anything.
  ['network', 'pip-not-found'],
  // The first thing that pip misses is the compiler's.
  ['pip-conflict', 'pip-not-found'],
];

it('no sample fits another cause, but where the order is meant to decide', () => {
  const others = SAMPLES.flatMap(({ cause, evidence }) =>
    CAUSES.filter(({ code, recognise }) => code !== cause && recognise(evidence) !== undefined).map(
      ({ code }) => `${cause} fits ${code}`,
    ),
  );
  const expected = DECIDED_BY_ORDER.map(([sample, other]) => `${sample} fits ${other}`);
  expect(others.filter((other) => !expected.includes(other))).toEqual([]);
});

describe('claims nothing', () => {
  it.each(UNKNOWN)('of %s', (_, evidence) => {
    expect(causeOf(evidence)).toBeUndefined();
  });

  it('of a build that did not break, whatever its log says', () => {
    for (const { evidence } of SAMPLES) {
      for (const status of ['SUCCEEDED', 'IN_PROGRESS', 'LOST'] as const) {
        expect(causeOf({ ...evidence, status })).toBeUndefined();
      }
    }
  });

  it('of the log of a good build', () => {
    const log = [
      'Login Succeeded',
      '#5 [1/4] FROM docker.io/library/python:3.13-slim@sha256:9b2cf535',
      '#7 12.1 Successfully installed numpy-2.1.0 pandas-2.2.0 tokenizers-0.21.0',
      'added 211 packages, and audited 212 packages in 4s',
      'found 0 vulnerabilities',
      '* DONE (xml2)',
      'latest: digest: sha256:9b2cf535f27731c974343645a3985328a2f6a1f6f1b3f9e1f6f9f0c1d2e3f4a5 size: 1786',
    ];
    expect(
      causeOf({ status: 'FAILED', phase: 'BUILD', code: 'COMMAND_EXECUTION_ERROR', reason: 'exit status 1', log }),
    ).toBeUndefined();
  });

  it('of any text', () => {
    fc.assert(
      fc.property(anyText(), anyText(), fc.array(anyText()), (code, reason, log) => {
        expect(causeOf({ status: 'FAILED', phase: 'BUILD', code, reason, log })).toBeUndefined();
      }),
    );
  });
});

describe.each(LANGUAGES)('in %s', (language) => {
  it('every cause says what happened and what to do, in whole sentences', () => {
    for (const { evidence } of SAMPLES) {
      const found = causeOf(evidence);
      const told = found && tellCause(found, language);
      for (const sentence of [told?.what ?? '', told?.next ?? '']) {
        expect(sentence).toMatch(language === 'ja' ? /。$/ : /\.$/);
        expect(sentence).not.toMatch(/undefined| {2}| [,:)]|（）|「」|“”/);
        expect(sentence.length).toBeLessThanOrEqual(language === 'ja' ? 200 : 330);
      }
      if (language === 'ja') {
        // Polite throughout, and a request where somebody must act.
        expect(told?.what).toMatch(/(です|ます|ました|ません|ませんでした)(?:。|（.*）。)$/);
      }
    }
  });

  it('every cause can be told without any captures', () => {
    for (const { code } of CAUSES) {
      const told = tellCause({ code, captures: {} }, language);
      expect(told?.what).toMatch(/[.。]$/);
      expect(`${told?.what}${told?.next}`).not.toMatch(/undefined| {2}/);
    }
  });

  it('the words of all', () => {
    expect(
      SAMPLES.map(({ evidence }) => {
        const found = causeOf(evidence);
        const told = found && tellCause(found, language);
        return `${found?.code} (${told?.who})\n${told?.what}\n${told?.next}`;
      }).join('\n\n'),
    ).toMatchSnapshot();
  });
});

it('a code of another version is told as unknown', () => {
  expect(tellCause({ code: 'meteor', captures: {} }, 'en')).toBeUndefined();
});

it('what was captured is never a mask nor endless', () => {
  const evidence = (name: string) => ({
    status: 'FAILED' as const,
    phase: 'BUILD',
    log: [`E: Unable to locate package ${name}`],
  });
  expect(causeOf(evidence('***'))?.captures).toEqual({});
  expect(causeOf(evidence('x'.repeat(10_000)))?.captures).toEqual({});
});
