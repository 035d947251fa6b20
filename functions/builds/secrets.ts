import type { BuildStateChange } from '../schemas/build-event.ts';
import { placeOf } from './place.ts';

/** Takes secrets out of a text about one build. A function, so that what it hides is never stored, logged or sent. */
export type BuildMask = (text: string) => string;

const MASK = '***';
/** Shorter values (`main`, `true`) are part of ordinary words and would make a log unreadable. */
const SHORTEST_MASKED = 6;
/** Values that say nothing; as long as a secret, but everywhere in a log. */
const COMMON = new Set(
  'master latest default production staging development release enabled disabled python linux windows docker'.split(
    ' ',
  ),
);

/**
 * Words in a name whose value is a secret. Some packages and services only sound like one: tokenizers, SecretStorage,
 * secretsmanager.
 */
const SECRET_WORD =
  'passw(?:or)?d|passphrase|pwd|secret(?!storage|s?[-_ ]?manager)|token(?!iz)|api[-_]?key|access[-_]?key|private[-_]?key|signing[-_]?key|encryption[-_]?key|credential|_auth';
/** In quotes, else up to the next space. */
const VALUE = `"(?:[^"\\\\\\n]|\\\\.)*"?|'[^'\\n]*'?|\\S+`;
/** A reference to a variable is not its value. */
const NOT_REFERENCE = `(?!["']?\\$\\{?[A-Z_][A-Z0-9_]*\\}?["']?(?:\\s|$))`;

