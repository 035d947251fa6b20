import { byText, type Cause, quoted } from './cause.ts';

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
          `イメージは作成されましたが、保存できませんでした。リポジトリ${quoted(repository, 'ja')}には、同じタグ${quoted(tag, 'ja')}のイメージがすでにあり、上書きできない設定です。`,
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
    recognise: byText([/not authorized to perform: (?<right>ecr:(?!GetAuthorizationToken)\w+)/]),
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
