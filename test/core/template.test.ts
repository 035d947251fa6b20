import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parseTemplate } from '#functions/core/template.ts';
import { BadRequest } from '#functions/errors.ts';

const resource = (body: string) => parseTemplate(`Resources:\n  It:\n${body.replace(/^/gm, '    ')}\n`).resources['It'];

describe('parseTemplate', () => {
  it('reads JSON and YAML alike', () => {
    const body = { Resources: { Repo: { Type: 'AWS::ECR::Repository', Properties: { RepositoryName: 'a' } } } };
    const expected = {
      type: 'AWS::ECR::Repository',
      deletionPolicy: 'Delete',
      properties: { RepositoryName: 'a' },
      dependsOn: [],
      raw: body.Resources.Repo,
    };
    expect(parseTemplate(JSON.stringify(body, null, '\t')).resources['Repo']).toEqual(expected);
    expect(parseTemplate(stringify(body)).resources['Repo']).toEqual(expected);
    expect(
      parseTemplate('{ Resources: { Repo: { Type: AWS::ECR::Repository, Properties: {RepositoryName: a} } } }')
        .resources['Repo'],
    ).toEqual(expected);
  });

  it.each([
    ['!Ref Repo', { Ref: 'Repo' }],
    ['!Condition IsProd', { Condition: 'IsProd' }],
    ['!GetAtt Repo.Arn', { 'Fn::GetAtt': ['Repo', 'Arn'] }],
    ['!GetAtt Child.Outputs.Name', { 'Fn::GetAtt': ['Child', 'Outputs.Name'] }],
    ['!GetAtt [Repo, Arn]', { 'Fn::GetAtt': ['Repo', 'Arn'] }],
    ["!Sub '${Repo}-x'", { 'Fn::Sub': '${Repo}-x' }],
    ["!Sub ['${V}', { V: !Ref Repo }]", { 'Fn::Sub': ['${V}', { V: { Ref: 'Repo' } }] }],
    ["!Join ['-', [!Ref A, !GetAtt B.C]]", { 'Fn::Join': ['-', [{ Ref: 'A' }, { 'Fn::GetAtt': ['B', 'C'] }]] }],
    ['!Base64 { "Fn::Sub": x }', { 'Fn::Base64': { 'Fn::Sub': 'x' } }],
    ['true', true],
    ["'true'", 'true'],
    ['60', 60],
    ['012345678901', '012345678901'],
    ['2012-10-17', '2012-10-17'],
    ['', null],
  ])('turns the value %s into its long form', (yaml, expected) => {
    expect(resource(`Type: T\nProperties:\n  P: ${yaml}`)?.properties).toEqual({ P: expected });
  });

  it.each([
    ['Delete', 'Delete'],
    ['Retain', 'Retain'],
    ['RetainExceptOnCreate', 'RetainExceptOnCreate'],
    ['Snapshot', 'Snapshot'],
    ['retain', 'Unknown'],
    ['!Ref Policy', 'Unknown'],
    ['[Retain]', 'Unknown'],
    ['true', 'Unknown'],
  ])('reads DeletionPolicy %s as %s', (yaml, expected) => {
    expect(resource(`Type: AWS::ECR::Repository\nDeletionPolicy: ${yaml}`)?.deletionPolicy).toBe(expected);
  });

  it.each([
    ['AWS::ECR::Repository', '{}', 'Delete'],
    ['AWS::RDS::DBCluster', '{}', 'Snapshot'],
    ['AWS::RDS::DBInstance', '{}', 'Snapshot'],
    ['AWS::RDS::DBInstance', '{ DBClusterIdentifier: !Ref C }', 'Delete'],
  ])('takes the default of %s with %s for an absent DeletionPolicy: %s', (type, properties, expected) => {
    expect(resource(`Type: ${type}\nProperties: ${properties}`)?.deletionPolicy).toBe(expected);
  });

  it('reads DependsOn as a list, whichever form it has', () => {
    expect(resource('Type: T\nDependsOn: A')?.dependsOn).toEqual(['A']);
    expect(resource('Type: T\nDependsOn: [A, B]')?.dependsOn).toEqual(['A', 'B']);
    expect(resource('Type: T\nDependsOn: {}')?.dependsOn).toEqual([]);
  });

  it('takes the last of a key that stands twice', () => {
    const text = 'Resources: { A: { Type: T, DeletionPolicy: Retain, DeletionPolicy: Delete }, A: { Type: U } }';
    expect(parseTemplate(text).resources['A']).toMatchObject({ type: 'U', deletionPolicy: 'Delete' });
  });

  it('knows no resource that the template does not declare', () => {
    const { resources } = parseTemplate('Resources: { toString: { Type: T } }');
    expect(resources['toString']?.type).toBe('T');
    expect(resources['constructor']).toBeUndefined();
  });

  it('follows aliases once each, however they multiply', () => {
    const levels = Array.from({ length: 40 }, (_, n) => `  L${n + 1}: &l${n + 1} [*l${n}, *l${n}]`);
    const bomb = `Metadata:\n  L0: &l0 x\n${levels.join('\n')}\nResources:\n  R: { Type: T, Properties: &p { A: 1 } }\n  S: { Type: T, Properties: *p }\n`;
    expect(parseTemplate(bomb).resources['S']?.properties).toEqual({ A: 1 });
  });

  it.each([
    ['', 'no Resources section'],
    ['[]', 'no Resources section'],
    ['{}', 'no Resources section'],
    ['Resources: []', 'no Resources section'],
    ['Resources: { A: ', 'cannot be read'],
    ['Resources:\n  A: &a { Type: T, Properties: { P: *a } }', 'an alias contains itself'],
  ])('refuses %j', (text, message) => {
    expect(() => parseTemplate(text)).toThrow(BadRequest);
    expect(() => parseTemplate(text)).toThrow(message);
  });

  it('reads back whatever JSON a template holds', () => {
    const logicalId = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,20}$/);
    const json = fc
      .dictionary(fc.string({ minLength: 1 }), fc.jsonValue())
      .filter((value) => !Object.hasOwn(value, '__proto__'));
    fc.assert(
      fc.property(fc.dictionary(logicalId, json), (properties) => {
        const resources = Object.fromEntries(
          Object.entries(properties).map(([id, body]) => [id, { Type: 'T', Properties: body }]),
        );
        const text = JSON.stringify({ Resources: resources });
        const parsed = parseTemplate(text).resources;
        expect(Object.keys(parsed)).toEqual(Object.keys(JSON.parse(text).Resources));
        for (const [id, body] of Object.entries(properties)) {
          expect(JSON.stringify(parsed[id]?.properties)).toBe(JSON.stringify(body));
        }
      }),
    );
  });
});
