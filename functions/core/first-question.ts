import pMap from 'p-map';
import type { Refusal, StackTree } from './model.ts';
import type { CloudFormationPort } from './ports/index.ts';

/** ListImports has no published rate; a few side by side keep a large tree quick without being throttled. */
const IMPORTS_AT_ONCE = 4;

/**
 * Would CloudFormation refuse anyway? It does not delete a stack whose export another stack imports, and then the stack
 * lives on: emptying it first would be data loss. (Protected log groups, the other half of the question, are found by
 * their cleaner.)
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
 *
 * @returns one refusal per imported export, naming every importer outside the tree
 */
export async function importedExports(port: CloudFormationPort, tree: StackTree): Promise<readonly Refusal[]> {
  const going = tree.stacks.filter((stack) => !stack.retained);
  const goingNames = new Set(going.map((stack) => stack.stackName));
  const questions = going.flatMap((stack) => stack.exportNames.map((name) => ({ stack, name })));
  const refusals = await pMap(
    questions,
    async ({ stack, name }): Promise<readonly Refusal[]> => {
      const outside = (await port.importers(name)).filter((importer) => !goingNames.has(importer));
      if (outside.length === 0) {
        return [];
      }
      const importers = outside.toSorted().join(', ');
      return [
        {
          code: 'EXPORT_IMPORTED',
          sentence: `Export ${name} of stack ${stack.stackName} is imported by ${importers}, so CloudFormation cannot delete it; nothing is removed.`,
          remedy:
            outside.length === 1
              ? `Delete ${importers} first, or take the import out of it, then delete this stack again.`
              : 'Delete these stacks first, or take the import out of them, then delete this stack again.',
          stops: 'everything',
          blocks: true,
        },
      ];
    },
    { concurrency: IMPORTS_AT_ONCE },
  );
  return refusals.flat();
}
