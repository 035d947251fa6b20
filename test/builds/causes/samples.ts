import type { Evidence } from '#functions/builds/causes/cause.ts';
import type { CauseCode } from '#functions/builds/causes/index.ts';

export interface Sample {
  readonly cause: CauseCode;
  readonly evidence: Evidence;
  /** Words that the English sentence or the next step must hold: what was captured. */
  readonly says?: string;
}

/** A command of the buildspec failed; the log tells why. */
function command(log: string, { phase = 'BUILD', reason = 'exit status 1' } = {}): Evidence {
  return { status: 'FAILED', phase, code: 'COMMAND_EXECUTION_ERROR', reason, log: log.split('\n') };
}

/** CodeBuild itself said why, in the phase's context. */
function said(phase: string, code: string | undefined, reason: string, log: readonly string[] = []): Evidence {
  return { status: 'FAILED', phase, code, reason, log };
}

const YAML = (reason: string) => said('DOWNLOAD_SOURCE', 'YAML_FILE_ERROR', reason);
const SOURCE = (reason: string) => said('DOWNLOAD_SOURCE', 'CLIENT_ERROR', reason);
const POST = { phase: 'POST_BUILD' };
const REGISTRY = '123456789012.dkr.ecr.ap-northeast-1.amazonaws.com';
const ROLE = 'arn:aws:sts::123456789012:assumed-role/xxxx-build/AWSCodeBuild-0c5d1f3e';

