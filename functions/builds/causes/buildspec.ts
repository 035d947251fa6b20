import { byReason, byText, type Cause, quoted } from './cause.ts';

/** A buildspec is read before the first command runs: what CodeBuild says of it stands in the reason. */
const CODE = 'YAML_FILE_ERROR(?::| Message:)';

/** The buildspec: where it is and how it is written. The one without a condition stands last. */
export const BUILDSPEC_CAUSES = [
  {
    code: 'buildspec-missing',
    who: 'you',
    // https://github.com/aws-samples/aws-saas-factory-ref-solution-serverless-saas/issues/3
    // https://github.com/meanjs/mean/issues/1865
    recognise: byText([
      new RegExp(`${CODE} stat /codebuild/\\S*?/src/(?<file>\\S+): no such file or directory`),
      new RegExp(`${CODE} YAML file does not exist`),
    ]),
    words: {
      en: {
        what: ({ file = 'buildspec.yml' }) =>
          `The file ${file}, which tells CodeBuild what to do, is not in this branch.`,
        next: ({ file = 'buildspec.yml' }) =>
          `Add ${file} to the branch: copy it from a branch that builds. Upper and lower case and the folder matter.`,
      },
      ja: {
        what: ({ file = 'buildspec.yml' }) => `ビルドの手順を書いたファイル ${file} が、このブランチにありません。`,
        next: ({ file = 'buildspec.yml' }) =>
          `ビルドできているブランチから ${file} をコピーして追加してください。フォルダの場所と、大文字・小文字の違いにも注意してください。`,
      },
    },
  },
  {
    code: 'buildspec-phase-name',
    who: 'you',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
    recognise: byText([
      new RegExp(
        `${CODE}.*(?:invalid|unknown) (?:buildspec )?phase(?: name)?(?: found)?:? ['"]?(?<phase>[\\w-]+)`,
        'i',
      ),
    ]),
    words: {
      en: {
        what: ({ phase }) => `The buildspec has a phase ${quoted(phase, 'en')}, which CodeBuild does not know.`,
        next: () => 'Rename it in the buildspec to one of: install, pre_build, build, post_build (with an underscore).',
      },
      ja: {
        what: ({ phase }) => `buildspec に、CodeBuild にはないフェーズ名${quoted(phase, 'ja')}が書かれています。`,
        next: () => 'install、pre_build、build、post_build（区切りはアンダースコア）のいずれかに直してください。',
      },
    },
  },
  {
    code: 'buildspec-runtime',
    who: 'you',
    // https://github.com/aws-samples/aws-serverless-workshops/issues/231
    recognise: byText([
      new RegExp(`${CODE} Unknown runtime version named '(?<version>[^']+)' of (?<runtime>[\\w-]+)`),
      new RegExp(`${CODE} Unknown runtime named '(?<runtime>[^']+)'`),
      new RegExp(`${CODE} This build image requires selecting at least one runtime version`),
    ]),
    words: {
      en: {
        what: ({ runtime, version }) =>
          runtime === undefined
            ? 'The buildspec does not say which language version the build needs.'
            : `The build machine does not offer ${[runtime, version].filter(Boolean).join(' ')}, which the buildspec asks for.`,
        next: () =>
          'Change “runtime-versions” in the buildspec to a version that the message lists, or ask an AWS administrator for a newer build image.',
      },
      ja: {
        what: ({ runtime, version }) =>
          runtime === undefined
            ? 'buildspec に、使用する言語のバージョンが指定されていません。'
            : `buildspec で指定された ${[runtime, version].filter(Boolean).join(' ')} は、このビルド環境では使えません。`,
        next: () =>
          'buildspec の runtime-versions を、メッセージに示されたバージョンに変えてください。新しいビルドイメージが必要な場合は、AWS の管理者に相談してください。',
      },
    },
  },
  {
    code: 'buildspec-version',
    who: 'you',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec-ref-versions
    recognise: byText([
      new RegExp(`${CODE}.*(?:unsupported|invalid|unknown)\\b(?!.*runtime).*\\bversion\\b`, 'i'),
      new RegExp(`${CODE}(?!.*runtime).*\\bversion\\b.*(?:not supported|unsupported|invalid)`, 'i'),
    ]),
    words: {
      en: {
        what: () => 'The first line of the buildspec names a version that CodeBuild does not know.',
        next: () => 'Write “version: 0.2” as the first line of the buildspec.',
      },
      ja: {
        what: () => 'buildspec の先頭に書かれた version が、CodeBuild の対応していない値です。',
        next: () => 'buildspec の 1 行目を「version: 0.2」に直してください。',
      },
    },
  },
  {
    code: 'buildspec-command',
    who: 'you',
    // https://github.com/aws/sagemaker-chainer-container/pull/83
    recognise: byText([
      new RegExp(`${CODE} Expected Commands\\[\\d+\\] to be of string type: .*?at line (?<line>\\d+)`),
    ]),
    words: {
      en: {
        what: ({ line }) =>
          `A command in the buildspec${line === undefined ? '' : ` (line ${line})`} is not read as text. As a rule it holds a colon followed by a space.`,
        next: () => 'Put the whole command between single quotes, then push again.',
      },
      ja: {
        what: ({ line }) =>
          `buildspec の${line === undefined ? '' : ` ${line} 行目の`}コマンドが、文字列として読み取れません。多くの場合、コマンドの中に「: 」（コロンと空白）があることが原因です。`,
        next: () => "コマンド全体を引用符（' '）で囲んで、もう一度プッシュしてください。",
      },
    },
  },
  {
    code: 'buildspec-yaml',
    who: 'you',
    // https://github.com/awsdocs/aws-codebuild-user-guide/pull/25
    // https://github.com/aws-samples/bedrock-chat/issues/441
    recognise: byText([new RegExp(`${CODE}.* at line (?<line>\\d+)`), new RegExp(CODE)]),
    words: {
      en: {
        what: ({ line }) =>
          `The buildspec is not valid YAML${line === undefined ? '' : ` (near line ${line})`}. Mostly it is a wrong indent, a tab or a missing quote.`,
        next: () =>
          'Compare the file with the last version that built, mend it and push again. Use spaces, never tabs.',
      },
      ja: {
        what: ({ line }) =>
          `buildspec の YAML の書き方に誤りがあります${line === undefined ? '' : `（${line} 行目付近）`}。字下げのずれ、タブ文字、引用符の閉じ忘れがよくある原因です。`,
        next: () =>
          '最後に成功した版と見比べて直し、もう一度プッシュしてください。字下げにはタブではなく空白を使ってください。',
      },
    },
  },
] as const satisfies readonly Cause[];

