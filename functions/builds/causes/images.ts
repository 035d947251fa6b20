import { byReason, byText, type Cause, quoted } from './cause.ts';

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
          'Docker Hub のダウンロード回数の上限に達し、ベースイメージを取得できませんでした。AWS の共用アドレスからの回数が合算されるため、コードの問題ではありません。',
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
      /(?:failed to solve|ERROR): (?:failed to resolve source metadata for )?(?<image>[\w./-]+(?::[\w.-]+)?(?:@sha256:\w+)?): (?:failed to resolve source metadata for \S+: )?(?:\S+: )?not found\b/,
    ]),
    words: {
      en: {
        what: ({ image }) =>
          `The base image ${image ?? 'in the Dockerfile'} does not exist, or the build may not read it.`,
        next: () =>
          'Check the name and the tag in the FROM line of the Dockerfile; a typing error or a tag that was withdrawn is the usual reason.',
      },
      ja: {
        what: ({ image }) => `ベースイメージ ${image ?? ''} が存在しないか、読み取る権限がありません。`,
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

/** The registry that the image is pushed to. */
export const PUSH_CAUSES = [
  {
    code: 'ecr-tag-immutable',
    who: 'you',
    // https://github.com/aws/containers-roadmap/issues/862
    recognise: byText([
      /tag invalid: The image tag '(?<tag>[^']+)' already exists in the '(?<repository>[^']+)' repository/,
      /ImageTagAlreadyExistsException/,
    ]),
    words: {
      en: {
        what: ({ tag, repository }) =>
          `The image was built but not stored: ${repository ?? 'the repository'} already has an image with the tag ${quoted(tag, 'en')}, and tags there may not be used twice.`,
        next: () =>
          'Push with a new tag (a new version number or branch name). If the tag should be replaceable, ask an AWS administrator to make the repository’s tags mutable.',
      },
      ja: {
        what: ({ tag, repository }) =>
          `イメージは作成されましたが、保存できませんでした。${repository ?? 'リポジトリ'}には同じタグ${quoted(tag, 'ja')}のイメージがすでにあり、上書きできない設定です。`,
        next: () =>
          '新しいタグ（バージョン番号やブランチ名）を付けて、もう一度プッシュしてください。上書きできるようにするには、AWS の管理者に設定変更を依頼してください。',
      },
    },
  },
  {
    code: 'ecr-repository-missing',
    who: 'admin',
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/common-errors-docker.html
    recognise: byText([
      /name unknown: The repository with name '(?<repository>[^']+)' does not exist in the registry/i,
      /RepositoryNotFoundException/,
    ]),
    words: {
      en: {
        what: ({ repository }) =>
          `The image was built, but the place to store it (the ECR repository ${repository ?? ''}) does not exist.`,
        next: () =>
          'Ask an AWS administrator to create the repository, or to correct its name in the build’s settings.',
      },
      ja: {
        what: ({ repository }) => `イメージの保存先（ECR リポジトリ ${repository ?? ''}）が存在しません。`,
        next: () => 'AWS の管理者に、リポジトリの作成、またはビルド設定のリポジトリ名の修正を依頼してください。',
      },
    },
  },
  {
    code: 'ecr-denied',
    who: 'admin',
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/common-errors-docker.html
    recognise: byText([
      /not authorized to perform: (?<right>ecr:(?!GetAuthorizationToken)\w+)/,
      /denied: .*(?:ecr:|explicit deny)/i,
    ]),
    words: {
      en: {
        what: ({ right }) =>
          `The build may not store the image in ECR${right === undefined ? '' : ` (it lacks the right ${right})`}.`,
        next: () =>
          'Ask an AWS administrator to check the rights of the build’s role and the policy of the repository. While a stack is being deleted, pushing is blocked on purpose.',
      },
      ja: {
        what: ({ right }) =>
          `ビルドに、ECR へイメージを保存する権限${right === undefined ? '' : `（${right}）`}がありません。`,
        next: () =>
          'AWS の管理者に、ビルドのロールの権限とリポジトリのポリシーの確認を依頼してください。なお、スタックの削除中は意図的に保存できないようになっています。',
      },
    },
  },
  {
    code: 'ecr-login',
    who: 'admin',
    // https://docs.aws.amazon.com/AmazonECR/latest/userguide/common-errors-docker.html
    recognise: byText([
      /no basic auth credentials/,
      /Your authorization token has expired/i,
      /not authorized to perform: ecr:GetAuthorizationToken/,
      /Error response from daemon: login attempt to \S+ failed/,
      /dkr\.ecr\.\S+.*(?:401 Unauthorized|unauthorized: authentication required)/,
    ]),
    words: {
      en: {
        what: () => 'Docker is not signed in to the image store (ECR), or its sign-in has expired after twelve hours.',
        next: () =>
          'Check that the buildspec signs in (aws ecr get-login-password … | docker login …) before it pushes, with the right account and Region. If it does, ask an AWS administrator to check the role’s right ecr:GetAuthorizationToken.',
      },
      ja: {
        what: () => 'Docker が ECR にログインできていないか、ログインの有効期限（12 時間）が切れています。',
        next: () =>
          'buildspec で、プッシュの前に正しいアカウントとリージョンへのログイン（aws ecr get-login-password … | docker login …）を行っているか確認してください。行っている場合は、ロールの ecr:GetAuthorizationToken 権限の確認を AWS の管理者に依頼してください。',
      },
    },
  },
] as const satisfies readonly Cause[];