/** Messages in the shapes that the tools really write; names, versions and numbers are made up. */
export const SAMPLES: readonly Sample[] = [
  { cause: 'stopped', evidence: { status: 'STOPPED', phase: 'BUILD', log: [] }, says: 'does not tell who' },
  {
    cause: 'stopped',
    evidence: { status: 'STOPPED', phase: 'BUILD', log: [], stoppedBy: 'hanako' },
    says: 'hanako stopped',
  },
  { cause: 'queue-timeout', evidence: { status: 'TIMED_OUT', phase: 'QUEUED', log: [] } },
  {
    cause: 'build-timeout',
    evidence: {
      status: 'TIMED_OUT',
      phase: 'BUILD',
      code: 'BUILD_TIMED_OUT',
      reason: 'Build has timed out.',
      log: ['Downloading model (3/900)'],
    },
  },
  {
    cause: 'codebuild-fault',
    evidence: {
      status: 'FAULT',
      phase: 'PROVISIONING',
      code: 'INTERNAL_SERVICE_ERROR',
      reason: 'CodeBuild is experiencing an issue',
      log: [],
    },
  },

  {
    cause: 'source-connection-pending',
    evidence: SOURCE('Connection arn:aws:codeconnections:ap-northeast-1:123456789012:connection/0c5d is not available'),
  },
  {
    cause: 'source-auth',
    evidence: SOURCE('authentication required for primary source and source version refs/heads/main'),
  },
  {
    cause: 'source-auth',
    evidence: SOURCE("Git clone failed: could not read Username for 'https://github.com': terminal prompts disabled"),
  },
  {
    cause: 'source-no-access',
    evidence: SOURCE('authorization failed for primary source and source version 3f2a9c1d'),
  },
  {
    cause: 'source-no-access',
    evidence: said(
      'DOWNLOAD_SOURCE',
      undefined,
      'AccessDenied: Access Denied status code: 403, request id: BTFH, host id: LNdK for primary source',
    ),
    says: 'S3 bucket',
  },
  {
    cause: 'source-repository-missing',
    evidence: SOURCE('repository not found for primary source and source version refs/heads/main'),
  },
  {
    cause: 'source-ref-missing',
    evidence: SOURCE('reference not found for primary source and source version refs/heads/feature/a'),
    says: 'refs/heads/feature/a',
  },
  {
    cause: 'source-webhook-missing',
    evidence: said('SUBMITTED', 'CLIENT_ERROR', 'The webhook of project xxxx was deleted'),
  },

  {
    cause: 'buildspec-missing',
    evidence: YAML('stat /codebuild/output/src568487777/src/server/tenant-buildspec.yml: no such file or directory'),
    says: 'server/tenant-buildspec.yml',
  },
  { cause: 'buildspec-missing', evidence: YAML('YAML file does not exist'), says: 'buildspec.yml' },
  {
    cause: 'buildspec-phase-name',
    evidence: YAML('invalid buildspec phase name found: PRE-BUILD. Expecting: BUILD,INSTALL,POST_BUILD,PRE_BUILD'),
    says: '“PRE-BUILD”',
  },
  { cause: 'buildspec-version', evidence: YAML('unsupported buildspec version 0.3') },
  {
    cause: 'buildspec-runtime',
    evidence: YAML(
      "Unknown runtime version named '3.19' of python. This build image has the following versions: 3.12, 3.13",
    ),
    says: 'python 3.19',
  },
  {
    cause: 'buildspec-runtime',
    evidence: YAML("Unknown runtime named 'docker'. This build image has the following runtimes: dotnet, golang"),
    says: 'docker',
  },
  { cause: 'buildspec-runtime', evidence: YAML('This build image requires selecting at least one runtime version.') },
  {
    cause: 'buildspec-command',
    evidence: YAML(
      'Expected Commands[0] to be of string type: found subkeys instead at line 6, value of the key tag on line 5 might be empty',
    ),
    says: 'line 6',
  },
  {
    cause: 'buildspec-yaml',
    evidence: YAML('mapping values are not allowed in this context at line 12'),
    says: 'line 12',
  },
  { cause: 'buildspec-yaml', evidence: YAML("did not find expected ',' or ']' at line 19"), says: 'line 19' },
  { cause: 'buildspec-yaml', evidence: YAML('wrong number of container tags, expected 1') },

  {
    cause: 'role-cannot-be-assumed',
    evidence: said(
      'SUBMITTED',
      'CLIENT_ERROR',
      'CodeBuild is not authorized to perform: sts:AssumeRole on arn:aws:iam::123456789012:role/xxxx-build',
    ),
  },
  {
    cause: 'role-no-logs',
    evidence: said(
      'SUBMITTED',
      'ACCESS_DENIED',
      'Service role arn:aws:iam::123456789012:role/xxxx-build does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams for build xxxx',
    ),
  },
  {
    cause: 'no-capacity',
    evidence: said('QUEUED', 'ACCOUNT_LIMIT_EXCEEDED', 'Cannot have more than 1 builds in queue for the account'),
    says: 'limit 1',
  },
  {
    cause: 'vpc-throttled',
    evidence: said('QUEUED', 'VPC_CLIENT_ERROR', 'Unexpected EC2 error: RequestLimitExceeded'),
  },
  { cause: 'vpc', evidence: said('PROVISIONING', 'VPC_CLIENT_ERROR', 'Unexpected EC2 error: UnauthorizedOperation') },
  { cause: 'vpc', evidence: said('QUEUED', 'INSUFFICIENT_SUBNET', 'no free address in subnet-0c5d') },
  {
    cause: 'parameter-missing',
    evidence: said('DOWNLOAD_SOURCE', undefined, 'Decrypted Variables Error: parameter does not exist: /xxxx/db-host'),
    says: '/xxxx/db-host',
  },
  {
    cause: 'parameter-missing',
    evidence: said(
      'DOWNLOAD_SOURCE',
      undefined,
      "Secrets Manager Error: ResourceNotFoundException: Secrets Manager can't find the specified secret.",
    ),
  },
  {
    cause: 'parameter-denied',
    evidence: said(
      'DOWNLOAD_SOURCE',
      undefined,
      `Decrypted Variables Error: AccessDeniedException: User: ${ROLE} is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:ap-northeast-1:123456789012:parameter/xxxx`,
    ),
  },
  {
    cause: 'parameter-denied',
    evidence: said(
      'DOWNLOAD_SOURCE',
      undefined,
      `Secrets Manager Error: AccessDeniedException: User: ${ROLE} is not authorized to perform: secretsmanager:GetSecretValue`,
    ),
  },
  {
    cause: 'artifacts-denied',
    evidence: said(
      'UPLOAD_ARTIFACTS',
      'CLIENT_ERROR',
      'Error in UPLOAD_ARTIFACTS phase: AccessDenied: Access Denied status code: 403',
    ),
  },
  {
    cause: 'artifacts-missing',
    evidence: said('UPLOAD_ARTIFACTS', 'CLIENT_ERROR', 'no matching artifact paths found'),
  },

  {
    cause: 'docker-hub-limit',
    evidence: command(
      'Step 1/34 : FROM centos:7\ntoomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit',
    ),
  },
  {
    cause: 'docker-hub-limit',
    evidence: said(
      'PROVISIONING',
      'BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE',
      "Unable to pull customer's container image. CannotPullContainerError: toomanyrequests: You have reached your unauthenticated pull rate limit.",
    ),
  },
  {
    cause: 'build-image-unavailable',
    evidence: said(
      'PROVISIONING',
      'BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE',
      `Unable to pull customer's container image. CannotPullContainerError: Error response from daemon: pull access denied for ${REGISTRY}/tools`,
    ),
  },
  {
    cause: 'build-container-dead',
    evidence: said(
      'BUILD',
      'BUILD_CONTAINER_DEAD',
      'Build container found dead before completing the build. Build container died because it was out of memory, or the Docker image is not supported. ErrorCode: 500',
    ),
  },
  {
    cause: 'docker-daemon',
    evidence: command(
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    ),
  },
  {
    cause: 'base-image-missing',
    evidence: command(
      'Error response from daemon: manifest for python:3.99-slim not found: manifest unknown: manifest unknown',
    ),
    says: 'python:3.99-slim',
  },
  {
    cause: 'base-image-missing',
    evidence: command(
      "Error response from daemon: pull access denied for team/base, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    ),
    says: 'team/base',
  },
  {
    cause: 'base-image-missing',
    evidence: command(
      '#2 ERROR: docker.io/library/rocker:9.9: not found\n------\nERROR: failed to solve: rocker:9.9: failed to resolve source metadata for docker.io/library/rocker:9.9: docker.io/library/rocker:9.9: not found',
    ),
    says: 'rocker:9.9',
  },
  {
    cause: 'dockerfile-missing',
    evidence: command('ERROR: failed to solve: failed to read dockerfile: open Dockerfile: no such file or directory'),
    says: 'Dockerfile',
  },
  {
    cause: 'dockerfile-missing',
    evidence: command(
      'unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat /codebuild/output/src1/src/Dockerfile: no such file or directory',
    ),
  },
  {
    cause: 'dockerfile-syntax',
    evidence: command(
      'ERROR: failed to build: failed to solve: dockerfile parse error on line 81: unknown instruction: echo',
    ),
    says: 'line 81: “echo”',
  },
  {
    cause: 'dockerfile-syntax',
    evidence: command('Error response from daemon: dockerfile parse error line 15: unknown instruction: SET'),
    says: 'line 15',
  },
  {
    cause: 'copy-missing',
    evidence: command(
      '#7 [ 3/14] COPY requirements.txt .\n#7 ERROR: failed to calculate checksum of ref 25309008-d3b6::58tyl2: "/requirements.txt": not found',
    ),
    says: '“requirements.txt”',
  },
  {
    cause: 'copy-missing',
    evidence: command(
      'COPY failed: file not found in build context or excluded by .dockerignore: stat data/sales.csv: file does not exist',
    ),
    says: '“data/sales.csv”',
  },
  {
    cause: 'ecr-tag-immutable',
    evidence: command(
      "49faa1768b47: Pushed\ntag invalid: The image tag 'v1.2' already exists in the 'xxxx' repository and cannot be overwritten because the repository is immutable.",
      POST,
    ),
    says: '“v1.2”',
  },
  {
    cause: 'ecr-repository-missing',
    evidence: command(
      "name unknown: The repository with name 'xxxx' does not exist in the registry with id '123456789012'",
      POST,
    ),
    says: 'xxxx',
  },
  {
    cause: 'ecr-denied',
    evidence: command(
      `denied: User: ${ROLE} is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:ap-northeast-1:123456789012:repository/xxxx because no identity-based policy allows the ecr:InitiateLayerUpload action`,
      POST,
    ),
    says: 'ecr:InitiateLayerUpload',
  },
  { cause: 'ecr-login', evidence: command('Preparing\nno basic auth credentials', POST) },
  {
    cause: 'ecr-login',
    evidence: command('denied: Your authorization token has expired. Reauthenticate and try again.', POST),
  },
  {
    cause: 'ecr-login',
    evidence: command(
      `An error occurred (AccessDeniedException) when calling the GetAuthorizationToken operation: User: ${ROLE} is not authorized to perform: ecr:GetAuthorizationToken on resource: *`,
      { phase: 'PRE_BUILD' },
    ),
  },

  {
    cause: 'disk-full',
    evidence: command('failed to register layer: write /usr/lib/libtorch.so: no space left on device'),
  },
  {
    cause: 'out-of-memory',
    evidence: command('FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory'),
  },
  {
    cause: 'out-of-memory',
    evidence: command('ERROR: process "/bin/sh -c Rscript model.R" did not complete successfully: exit code: 137'),
  },
  { cause: 'out-of-memory', evidence: command('Killed', { reason: 'exit status 137' }) },
  { cause: 'out-of-memory', evidence: command('Error: cannot allocate vector of size 3.7 Gb') },
  {
    cause: 'certificate',
    evidence: command(
      'Error response from daemon: Get "https://registry.example.com/v2/": x509: certificate signed by unknown authority',
    ),
  },
  {
    cause: 'certificate',
    evidence: command(
      "SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate'))",
    ),
  },
  {
    cause: 'network',
    evidence: command('fatal: unable to access the repository: Could not resolve host: github.example.com'),
    says: 'github.example.com',
  },
  {
    cause: 'network',
    evidence: command('error pulling image: dial tcp: lookup registry-1.docker.io on 10.0.0.2:53: no such host'),
    says: 'registry-1.docker.io',
  },
  {
    cause: 'network',
    evidence: command('npm error code ETIMEDOUT\nnpm error network This is a problem related to network connectivity.'),
  },

  {
    cause: 'network',
    evidence: command(
      "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'NewConnectionError(...)': /simple/pandas/\nERROR: Could not find a version that satisfies the requirement pandas==2.2.0 (from versions: none)",
    ),
  },
  {
    cause: 'pip-conflict',
    evidence: command(
      '#9 8.1 ERROR: Cannot install numpy==2.1.0 and pandas==1.5.0 because these package versions have conflicting dependencies.\n#9 8.1 ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/dependency-resolution/',
    ),
    says: 'numpy==2.1.0 and pandas==1.5.0',
  },
  {
    cause: 'pip-not-found',
    evidence: command(
      '#9 3.2 ERROR: Could not find a version that satisfies the requirement pandsa==2.2.0 (from versions: none)\n#9 3.2 ERROR: No matching distribution found for pandsa==2.2.0',
    ),
    says: 'pandsa==2.2.0',
  },
  {
    cause: 'python-needs-compiler',
    evidence: command(
      "#9 20.1 error: command 'gcc' failed: No such file or directory\n#9 20.1 ERROR: Failed building wheel for psycopg2",
    ),
    says: 'gcc',
  },
  {
    cause: 'python-module-missing',
    evidence: command(
      'Traceback (most recent call last):\n  File "/job/summary.py", line 3, in <module>\nModuleNotFoundError: No module named \'openpyxl\'',
    ),
    says: '“openpyxl”',
  },
  {
    cause: 'npm-conflict',
    evidence: command('npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree'),
  },
  {
    cause: 'npm-not-found',
    evidence: command(
      "npm error code E404\nnpm error 404 Not Found - GET https://registry.npmjs.org/left-padd - Not found\nnpm error 404  'left-padd@^1.0.0' is not in this registry.",
    ),
    says: 'left-padd@^1.0.0',
  },
  {
    cause: 'npm-lock',
    evidence: command(
      'npm ERR! code EUSAGE\nnpm ERR! `npm ci` can only install packages when your package.json and package-lock.json or npm-shrinkwrap.json are in sync. Please update your lock file with `npm install` before continuing.\nnpm ERR! Missing: form-data@3.0.1 from lock file',
    ),
  },
  {
    cause: 'r-not-available',
    evidence: command('Warning message:\npackage ‘tidyvers’ is not available for this version of R'),
    says: '“tidyvers”',
  },
  {
    cause: 'r-not-available',
    evidence: command("Error: (converted from warning) dependency 'caTools' is not available\nExecution halted"),
    says: '“caTools”',
  },
  {
    cause: 'r-install-failed',
    evidence: command(
      '#0 58 Warning messages:\n#0 58 1: In install.packages(c("devtools"), repos = "https://cran.example.org/") :\n#0 58   installation of package \'textshaping\' had non-zero exit status',
    ),
    says: '“textshaping”',
  },
  {
    cause: 'r-install-failed',
    evidence: command('ERROR: compilation failed for package ‘xml2’\n* removing ‘/usr/local/lib/R/site-library/xml2’'),
    says: '“xml2”',
  },
  {
    cause: 'r-package-missing',
    evidence: command('Error in library(readxl) : there is no package called ‘readxl’\nExecution halted'),
    says: '“readxl”',
  },
  {
    cause: 'apt-not-found',
    evidence: command('#6 4.0 E: Unable to locate package libxml3-dev'),
    says: '“libxml3-dev”',
  },
  { cause: 'apt-not-found', evidence: command("E: Package 'python' has no installation candidate"), says: '“python”' },

  {
    cause: 'tests-failed',
    evidence: command(
      'FAILED test_summary.py::test_total - AssertionError: 3 != 4\n=========== 2 failed, 31 passed in 4.21s ===========',
    ),
    says: '2 tests failed',
  },
  { cause: 'tests-failed', evidence: command('Tests:       1 failed, 5 passed, 6 total'), says: '1 test failed' },
  { cause: 'tests-failed', evidence: command('[ FAIL 3 | WARN 0 | SKIP 1 | PASS 40 ]'), says: '3 tests' },
  {
    cause: 'command-not-found',
    evidence: command('/codebuild/output/tmp/script.sh: line 4: dokcer: command not found', {
      reason: 'exit status 127',
    }),
    says: 'dokcer',
  },
  {
    cause: 'command-not-found',
    evidence: command(
      '#8 0.3 /bin/sh: 1: Rscript: not found\nERROR: process did not complete successfully: exit code: 127',
    ),
    says: 'Rscript',
  },
  {
    cause: 'not-executable',
    evidence: command('/codebuild/output/tmp/script.sh: ./ci/image-tag.sh: Permission denied', {
      reason: 'exit status 126',
    }),
    says: 'chmod=+x ./ci/image-tag.sh',
  },
];

/** Broken builds of no known cause, and logs that only sound like one. */
export const UNKNOWN: readonly (readonly [title: string, evidence: Evidence])[] = [
  ['exit status 1 without a word', command('')],
  ['an assertion of its own', command('AssertionError: the file has 3 columns, 4 were expected')],
  ['an exit status that only begins like a known one', command('', { reason: 'exit status 1370' })],
  [
    'a retry that helped',
    command(
      "WARNING: Retrying (Retry(total=4)) after connection broken by 'ReadTimeoutError(...)'\nnpm warn ERESOLVE overriding peer dependency\nerror: wrong total",
    ),
  ],
  [
    'tests that passed',
    command(
      '=========== 31 passed in 4.21s ===========\nTests:       6 passed, 6 total\n[ FAIL 0 | WARN 0 | SKIP 1 | PASS 40 ]\nnow failing for another reason',
    ),
  ],
  [
    'words of CodeBuild in the output of a command',
    command('The docs mention VPC_CLIENT_ERROR and INTERNAL_SERVICE_ERROR and BUILD_TIMED_OUT.'),
  ],
  [
    'a denial of another service',
    command(
      `An error occurred (AccessDenied) when calling the PutObject operation: User: ${ROLE} is not authorized to perform: s3:PutObject`,
    ),
  ],
  ['a file that may not be read', command('cat: /etc/shadow: Permission denied')],
  [
    'a command that a script can do without',
    command('/codebuild/output/tmp/script.sh: line 3: git: command not found\nerror: wrong total'),
  ],
  [
    'a server of its own tests',
    command(
      'dial tcp 127.0.0.1:5432: connect: connection refused\nFailed to connect to localhost port 8080: Connection refused',
    ),
  ],
  ['an explicit deny of another service', command('upload failed: AccessDenied: s3:PutObject denied: explicit deny')],
  ['something else that is not found', command('ERROR: sqlcmd: not found')],
];