/** What a build makes beside the image; CodeBuild stores it after the commands. */
export const ARTIFACT_CAUSES = [
  {
    code: 'artifacts-denied',
    who: 'admin',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html
    recognise: byReason([/Access ?Denied/i, /Invalid arn/i, /GetBucketAcl/], { phases: ['UPLOAD_ARTIFACTS'] }),
    words: {
      en: {
        what: () =>
          'The build itself worked, but its results could not be stored: the build’s role may not write to the S3 bucket.',
        next: () =>
          'Ask an AWS administrator to allow the build’s role to write to the bucket that the project names for its results.',
      },
      ja: {
        what: () =>
          'ビルド自体は終わりましたが、成果物を保存できませんでした。ビルドのロールに S3 バケットへの書き込み権限がありません。',
        next: () =>
          'AWS の管理者に、成果物の保存先バケットへの書き込みをビルドのロールに許可するよう依頼してください。',
      },
    },
  },
  {
    code: 'artifacts-missing',
    who: 'you',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html
    recognise: byText([/no matching (?:artifact|base directory) paths? found(?: for (?<path>\S+))?/i], {
      phases: ['UPLOAD_ARTIFACTS'],
    }),
    words: {
      en: {
        what: () => 'The files that the buildspec wants to keep (“artifacts”) were not there at the end of the build.',
        next: () =>
          'Compare the paths under “artifacts” in the buildspec with what the build really writes. If an earlier command failed, mend that first.',
      },
      ja: {
        what: () => 'buildspec の artifacts に書かれたファイルが、ビルド終了時に見つかりませんでした。',
        next: () =>
          'artifacts に書いたパスと、実際に作られるファイルの場所を見比べてください。途中のコマンドが失敗している場合は、先にそちらを直してください。',
      },
    },
  },
] as const satisfies readonly Cause[];
