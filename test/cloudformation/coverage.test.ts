import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asAttribute, notCovered } from '#functions/cloudformation/coverage.ts';
import { parseTemplate } from '#functions/core/template.ts';

const CLEANABLE = new Set(['AWS::ECR::Repository', 'AWS::IAM::Role']);

function uncovered(cleanExit: string, others = '  Repo: { Type: AWS::ECR::Repository }'): readonly string[] {
  const text = `Resources:\n${others}\n  CleanExit:\n    Type: Custom::CleanExit\n${cleanExit.replace(/^(?=.)/gm, '    ')}\n`;
  return notCovered(parseTemplate(text), 'CleanExit', CLEANABLE);
}

describe('notCovered', () => {
  it('names what the custom resource does not depend on', () => {
    expect(uncovered('')).toEqual(['Repo']);
  });

  it.each([
    'DependsOn: Repo',
    'DependsOn: [Other, Repo]',
    'Properties: { A: !Ref Repo }',
    'Properties: { A: { Ref: Repo } }',
    'Properties: { A: !GetAtt Repo.Arn }',
    'Properties: { A: !GetAtt [Repo, Arn] }',
    'Properties: { A: { Fn::GetAtt: Repo.Arn } }',
    "Properties: { A: !Sub 'x-${Repo}' }",
    "Properties: { A: !Sub '${AWS::Region}${Repo.Arn}' }",
    "Properties: { A: !Sub ['${V}', { V: !Ref Repo }] }",
    "Properties: { A: !Sub ['${Repo}-${V}', { V: x }] }",
    "Properties: { A: [{ B: !Join ['', [!If [C, !Ref Repo, !Ref AWS::NoValue]]] }] }",
  ])('knows the dependency of %s', (cleanExit) => {
    expect(uncovered(cleanExit)).toEqual([]);
  });

  it.each([
    'Metadata: { A: !Ref Repo }',
    'Properties: { A: Repo }',
    "Properties: { A: !Sub '${!Repo}' }",
    "Properties: { A: !Sub ['${Repo}', { Repo: x }] }",
    'DependsOn: Repository',
  ])('sees no dependency in %s', (cleanExit) => {
    expect(uncovered(cleanExit)).toEqual(['Repo']);
  });

  it('follows dependencies through other resources', () => {
    const others = `
  Repo: { Type: AWS::ECR::Repository }
  Project: { Type: AWS::CodeBuild::Project, DependsOn: Middle }
  Middle: { Type: AWS::SNS::Topic, Properties: { Name: !Ref Repo } }`;
    expect(uncovered('DependsOn: Project', others)).toEqual([]);
  });

  it('does not take the opposite direction for a dependency', () => {
    expect(uncovered('', '  Repo: { Type: AWS::ECR::Repository, DependsOn: CleanExit }')).toEqual(['Repo']);
  });

  it('counts every nested stack, and no type without a cleaner', () => {
    const others = `
  Child: { Type: AWS::CloudFormation::Stack }
  Topic: { Type: AWS::SNS::Topic }
  Role: { Type: AWS::IAM::Role }`;
    expect(uncovered('', others)).toEqual(['Child', 'Role']);
  });

  it.each([
    ['Retain', []],
    ['Snapshot', []],
    ['Strange', []],
    ['RetainExceptOnCreate', ['Repo']],
    ['Delete', ['Repo']],
  ])('with DeletionPolicy %s names %j', (policy, expected) => {
    expect(uncovered('', `  Repo: { Type: AWS::ECR::Repository, DeletionPolicy: ${policy} }`)).toEqual(expected);
  });

  it('has an end where resources go round in a circle', () => {
    const others = `
  A: { Type: AWS::IAM::Role, DependsOn: B }
  B: { Type: AWS::IAM::Role, DependsOn: A }`;
    expect(uncovered('DependsOn: A', others)).toEqual([]);
  });

  it('names everything where the template does not know the custom resource', () => {
    expect(
      notCovered(parseTemplate('Resources: { Repo: { Type: AWS::ECR::Repository } }'), 'constructor', CLEANABLE),
    ).toEqual(['Repo']);
  });
});

describe('asAttribute', () => {
  it('is empty where nothing is left out', () => {
    expect(asAttribute([])).toBe('');
    expect(asAttribute(['A', 'B'])).toBe('A,B');
  });

  it('is cut at whole names, so that the answer keeps its room', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9]{1,255}$/);
    fc.assert(
      fc.property(fc.array(name, { maxLength: 500 }), (names) => {
        const text = asAttribute(names);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1503);
        const listed = text === '' ? [] : text.split(',');
        const cut = listed.at(-1) === '…';
        expect(names.slice(0, listed.length - (cut ? 1 : 0))).toEqual(cut ? listed.slice(0, -1) : listed);
        expect(cut || listed.length === names.length).toBe(true);
      }),
    );
  });
});
