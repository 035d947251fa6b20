import type { Home } from './arn.ts';

/** The suffix of S3's hosts, by partition. https://docs.aws.amazon.com/general/latest/gr/s3.html */
const SUFFIX: Readonly<Record<string, string>> = {
  aws: 'amazonaws.com',
  'aws-us-gov': 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-eusc': 'amazonaws.eu',
};

/**
 * Is this the address at which CloudFormation takes answers of this Region? A request is believed only that far: whoever may
 * invoke the function could otherwise have it send anything anywhere.
 *
 * The bucket is `cloudformation-custom-resource-response-REGION`, the Region written without dashes, addressed in any of S3's
 * three spellings.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-vpce-bucketnames.html
 *
 * @param emulatorHost host and port of an emulator on the loopback interface, empty for none; plain http is for it alone
 */
export function isResponseUrl(responseUrl: string, { partition, region }: Home, emulatorHost: string): boolean {
  const url = URL.parse(responseUrl);
  if (url?.username !== '' || url.password !== '') {
    return false;
  }
  if (url.protocol === 'http:') {
    return url.host === emulatorHost;
  }
  const suffix = SUFFIX[partition];
  if (url.protocol !== 'https:' || suffix === undefined) {
    return false;
  }
  const bucket = `cloudformation-custom-resource-response-${region.replaceAll('-', '')}`;
  return [`s3.${suffix}`, `s3.${region}.${suffix}`, `s3-${region}.${suffix}`].some(
    // `host`, not `hostname`: another port is another place.
    (service) => url.host === `${bucket}.${service}`,
  );
}
