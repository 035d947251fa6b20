import type { Cleaner, CleanerDefinition, RunContext } from '../core/cleaner.ts';
import { NOTHING_DONE } from '../core/cleaner.ts';
import type { Content, Finding, StackResource, Stage, StepResult } from '../core/model.ts';
import { refOf } from '../core/ownership.ts';
import type { Ports } from '../core/ports/index.ts';
import { assertNever } from '../errors.ts';
import { emptyShelf, sweepShelf } from './empty-out.ts';
import { carriesKeepTag, keptRefusal } from './keep-tag.ts';
import { otherOwner } from './other-owner.ts';
import { firstPage } from './pages.ts';
import { absent } from './results.ts';
import type { Shelf } from './sweep.ts';

const KIND = 'report';

/**
 * Deletes the reports of a report group, which DeleteReportGroup refuses to delete while it holds one. With
 * `DeleteReports: true` in the deployed template CloudFormation has CodeBuild delete them, so that is left to it.
 * https://docs.aws.amazon.com/codebuild/latest/APIReference/API_DeleteReportGroup.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-codebuild-reportgroup.html
 */
export const codeBuildReportGroup = {
  type: 'AWS::CodeBuild::ReportGroup',
  create: (ports: Ports): Cleaner => new CodeBuildReportGroupCleaner(ports),
} as const satisfies CleanerDefinition;

class CodeBuildReportGroupCleaner implements Cleaner {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  async inspect(resource: StackResource, run: RunContext): Promise<Finding> {
    const { cloudFormation, codeBuild } = this.#ports;
    // The physical id of a report group is its ARN.
    const group = await codeBuild.reportGroup(resource.physicalId);
    if (group === undefined) return absent(resource);
    const ofOther = await otherOwner(cloudFormation, resource, group.tags, run);
    if (ofOther !== undefined) return ofOther;

    const { things, orMore } = await firstPage(codeBuild.reports(resource.physicalId));
    const content: Content = { kind: KIND, count: things.length, ...(orMore ? { orMore } : {}) };
    const contents = things.length === 0 ? [] : [content];
    const byItself = emptiedByCloudFormation(resource);
    const blocks = things.length > 0 && !byItself;
    const found = { resource: refOf(resource), exists: true, contents, blocks, notes: [] };
    if (carriesKeepTag(group.tags)) return { ...found, stages: [], refusal: keptRefusal(resource, blocks) };
    if (byItself) return { ...found, stages: [] };
    // An empty one is looked at again too: a build that runs now may report before the group is deleted.
    return { ...found, stages: things.length === 0 ? ['verify'] : ['drain', 'verify'] };
  }

  async work(stage: Stage, resource: StackResource, run: RunContext): Promise<StepResult> {
    if (run.remaining() <= 0) return { ...NOTHING_DONE, finished: false };
    switch (stage) {
      case 'drain':
        return sweepShelf(resource, this.#reports(stage, resource, run));
      case 'verify':
        return emptyShelf(resource, this.#reports(stage, resource, run), this.#ports.clock);
      case 'quiesce':
      case 'seal':
      case 'logStreams':
        return NOTHING_DONE;
      default:
        return assertNever(stage);
    }
  }

  #reports(stage: Stage, { logicalId, physicalId }: StackResource, run: RunContext): Shelf<string> {
    const { codeBuild } = this.#ports;
    return {
      named: 'reports',
      blocks: true,
      batch: 1,
      list: () => codeBuild.reports(physicalId),
      idOf: (report) => report,
      kindOf: () => KIND,
      remove: async (reports) => {
        for (const report of reports) await codeBuild.deleteReport(physicalId, report);
        return [];
      },
      onRemoved: (done) => run.progress({ logicalId, stage, kind: KIND, done }),
      remaining: run.remaining,
    };
  }
}

function emptiedByCloudFormation(resource: StackResource): boolean {
  const declared = resource.declared['DeleteReports'];
  return declared === true || declared === 'true';
}
