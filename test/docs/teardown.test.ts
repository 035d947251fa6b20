/** What the READMEs tell of teardowns, held to the code. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { PROPERTY_NAMES } from '#functions/schemas/custom-resource-properties.ts';
import { parseTeardownRequest, TeardownOptions } from '#functions/schemas/teardown-request.ts';
import type { TeardownPlan, TeardownReport } from '#functions/teardown/model.ts';
import { teardownPlanLines, teardownReportLines } from '#functions/teardown/print.ts';
import { FLAGS } from '#functions/teardown/wording.ts';
import { textOf } from '#test/templates/cloudformation.ts';
import { EXIT } from '../../cli/exit.ts';
import { markdownOf } from './markdown.ts';

const ADRS = readdirSync(fileURLToPath(new URL('../../docs/adr/', import.meta.url))).sort();

it('each decision has a number of its own', () => {
  const numbers = ADRS.map((file) => file.slice(0, 4));
  expect(numbers).toEqual([...new Set(numbers)]);
  for (const file of ADRS) {
    expect(textOf(join('docs', 'adr', file))).toMatch(new RegExp(`^# ${Number(file.slice(0, 4))}\\. `));
  }
});

describe.each(['README.md', 'README.ja.md'])('%s', (file) => {
  const text = textOf(file);
  const { tables, codeBlocks, links } = markdownOf(text);
  const tableWith = (word: string) => tables.find((table) => table.some((row) => row.join().includes(word))) ?? [];

  it('shows a plan and a report as they are printed', () => {
    const plan: TeardownPlan = JSON.parse(textOf('test/docs/samples/plan.json'));
    const report: TeardownReport = JSON.parse(textOf('test/docs/samples/report.json'));
    const shown = codeBlocks.map((block) => block.trim());
    expect(shown).toContain(teardownPlanLines(plan).join('\n'));
    expect(shown).toContain(teardownReportLines(report).join('\n'));
  });

  it('names every consent as each door calls it', () => {
    const rows = tableWith(FLAGS.disableTerminationProtection);
    const spans = (column: number) => rows.flatMap((row) => row[column]?.match(/(?<=`)[\w-]+(?=`)/g) ?? []);
    const { roleArn: _role, ...flags } = FLAGS;
    const booleans = ['true', 'false'];
    expect(spans(1).sort()).toEqual(Object.values(flags).sort());
    expect(
      spans(2)
        .filter((word) => !booleans.includes(word))
        .sort(),
    ).toEqual(Object.keys(flags).sort());
    const consents = PROPERTY_NAMES.filter((name) => name.replace(/^./, (letter) => letter.toLowerCase()) in flags);
    expect(
      spans(3)
        .filter((word) => !booleans.includes(word))
        .sort(),
    ).toEqual([...consents].sort());
  });

  it('tells which consents are given by default', () => {
    const defaults: Readonly<Record<string, unknown>> = TeardownOptions.parse({});
    const given = Object.keys(FLAGS).filter((option) => defaults[option] === true);
    const told = tableWith(FLAGS.disableTerminationProtection).filter((row) => row[2]?.includes('`true`'));
    expect(told.map((row) => /`(\w+)`/.exec(row[2] ?? '')?.[1])).toEqual(given);
  });

  it('names every refusal', () => {
    const [, type = ''] = /export type RefusalCode =([^;]*);/.exec(textOf('functions/teardown/model.ts')) ?? [];
    const codes = [...type.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code);
    expect(codes.length).toBeGreaterThan(5);
    expect(tableWith('STACK_NOT_FOUND').map(([cell]) => cell?.replaceAll('`', ''))).toEqual(codes);
  });

  it('tells the exit codes', () => {
    const [line = ''] = /^0 .*$/m.exec(text) ?? [];
    expect(line.match(/\d+/g)?.map(Number)).toEqual(Object.values(EXIT));
  });

  it('shows a request that the state machine takes', () => {
    const inputs = codeBlocks.flatMap((block) => [...block.matchAll(/--input '(.*)'/g)].map(([, input = '']) => input));
    expect(inputs.length).toBeGreaterThan(0);
    for (const input of inputs) {
      expect(parseTeardownRequest(JSON.parse(input))).toMatchObject({ request: { mode: 'execute' } });
    }
  });

  it('types commands that there are', () => {
    const verbs = [...text.matchAll(/npx clean-exit ([a-z]+)/g)].map(([, verb = '']) => verb);
    const known = textOf('docs/command-line.md');
    expect(verbs.length).toBeGreaterThan(5);
    expect(verbs.filter((verb) => !known.includes(`| \`clean-exit ${verb}`))).toEqual([]);
  });

  it('leads to every decision', () => {
    const linked = links.filter((link) => link.startsWith('docs/adr/')).map((link) => link.slice('docs/adr/'.length));
    expect([...new Set(linked)].sort()).toEqual(ADRS);
  });
});
