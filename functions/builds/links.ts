import type { BuildPlace } from './place.ts';

/** Console hosts by partition. Elsewhere no link is better than a wrong one. */
const CONSOLE = new Map([
  ['aws', 'console.aws.amazon.com'],
  ['aws-cn', 'console.amazonaws.cn'],
  ['aws-us-gov', 'console.amazonaws-us-gov.com'],
]);
const REGION = /^[a-z]{2,4}(-[a-z]+){1,3}-\d{1,2}$/;
const ACCOUNT = /^\d{12}$/;

/** Percent-encodes any text, lone surrogates included, so that it can stand in a link. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*~]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function consoleOrigin(place: BuildPlace): string | undefined {
  const host = CONSOLE.get(place.partition ?? '');
  return host === undefined || place.region === undefined || !REGION.test(place.region)
    ? undefined
    : `https://${place.region}.${host}`;
}

/** The build's page in the CodeBuild console. */
export function buildLink(place: BuildPlace): string | undefined {
  const origin = consoleOrigin(place);
  const { account = '', project, uuid } = place;
  if (origin === undefined || !ACCOUNT.test(account) || !project || !uuid) {
    return undefined;
  }
  const build = `${encode(project)}%3A${encode(uuid)}`;
  return `${origin}/codesuite/codebuild/${account}/projects/${encode(project)}/build/${build}/?region=${place.region}`;
}

/**
 * The log stream's page in the CloudWatch console. Events of builds that never got a stream say `null` or nothing:
 * they get no link. The console wants its parameters percent-encoded twice, with `$` for `%`.
 */
export function logLink(place: BuildPlace, group: string | undefined, stream: string | undefined): string | undefined {
  const origin = consoleOrigin(place);
  if (origin === undefined || !isReal(group) || !isReal(stream)) {
    return undefined;
  }
  const part = (text: string) => encode(encode(text)).replaceAll('%', '$');
  return `${origin}/cloudwatch/home?region=${place.region}#logsV2:log-groups/log-group/${part(group)}/log-events/${part(stream)}`;
}

/** A log group's or stream's name that is one: builds that never got that far say `null` or nothing. */
export function isReal(name: string | undefined): name is string {
  return name !== undefined && name.trim() !== '' && name.trim() !== 'null';
}

/** The commit's page on GitHub, which needs no AWS access. Other hosts are not vouched for. */
export function commitLink(sourceLocation: string | undefined, sha: string | undefined): string | undefined {
  const [, repository] = /^https:\/\/github\.com\/([\w.-]+\/[\w.-]+?)(?:\.git)?\/?$/.exec(sourceLocation ?? '') ?? [];
  return repository && sha && /^[0-9a-f]{7,64}$/i.test(sha)
    ? `https://github.com/${repository}/commit/${sha}`
    : undefined;
}

/** The repository's page in the ECR console, for an image URI of a private registry; its Region may be another one. */
export function imageLink(uri: string | undefined): string | undefined {
  const [, account, region, china, repository] =
    /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(\.cn)?|on\.aws)\/([a-z0-9._/-]+?)(?:[:@].*)?$/.exec(
      uri ?? '',
    ) ?? [];
  if (account === undefined || region === undefined || repository === undefined) {
    return undefined;
  }
  const partition = china ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  const origin = consoleOrigin({ partition, region });
  return origin && `${origin}/ecr/repositories/private/${account}/${encode(repository)}?region=${region}`;
}
