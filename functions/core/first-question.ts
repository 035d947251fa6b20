import pMap from 'p-map';
import type { Refusal, StackTree } from './model.ts';
import type { CloudFormationPort } from './ports/index.ts';

/** ListImports has no published rate; a few side by side keep a large tree quick without being throttled. */
const IMPORTS_AT_ONCE = 4;

/** An export of a stack tree, and who imports it. */
export interface ImportedExport {
  readonly exportName: string;
  /** Name of the stack of the tree that exports it. */
  readonly stackName: string;
  /** Names of the stacks that import it and are not going with the tree; at least one. */
  readonly importers: readonly string[];
}

/**
 * Asks for every export of a tree who imports it from outside.
 *
 * @throws AwsFailure where CloudFormation cannot be asked
 */
export async function importedExports(port: CloudFormationPort, tree: StackTree): Promise<readonly ImportedExport[]> {
  const going = tree.stacks.filter((stack) => !stack.retained);
  const goingNames = new Set(going.map((stack) => stack.stackName));
  const questions = going.flatMap(({ stackName, exportNames }) =>
    exportNames.map((exportName) => ({ stackName, exportName })),
  );
  const answers = await pMap(
    questions,
    async ({ stackName, exportName }): Promise<ImportedExport> => {
      const importers = (await port.importers(exportName)).filter((importer) => !goingNames.has(importer));
      return { exportName, stackName, importers: importers.toSorted() };
    },
    { concurrency: IMPORTS_AT_ONCE },
  );
  return answers.filter(({ importers }) => importers.length > 0);
}

/**
 * Would CloudFormation refuse anyway? It does not delete a stack whose export another stack imports, and then the stack
 * lives on: emptying it first would be data loss. (Protected log groups, the other half of the question, are found by
 * their cleaner.)
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
 *
 * @param leaving names of stacks that will be gone before it is this tree's turn
 * @returns one refusal per imported export, naming every importer that stays
 */
export function importRefusals(
  imported: readonly ImportedExport[],
  leaving: ReadonlySet<string> = new Set(),
): readonly Refusal[] {
  return imported.flatMap(({ exportName, stackName, importers: all }): readonly Refusal[] => {
    const staying = all.filter((importer) => !leaving.has(importer));
    if (staying.length === 0) {
      return [];
    }
    const importers = staying.join(', ');
    return [
      {
        code: 'EXPORT_IMPORTED',
        sentence: `Export ${exportName} of stack ${stackName} is imported by ${importers}, so CloudFormation cannot delete it; nothing is removed.`,
        remedy:
          staying.length === 1
            ? `Delete ${importers} first, or take the import out of it, then delete this stack again.`
            : 'Delete these stacks first, or take the import out of them, then delete this stack again.',
        stops: 'everything',
        blocks: true,
      },
    ];
  });
}
