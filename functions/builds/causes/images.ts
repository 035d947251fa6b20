import { byReason, byText, type Cause, quoted, spaced } from './cause.ts';

/** Images that are pulled, before those that are pushed: a build without its base gets no further. */
export const PULL_CAUSES = [
  {
    code: 'docker-hub-limit',
    who: 'wait',
    // https://github.com/aws-samples/aws-modern-application-workshop/issues/237
    recognise: byText([/toomanyrequests: .*pull rate limit/i, /429 Too Many Requests.*(?:docker\.io|docker\.com)/i]),
    words: {
      en: {
        what: () =>
          'Docker Hub refused to hand out the base image: too many downloads from AWS’s shared addresses in the last hours.',
        next: () =>
          'Start the build again in an hour or so. To be rid of it, take the base image from public.ecr.aws (FROM public.ecr.aws/docker/library/…) in the Dockerfile.',
      },
      ja: {
        what: () =>
          'Docker Hub のダウンロード回数の上限に達し、ベースイメージを取得できませんでした。回数は AWS の共用アドレス全体で合算されるため、コードの問題ではありません。',
        next: () =>
          '1 時間ほど待ってから、もう一度ビルドを実行してください。根本的に避けるには、Dockerfile の FROM を public.ecr.aws/docker/library/… に変えてください。',
      },
    },
  },
  {
    code: 'build-image-unavailable',
    who: 'admin',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html
    recognise: byReason([/BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE/, /Unable to pull customer's container image/]),
    words: {
      en: {
        what: () => 'CodeBuild could not load the image that it runs builds in. Your Dockerfile is not the reason.',
        next: () =>
          'Ask an AWS administrator to check the build image that the CodeBuild project names, and the right to read it.',
      },
      ja: {
        what: () =>
          'ビルドを実行するための環境イメージを CodeBuild が取得できませんでした。Dockerfile の問題ではありません。',
        next: () =>
          'AWS の管理者に、CodeBuild プロジェクトのビルドイメージの指定と、その読み取り権限の確認を依頼してください。',
      },
    },
  },
  {
    code: 'build-container-dead',
    who: 'admin',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html
    recognise: byReason([/Build container found dead before completing/i]),
    words: {
      en: {
        what: () =>
          'The build machine broke down in the middle: it ran out of memory, or its image does not suit CodeBuild.',
        next: () =>
          'Start the build again. If it happens again, ask an AWS administrator for a larger machine (compute type) or another build image.',
      },
      ja: {
        what: () => 'ビルド環境が途中で停止しました。メモリ不足か、CodeBuild に対応していないイメージが原因です。',
        next: () =>
          'もう一度ビルドを実行してください。繰り返す場合は、より大きいコンピューティングタイプか別のビルドイメージへの変更を AWS の管理者に依頼してください。',
      },
    },
  },
  {
    code: 'docker-daemon',
    who: 'admin',
    // https://github.com/aws/aws-codebuild-docker-images/issues/164
    recognise: byText([/Cannot connect to the Docker daemon/i]),
    words: {
      en: {
        what: () => 'Docker does not run on the build machine, so no image can be built.',
        next: () =>
          'Ask an AWS administrator to switch on “privileged mode” in the environment of the CodeBuild project.',
      },
      ja: {
        what: () => 'ビルド環境で Docker が動いていないため、イメージを作成できません。',
        next: () =>
          'AWS の管理者に、CodeBuild プロジェクトの環境設定で「特権付与（privileged mode）」を有効にするよう依頼してください。',
      },
    },
  },
  {
    code: 'base-image-missing',
    who: 'you',
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/common-errors-docker.html
    recognise: byText([
      /manifest for (?<image>\S+) not found/,
      /pull access denied for (?<image>[^\s,]+)/,
      /failed to resolve source metadata for (?<image>\S+?): .*not found/,
      /^#\d+ ERROR: (?<image>[\w.-]+\/[\w./-]+(?::[\w.-]+)?): not found$/,
    ]),
    words: {
      en: {
        what: ({ image }) =>
          `The base image ${image ?? 'in the Dockerfile'} does not exist, or the build may not read it.`,
        next: () =>
          'Check the name and the tag in the FROM line of the Dockerfile; a typing error or a tag that was withdrawn is the usual reason.',
      },
      ja: {
        what: ({ image }) => `ベースイメージ${spaced(image)}が存在しないか、読み取る権限がありません。`,
        next: () =>
          'Dockerfile の FROM の行で、イメージ名とタグを確認してください。入力の誤りや、公開が終わったタグがよくある原因です。',
      },
    },
  },
  {
    code: 'dockerfile-missing',
    who: 'you',
    recognise: byText([
      /unable to evaluate symlinks in Dockerfile path/,
      /failed to read dockerfile: open (?<file>\S+): no such file or directory/,
      /open (?<file>\S*Dockerfile\S*): no such file or directory/,
    ]),
    words: {
      en: {
        what: ({ file = 'Dockerfile' }) => `The file ${file} was not found in the repository.`,
        next: () =>
          'Add the Dockerfile to this branch, in the folder in which the build looks for it (the top one, as a rule). It has no ending and a capital D.',
      },
      ja: {
        what: ({ file = 'Dockerfile' }) => `リポジトリに ${file} が見つかりませんでした。`,
        next: () =>
          'このブランチの、ビルドが参照するフォルダ（通常は一番上）に Dockerfile を置いてください。拡張子はなく、先頭の D は大文字です。',
      },
    },
  },
  {
    code: 'dockerfile-syntax',
    who: 'you',
    // https://github.com/InternationalColorConsortium/iccDEV/issues/640
    recognise: byText([
      /dockerfile parse error (?:on )?line (?<line>\d+): (?:unknown instruction: (?<word>\S+))?/i,
      /dockerfile parse error/i,
    ]),
    words: {
      en: {
        what: ({ line, word }) =>
          `The Dockerfile has a mistake${line === undefined ? '' : ` in line ${line}`}${word === undefined ? '' : `: ${quoted(word, 'en')} is no instruction`}.`,
        next: () => 'Mend the line: a typing error, or a line break without “\\” before it.',
      },
      ja: {
        what: ({ line, word }) =>
          `Dockerfile${line === undefined ? '' : ` の ${line} 行目`}に書き方の誤りがあります${word === undefined ? '' : `（${quoted(word, 'ja')}という命令はありません）`}。`,
        next: () => '該当の行を直してください。入力の誤りや、行末の「\\」の付け忘れがよくある原因です。',
      },
    },
  },
  {
    code: 'copy-missing',
    who: 'you',
    // https://github.com/moby/buildkit/issues/4128
    recognise: byText([
      /failed to calculate checksum of ref \S+: "\/?(?<file>[^"]+)": not found/,
      /failed to compute cache key: "\/?(?<file>[^"]+)" not found/,
      /(?:COPY|ADD) failed: .*?stat (?<file>\S+?): (?:file does not exist|no such file or directory)/,
      /(?:COPY|ADD) failed: no source files were specified/,
    ]),
    words: {
      en: {
        what: ({ file }) =>
          `The Dockerfile copies ${file === undefined ? 'a file' : quoted(file, 'en')}, which is not in the repository (or .dockerignore leaves it out).`,
        next: () => 'Commit the file, or mend the path in the COPY line. Upper and lower case matter.',
      },
      ja: {
        what: ({ file }) =>
          `Dockerfile の COPY で指定された${file === undefined ? 'ファイル' : quoted(file, 'ja')}がリポジトリにありません（または .dockerignore で除外されています）。`,
        next: () => 'ファイルをコミットするか、COPY の行のパスを直してください。大文字・小文字も区別されます。',
      },
    },
  },
] as const satisfies readonly Cause[];
