#!/bin/sh
# ci/image-tag.sh: which tag does the image of this build get?
#
#   sh ci/image-tag.sh         prints the image tag
#   sh ci/image-tag.sh --ref   prints the name of the branch or git tag that is built (nothing when only a commit is known)
#
# It reads what CodeBuild tells: CODEBUILD_WEBHOOK_TRIGGER and CODEBUILD_WEBHOOK_HEAD_REF after a push,
# CODEBUILD_SOURCE_VERSION and CODEBUILD_RESOLVED_SOURCE_VERSION when somebody started the build.
# https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
#
#   branch main or master                     latest
#   branch feature/x or fix-typo              feature-x, fix-typo
#   git tag v1.2, 2024-06 or dev              the same name: names of this kind belong to git tags
#   any other git tag, for example release-7  tag-release-7
#   only a commit, or one commit of a branch  commit- and its first 12 digits
#
# A branch and a git tag never share an image tag, and two branches only where a hyphen stands for a slash (feature/x and
# feature-x do; main and master do, by agreement). Where the table above would make others share one, or would make a tag
# that Docker does not allow, the name gets -- and 8 digits of its hash: branch latest is latest--84188212.
set -eu
LC_ALL=C
export LC_ALL

# Docker allows 128 characters: A-Z a-z 0-9 _ . - but neither . nor - in front.
MAX_LENGTH=128
# Eight digits of a hash, as a pattern.
HASH='[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'

starts_like_a_version() {
  case $1 in
    [0-9]* | v[0-9]*) return 0 ;;
    *) return 1 ;;
  esac
}

belongs_to_git_tags() {
  [ "$1" = dev ] || starts_like_a_version "$1"
}

# Names that mean something else already, whatever branch happens to be called so.
is_reserved_for_others() {
  case $(printf '%s' "$1" | tr 'A-Z' 'a-z') in
    latest | commit-* | tag-* | pr-*) return 0 ;;
    *) belongs_to_git_tags "$1" ;;
  esac
}

# The name in the characters that Docker allows; - for each run of others, none in front.
in_allowed_characters() {
  printf '%s' "$1" | tr -cs 'A-Za-z0-9_.-' '-' | sed 's/^[.-]*//'
}

# $1: text for people, $2: what makes it unique.
with_hash() {
  hash=$(printf '%s' "$2" | sha256sum | cut -c 1-8)
  text=$(printf '%s' "$1" | cut -c "1-$((MAX_LENGTH - 10))")
  printf '%s--%s\n' "${text:-name}" "$hash"
}

# $1: name of a branch. A name that ends like a hash could be mistaken for one.
tag_of_branch() {
  if [ "$1" = main ] || [ "$1" = master ]; then
    echo latest
    return
  fi
  plain=$(printf '%s' "$1" | tr '/' '-')
  case $1 in
    *[!A-Za-z0-9_./-]* | [./-]* | *//* | */ | *--$HASH) doubtful=yes ;;
    *) doubtful=no ;;
  esac
  if [ "$doubtful" = yes ] || [ "${#plain}" -gt "$MAX_LENGTH" ] || is_reserved_for_others "$plain"; then
    with_hash "$(in_allowed_characters "$1")" "branch $1"
  else
    printf '%s\n' "$plain"
  fi
}

# $1: name of a git tag.
tag_of_git_tag() {
  prefix=tag-
  if belongs_to_git_tags "$1"; then prefix=''; fi
  plain=$prefix$1
  # A name that ends like a hash could be mistaken for one.
  case $1 in
    *[!A-Za-z0-9_.-]* | *--$HASH) doubtful=yes ;;
    *) doubtful=no ;;
  esac
  if [ "$doubtful" = yes ] || [ "${#plain}" -gt "$MAX_LENGTH" ]; then
    with_hash "$prefix$(in_allowed_characters "$1")" "tag $1"
  else
    printf '%s\n' "$plain"
  fi
}

commit=${CODEBUILD_RESOLVED_SOURCE_VERSION:-$(git rev-parse HEAD 2>/dev/null || true)}

is_this_commit() {
  case $1 in
    *[!0-9a-fA-F]*) return 1 ;;
  esac
  [ "${#1}" -ge 7 ] || return 1
  [ "${#1}" -ne 40 ] || return 0
  case $commit in
    "$1"*) return 0 ;;
    *) return 1 ;;
  esac
}

# What is built: kind is branch, tag, pr or commit.
kind=''
name=''
case ${CODEBUILD_WEBHOOK_TRIGGER:-} in
  branch/?*) kind=branch name=${CODEBUILD_WEBHOOK_TRIGGER#branch/} ;;
  tag/?*) kind=tag name=${CODEBUILD_WEBHOOK_TRIGGER#tag/} ;;
  pr/?*) kind=pr name=${CODEBUILD_WEBHOOK_TRIGGER#pr/} ;;
esac
if [ -z "$kind" ]; then
  case ${CODEBUILD_WEBHOOK_HEAD_REF:-} in
    refs/heads/?*) kind=branch name=${CODEBUILD_WEBHOOK_HEAD_REF#refs/heads/} ;;
    refs/tags/?*) kind=tag name=${CODEBUILD_WEBHOOK_HEAD_REF#refs/tags/} ;;
  esac
fi
if [ -z "$kind" ]; then
  # Started by hand, or started again.
  typed=${CODEBUILD_SOURCE_VERSION:-}
  # main^{COMMIT} is one commit of main, maybe an old one: it must not become latest.
  pinned=no
  case $typed in *^*) pinned=yes ;; esac
  typed=${typed%%^*}
  case $typed in
    '' | *:*) kind=commit ;; # nothing, or the ARN of something that is no git repository
    refs/heads/?*) kind=branch name=${typed#refs/heads/} ;;
    refs/tags/?*) kind=tag name=${typed#refs/tags/} ;;
    pr/[0-9]*) kind=pr name=${typed#pr/} ;;
    *)
      name=$typed
      if is_this_commit "$typed"; then
        kind=commit name=''
      elif git tag --points-at HEAD 2>/dev/null | grep -Fxq -e "$typed"; then
        kind=tag
      else
        kind=branch
      fi
      ;;
  esac
  if [ "$pinned" = yes ]; then kind=commit; fi
fi

if [ "${1:-}" = --ref ]; then
  if [ "$kind" = pr ]; then name=pr/$name; fi
  printf '%s\n' "$name"
  exit 0
fi

case $kind in
  branch) tag_of_branch "$name" ;;
  tag) tag_of_git_tag "$name" ;;
  pr)
    # CodeBuild says pr/NUMBER.
    case $name in
      *[!0-9]*) with_hash "pr-$(in_allowed_characters "$name")" "pr $name" ;;
      *) printf 'pr-%s\n' "$name" ;;
    esac
    ;;
  commit)
    case $commit in
      '' | *[!0-9a-fA-F]*)
        echo 'image-tag.sh: CodeBuild tells neither branch nor commit. Start the build with a branch as its source version, for example main.' >&2
        exit 1
        ;;
    esac
    printf 'commit-%s\n' "$(printf '%s' "$commit" | tr 'A-F' 'a-f' | cut -c 1-12)"
    ;;
esac
