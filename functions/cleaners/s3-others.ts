import type { StackResource, StackTree } from '../core/model.ts';

/** A custom resource in either spelling. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-customresource.html */
const CUSTOM = /^(Custom::|AWS::CloudFormation::CustomResource$)/;

/**
 * The custom resource of the bucket's own stack that names the bucket, other than ours: templates have such ones empty a bucket
 * (the CDK's `Custom::S3AutoDeleteObjects` is one). CloudFormation deletes it before the bucket, and what is in the bucket until
 * then is its business.
 */
export function emptiedByAnother(bucket: StackResource, tree: StackTree): StackResource | undefined {
  const stack = tree.stacks.find(({ stackId }) => stackId === bucket.stackId);
  return stack?.resources.find(
    ({ type, declared }) => CUSTOM.test(type) && type !== 'Custom::CleanExit' && names(declared, bucket),
  );
}

/** Does a value of the template name the bucket: by a function, or by its name? */
function names(value: unknown, bucket: StackResource): boolean {
  if (typeof value === 'string') return value === bucket.physicalId;
  if (Array.isArray(value)) return value.some((each) => names(each, bucket));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, argument]) => {
    if (key === 'Ref') return argument === bucket.logicalId;
    if (key === 'Fn::GetAtt') return firstPart(argument) === bucket.logicalId;
    if (key === 'Fn::Sub') return substitutes(argument, bucket.logicalId);
    return names(argument, bucket);
  });
}

/** `[Name, Attribute]` or `Name.Attribute`. */
function firstPart(argument: unknown): unknown {
  return Array.isArray(argument) ? argument[0] : typeof argument === 'string' ? argument.split('.')[0] : undefined;
}

function substitutes(argument: unknown, logicalId: string): boolean {
  const [text, values] = Array.isArray(argument) ? argument : [argument];
  const own = typeof values === 'object' && values !== null && Object.hasOwn(values, logicalId);
  return typeof text === 'string' && !own && (text.includes(`\${${logicalId}}`) || text.includes(`\${${logicalId}.`));
}
