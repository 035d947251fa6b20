import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { CLEANERS } from '#functions/cleaners/index.ts';
import { PROPERTY_NAMES, parseProperties } from '#functions/schemas/custom-resource-properties.ts';
import { section, templateOf, textOf } from '#test/templates/cloudformation.ts';
import { markdownOf } from './markdown.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FILES = globSync('**/*.md', { cwd: ROOT, exclude: ['node_modules', '.*', '.*/**', 'node_modules/**'] }).sort();
/** Paths in these are given from the root. */
const FROM_ROOT = FILES.filter((file) => !file.startsWith('examples/'));
const READMES = ['README.md', 'README.ja.md'] as const;
const english = markdownOf(textOf('README.md'));
const japanese = markdownOf(textOf('README.ja.md'));

/** The code span of a table's cell. */
function named(cell: string | undefined): string | undefined {
  return /`([^`]+)`/.exec(cell ?? '')?.[1];
}

it('finds the documents', () => {
  expect(FILES).toEqual(expect.arrayContaining(['README.md', 'README.ja.md', 'CONTRIBUTING.md', 'emulator/README.md']));
  expect(FILES.filter((file) => file.startsWith('docs/adr/')).length).toBeGreaterThan(0);
  expect(FILES.filter((file) => file.includes('node_modules'))).toEqual([]);
});

describe.each(FILES)('%s', (file) => {
  const text = textOf(file);

  it('links to files that exist', () => {
    const relative = markdownOf(text).links.filter((target) => !/^(https:|#)/.test(target));
    expect(relative.filter((target) => !existsSync(join(ROOT, dirname(file), target)))).toEqual([]);
  });

  it('names npm scripts and sections of samconfig.toml that exist', () => {
    const scripts: Record<string, string> = JSON.parse(textOf('package.json')).scripts;
    const named = [...text.matchAll(/npm run (?:--silent )?([a-z:]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);

    const samconfig = textOf('samconfig.toml');
    const sections = [...text.matchAll(/--config-env ([\w-]+)/g)].map(([, name = '']) => name);
    expect(sections.filter((name) => !samconfig.includes(`[${name}.deploy.parameters]`))).toEqual([]);
  });

  it('holds no path of somebody’s machine and no address of a package registry', () => {
    expect(text).not.toMatch(/(?<![\w.~-])\/(work|root|home|tmp|Users|var|opt|mnt)\//);
    expect(text).not.toMatch(/registry\.[\w-]+\.\w+|pypi\.org|files\.pythonhosted|artifactory|nexus/i);
  });
});

it.each(FROM_ROOT)('%s names paths that exist', (file) => {
  const paths = textOf(file).match(
    /(?<![\w/.-])(?:functions|pipeline|examples|emulator|scripts|events|test|docs)\/[\w./-]*/g,
  );
  const wrong = (paths ?? []).map((path) => path.replace(/\.$/, '')).filter((path) => !existsSync(join(ROOT, path)));
  expect(wrong).toEqual([]);
});

describe.each(READMES)('%s', (file) => {
  const { tables, codeSpans, codeBlocks } = markdownOf(textOf(file));

  it('lists exactly the resource types that have a cleaner', () => {
    expect(tables[0]?.map(([type]) => named(type)).sort()).toEqual(CLEANERS.map(({ type }) => type).sort());
  });

  it('lists exactly the properties of Custom::CleanExit, with their defaults', () => {
    const rows = tables.find((table) => table.some(([name]) => named(name) === 'ServiceToken')) ?? [];
    expect(rows.map(([name]) => named(name)).sort()).toEqual([...PROPERTY_NAMES].sort());

    const { properties } = parseProperties({});
    const defaults = new Map(Object.entries(properties).map(([name, value]) => [name.toLowerCase(), value]));
    const told = rows.filter(([, value]) => /true|false/.test(value ?? ''));
    expect(told.length).toBe([...defaults.values()].filter((value) => typeof value === 'boolean').length);
    for (const [name, value] of told) {
      expect(`${named(name)}: ${named(value)}`).toBe(
        `${named(name)}: ${defaults.get(named(name)?.toLowerCase() ?? '')}`,
      );
    }
  });

  it('names parameters, outputs and resources that its templates have', () => {
    const known = new Set<string>([...PROPERTY_NAMES, ...AWS_WORDS]);
    for (const path of ['template.yaml', ...globSync('pipeline/*.yaml', { cwd: ROOT })]) {
      const template = templateOf(path);
      for (const part of ['Parameters', 'Resources', 'Outputs']) {
        if (part in template) {
          for (const [name] of section(template, part)) {
            known.add(name);
          }
        }
      }
    }
    const spans = codeSpans.flatMap((span) => /^([A-Z][a-z]\w*[a-z])(=\w+|: \w+)?$/.exec(span)?.[1] ?? []);
    const queried = codeBlocks.flatMap((block) =>
      [...block.matchAll(/OutputKey=='(\w+)'/g)].map(([, key = '']) => key),
    );
    expect([...spans, ...queried].filter((name) => !known.has(name))).toEqual([]);
    expect(spans.length).toBeGreaterThan(10);
  });

  it('calls the functions by the names that they have', () => {
    const functions = section(templateOf('template.yaml'), 'Resources').map(([, resource]) => JSON.stringify(resource));
    for (const name of ['clean-exit-build-notice', 'clean-exit-custom-resource']) {
      expect(textOf(file)).toContain(name);
      expect(functions.some((resource) => resource.includes(`"FunctionName":"${name}"`))).toBe(true);
    }
  });
});

/** Names in the READMEs that are AWS's own. */
const AWS_WORDS = ['Retain', 'Snapshot', 'RetainExceptOnCreate', 'DeletionPolicy', 'EmptyOnDelete', 'DependsOn'];

describe('README.ja.md says what README.md says', () => {
  it('in the same code', () => {
    expect(japanese.codeBlocks).toEqual(english.codeBlocks);
  });

  it('in the same sections and tables', () => {
    expect(japanese.headings).toEqual(english.headings);
    expect(japanese.tables.map(({ length }) => length)).toEqual(english.tables.map(({ length }) => length));
  });

  it('with the same names', () => {
    const names = ({ codeSpans }: typeof english) => [...new Set(codeSpans)].sort();
    expect(names(japanese)).toEqual(names(english));
  });

  it('with the same links, to the Japanese document where there is one', () => {
    const targets = ({ links }: typeof english) =>
      [...new Set(links.map((link) => link.replace('.ja.', '.').replace('/ja_jp/', '/')))].sort();
    expect(targets(japanese)).toEqual(targets(english));
    expect(japanese.links).toContain('examples/batch-job/README.ja.md');
  });
});
