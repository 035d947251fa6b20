#!/usr/bin/env bash
# cron/run-latest.sh: fetch the latest image of a project from ECR and run it once. For cron:
#
#   15 6 * * *  jobs/xxxx/run-latest.sh
#
#   run-latest.sh [FILE]    FILE is the configuration, job.conf beside this script when not given (job.conf.example)
#
# When the registry cannot be reached, the last image that was fetched runs, and stderr says so (cron sends it by mail).
# When the registry answers but refuses (wrong keys, no such image), nothing runs: waiting would not help.
#
# Exit status: that of the job when it ran; otherwise
#   64  the configuration is wrong
#   69  no image: the registry is unreachable, and this machine has none from before
#   70  docker or aws does not work on this machine
#   75  the run before is still running, so this one did nothing
#   77  the registry refused
set -euo pipefail

say() { printf 'run-latest: %s\n' "$*" >&2; }
stop() {
  local status=$1
  shift
  say "$@"
  exit "$status"
}

# --- configuration
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
config=${1:-$here/job.conf}
[ -r "$config" ] || stop 64 "cannot read the configuration $config: copy job.conf.example to job.conf and fill it in."
cd "$(dirname "$config")"
# shellcheck source=/dev/null
. "./$(basename "$config")"

: "${AWS_REGION:=ap-northeast-1}" "${IMAGE_TAG:=latest}" "${ENV_FILE:=prod.env}" "${LOCK_FILE:=run-latest.lock}"
: "${LOGIN_TIMEOUT:=60}" "${PULL_TIMEOUT:=1800}"
[ -n "${IMAGE_REPO_NAME:-}" ] || stop 64 "IMAGE_REPO_NAME is missing in $config: set it to the name of the project."
[[ ${AWS_ACCOUNT_ID:-} =~ ^[0-9]{12}$ ]] || stop 64 "AWS_ACCOUNT_ID in $config is not 12 digits: set it to the number of the AWS account."
[ -r "$ENV_FILE" ] || stop 64 "cannot read ENV_FILE $ENV_FILE: copy prod.env.example to it and fill it in."
if [ -n "${AWS_CONFIG_FILE:-}" ]; then export AWS_CONFIG_FILE; fi
if [ -n "${AWS_SHARED_CREDENTIALS_FILE:-}" ]; then export AWS_SHARED_CREDENTIALS_FILE; fi

registry=$AWS_ACCOUNT_ID.dkr.ecr.$AWS_REGION.amazonaws.com
image=$registry/$IMAGE_REPO_NAME:$IMAGE_TAG

# --- one run at a time; the lock goes with the process, whatever ends it
{ exec 9>"$LOCK_FILE"; } 2>/dev/null || stop 64 "cannot write LOCK_FILE $LOCK_FILE: name a file that this user may write."
flock --nonblock 9 || stop 75 "the run before is still running (it holds $LOCK_FILE): this run does nothing."

# --- fetch
# The messages below are compared in English, whatever language the machine speaks.
export LC_ALL=C
# What AWS and Docker say when the registry was reached and refused. Everything else counts as unreachable.
refusals='AccessDenied|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|ExpiredToken'
refusals+='|Unable to locate credentials|Partial credentials|config profile .* could not be found|not authorized|unauthorized'
refusals+='|denied: |access denied|no basic auth credentials|name unknown|manifest unknown|does not exist'
# What they say when the fault is on this machine.
local_faults='[Dd]ocker daemon|docker\.sock|failed to run command'

log_in() {
  timeout "$LOGIN_TIMEOUT" aws ecr get-login-password --region "$AWS_REGION" |
    timeout "$LOGIN_TIMEOUT" docker login --username AWS --password-stdin "$registry"
}

fetch() {
  log_in && timeout "$PULL_TIMEOUT" docker pull "$image"
}

# 2>&1 only here: the password goes through the pipe inside of log_in and is never printed.
if fetched=$(fetch 2>&1); then
  : # nothing to tell: cron sends every line by mail
elif [[ $fetched =~ $local_faults ]]; then
  say "$fetched"
  stop 70 "docker or aws does not work on this machine. Nothing was run."
elif [[ $fetched =~ $refusals ]]; then
  say "$fetched"
  stop 77 "the registry refused $image: check the AWS keys of this machine, and that the project still exists. Nothing was run."
elif docker image inspect "$image" >/dev/null 2>&1; then
  say "$fetched"
  say "the registry could not be reached: running the last good image instead. It may be older than the last push."
else
  say "$fetched"
  stop 69 "the registry could not be reached, and this machine has no $image from before. Nothing was run."
fi

# --- run
status=0
docker run --rm --env-file="$ENV_FILE" "$image" || status=$?
[ "$status" -eq 0 ] || say "the job in $image failed with status $status."
exit "$status"