const RULES: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // Whole keys; the beginning or the end of one may be cut off.
  [
    /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
    MASK,
  ],
  [/(?:^[A-Za-z0-9+/=]{16,}[ \t\r]*\n)+(?=-----END [A-Z0-9 ]*PRIVATE KEY)/gm, `${MASK}\n`],
  // https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
  [/(https?:\/\/hooks\.slack(?:-gov)?\.com\/)[^\s"'<>]+/gi, `$1${MASK}`],
  // User and password of an address; a password may hold an @ or, against the standard, a slash. Not a port.
  [/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s:/?#@"'<>]*:(?!\d{1,5}(?:\/|$))[^\s"'<>]{1,500}@/gi, `$1${MASK}@`],
  [/([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#"'<>]{1,500}@/gi, `$1${MASK}@`],
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
  [/(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}/g, MASK],
  [/(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9+/=]{20,}/g, MASK],
  // https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
  [/gh[pousr]_[A-Za-z0-9]{16,}/g, MASK],
  [/github_pat_[A-Za-z0-9_]{16,}/g, MASK],
  // https://docs.slack.dev/authentication/tokens
  [/(?:xoxe\.)?xox[a-z]-[A-Za-z0-9-]{8,}|xapp-[A-Za-z0-9-]{8,}|xoxe-[A-Za-z0-9-]{8,}/g, MASK],
  // JSON in base64: JWTs, the passwords of ECR, Docker's credentials.
  [/eyJ[A-Za-z0-9_+/=-]{8,}(?:\.[A-Za-z0-9_+/=-]*){2}|eyJ[A-Za-z0-9_+/=-]{40,}/g, MASK],
  [/npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{16,}|glpat-[A-Za-z0-9_-]{16,}|dckr_pat_[A-Za-z0-9_-]{16,}/g, MASK],
  [/hf_[A-Za-z0-9]{30,}|AIza[A-Za-z0-9_-]{35}|[sr]k_live_[A-Za-z0-9]{16,}/g, MASK],
  [/(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{32,}/g, MASK],
  [/(authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:(?:bearer|basic|token|digest)\s+)?)[^\s"']+/gi, `$1${MASK}`],
  [/(bearer\s+)[A-Za-z0-9._~+/=-]{16,}/gi, `$1${MASK}`],
  // Options of commands.
  [/(docker\s+login\b[^\n]{0,300}?\s-p[ =]?)(?:"[^"\n]*"?|'[^'\n]*'?|\S+)/gi, `$1${MASK}`],
  [/(\bcurl\b[^\n]{0,300}?\s(?:-u|--user)[ =]?)(?:"[^"\n]*"?|'[^'\n]*'?|\S+)/gi, `$1${MASK}`],
  [new RegExp(`(--?[\\w-]{0,30}?(?:${SECRET_WORD})\\s+)${NOT_REFERENCE}(?:${VALUE})`, 'gi'), `$1${MASK}`],
  // NAME=value, name = "value"
  [
    new RegExp(`((?:${SECRET_WORD})[\\w.-]{0,40}["']?[ \\t]{0,3}=[ \\t]{0,3})${NOT_REFERENCE}(?:${VALUE})`, 'gi'),
    `$1${MASK}`,
  ],
  // "name": "value", name: value
  [
    new RegExp(
      `((?:${SECRET_WORD})[\\w.-]{0,40}(?:["'][ \\t]{0,3}:[ \\t]{0,3}|[ \\t]{0,3}:[ \\t]{1,3}))${NOT_REFERENCE}(?:${VALUE})`,
      'gi',
    ),
    `$1${MASK}`,
  ],
  [/("auth"\s{0,3}:\s{0,3}")[^"\n]+/g, `$1${MASK}`],
  // name:value; not in the middle of an ARN or of an image's name.
  [new RegExp(`((?:^|[\\s"'{,(\\[])\\w{0,30}?(?:${SECRET_WORD}):)${NOT_REFERENCE}(?:${VALUE})`, 'gim'), `$1${MASK}`],
  // A secret access key by itself: 40 characters of base64, which is no digest in hexadecimal.
  [
    /(?<![A-Za-z0-9/+=_.-])(?=[A-Za-z0-9+/]{0,39}[A-Z])(?=[A-Za-z0-9+/]{0,39}[a-z])(?=[A-Za-z0-9+/]{0,39}\d)[A-Za-z0-9+][A-Za-z0-9/+]{39}(?![A-Za-z0-9/+=_.-])/g,
    MASK,
  ],
];

/**
 * Takes out what looks like a secret: keys of AWS, tokens of GitHub, Slack, npm and others, passwords in addresses and
 * in assignments, private keys. Digests, commits and names of images stay.
 *
 * @param text whole, not clipped: half a secret is not recognised
 * @param values further texts to take out, whatever they look like
 */
export function maskSecrets(text: string, values: readonly string[] = []): string {
  const named = values.reduce((masked, value) => masked.replaceAll(value, MASK), text);
  return RULES.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), named);
}

/**
 * The mask of one build: what looks like a secret, and every value of its plaintext environment variables, which travel
 * in the event. What the notice names anyway (project, account, Region, image) is no secret and stays.
 */
export function buildMask(event: BuildStateChange): BuildMask {
  const info = event.detail['additional-information'];
  const { buildId, project, account, region } = placeOf(event);
  const image = info?.['exported-environment-variables']?.find((variable) => variable?.name === 'IMAGE_URI')?.value;
  const known = [buildId, project, account, region, image].filter((word) => word !== undefined);
  const values = (info?.environment?.['environment-variables'] ?? [])
    // CodeBuild sets these itself: the branch, the event. A log is about them.
    .filter((variable) => variable?.name.startsWith('CODEBUILD_WEBHOOK_') !== true)
    .map((variable) => variable?.value?.trim() ?? '')
    .filter((value) => !known.some((word) => word.includes(value)))
    .flatMap(spellings)
    .filter((value) => value.length >= SHORTEST_MASKED && !COMMON.has(value.toLowerCase()));
  // The longest first: one value may be part of another.
  const longestFirst = [...new Set(values)].sort((a, b) => b.length - a.length);
  return (text) => maskSecrets(text, longestFirst);
}

/** A value that is longer may be cut off where a line ends: its parts are taken out too. */
const LONG = 100;
const PART = 40;
const MOST_PARTS = 200;

/** How a value may stand in a log: as it is, line by line, in an address, in JSON, in base64, in parts. */
function spellings(value: string): string[] {
  const lines = value.split(/\r\n|[\n\r]/).map((line) => line.trim());
  const wellFormed = value.toWellFormed();
  const parts = value.length > LONG ? (value.match(new RegExp(`[^]{1,${PART}}`, 'g')) ?? []).slice(0, MOST_PARTS) : [];
  return value.length < SHORTEST_MASKED || COMMON.has(value.toLowerCase())
    ? []
    : [
        value,
        ...lines,
        ...parts,
        encodeURIComponent(wellFormed),
        JSON.stringify(wellFormed).slice(1, -1),
        Buffer.from(wellFormed).toString('base64').replace(/=+$/, ''),
      ];
}
