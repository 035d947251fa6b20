import { byReason, byText, type Cause, quoted } from './cause.ts';

const FETCHING = { phases: ['SUBMITTED', 'QUEUED', 'PROVISIONING', 'DOWNLOAD_SOURCE'] } as const;

/** Fetching the source from GitHub. */
export const SOURCE_CAUSES = [
  {
    code: 'source-connection-pending',
    who: 'admin',
    // https://docs.aws.amazon.com/dtconsole/latest/userguide/connections-update.html
    recognise: byText(
      [/connection\b.{0,200}\b(?:is not available|not in an? available|is pending|in pending status)/i],
      FETCHING,
    ),
    words: {
      en: {
        what: () =>
          'The connection between AWS and GitHub is set up but not yet confirmed, so the code could not be fetched.',
        next: () =>
          'An AWS administrator opens Developer Tools > Connections in the AWS console, chooses the connection and presses “Update pending connection”. Then start the build again.',
      },
      ja: {
        what: () => 'AWS と GitHub の接続がまだ承認されていないため、ソースコードを取得できませんでした。',
        next: () =>
          'AWS の管理者に、AWS コンソールの「デベロッパー用ツール > 接続」でこの接続を開き、「保留中の接続を更新」を実行してもらってください。その後、もう一度ビルドを実行してください。',
      },
    },
  },
  {
    code: 'source-no-access',
    who: 'admin',
    // https://github.com/awslabs/aws-refarch-cross-account-pipeline/issues/5
    recognise: byText(
      [
        /authorization failed for primary source/i,
        /Write access to repository not granted/i,
        // The words of S3, where pipelines put the source.
        /(?<bucket>Access ?Denied).* for primary source/i,
      ],
      FETCHING,
    ),
    words: {
      en: {
        what: ({ bucket }) =>
          bucket === undefined
            ? 'CodeBuild reached GitHub but is not allowed to read this repository.'
            : 'CodeBuild is not allowed to read the source from the S3 bucket that holds it.',
        next: ({ bucket }) =>
          bucket === undefined
            ? 'Ask an AWS administrator to check two things: the build’s role may use the GitHub connection, and the connection’s app on GitHub is installed for this repository.'
            : 'Ask an AWS administrator to allow the build’s role to read that bucket and, where it is encrypted, to use its key.',
      },
      ja: {
        what: ({ bucket }) =>
          bucket === undefined
            ? 'CodeBuild に、このリポジトリを読み取る権限がありません。'
            : 'CodeBuild に、ソースが置かれた S3 バケットを読み取る権限がありません。',
        next: ({ bucket }) =>
          bucket === undefined
            ? 'AWS の管理者に、ビルドのロールが GitHub への接続を使えること、GitHub 側のアプリがこのリポジトリにインストールされていることの 2 点を確認してもらってください。'
            : 'AWS の管理者に、ビルドのロールへのバケットの読み取り許可（暗号化されている場合は、鍵の使用許可も）を依頼してください。',
      },
    },
  },
  {
    code: 'source-auth',
    who: 'admin',
    // https://github.com/aws/aws-cdk/issues/1844
    recognise: byText(
      [
        /authentication required for primary source/i,
        /No Access token found|Access token not found/i,
        /OAuthProviderException/,
        /Bad credentials/,
        /Invalid username or (?:password|token)/i,
        /Support for password authentication was removed/i,
        /could not read Username for 'https:\/\/github\.com/,
      ],
      FETCHING,
    ),
    words: {
      en: {
        what: () => 'CodeBuild could not sign in to GitHub: its token is missing, expired or was revoked.',
        next: () => 'Ask an AWS administrator to renew CodeBuild’s access to GitHub. Your code is not the reason.',
      },
      ja: {
        what: () =>
          'CodeBuild が GitHub にサインインできませんでした。トークンが未設定か、期限切れか、取り消されています。',
        next: () =>
          'コードの問題ではありません。AWS の管理者に、CodeBuild から GitHub へのアクセス設定の更新を依頼してください。',
      },
    },
  },
  {
    code: 'source-repository-missing',
    who: 'admin',
    recognise: byText(
      [
        /repository not found for primary source/i,
        /remote: Repository not found/i,
        /repository 'https:\/\/(?<repository>[^']+)\/?' not found/,
      ],
      FETCHING,
    ),
    words: {
      en: {
        what: () =>
          'The GitHub repository that this project builds was not found. It was renamed, moved or deleted, or it is private and CodeBuild may not see it.',
        next: () =>
          'Check on GitHub whether the repository still has its name. If it was renamed or moved, tell an AWS administrator the new address.',
      },
      ja: {
        what: () =>
          'ビルド対象の GitHub リポジトリが見つかりませんでした。名前の変更・移動・削除が行われたか、非公開のため CodeBuild から見えない可能性があります。',
        next: () =>
          'GitHub でリポジトリ名を確認してください。変更や移動をした場合は、新しい URL を AWS の管理者に伝えてください。',
      },
    },
  },
  {
    code: 'source-ref-missing',
    who: 'you',
    recognise: byText(
      [
        /reference not found for primary source and source version (?<ref>\S+)/i,
        /reference not found for primary source/i,
        /couldn't find remote ref (?<ref>\S+)/,
        /reference is not a tree: (?<ref>\S+)/,
        /pathspec '(?<ref>[^']+)' did not match any file/,
      ],
      FETCHING,
    ),
    words: {
      en: {
        what: ({ ref }) => `The branch, tag or commit ${quoted(ref, 'en')} is not in the GitHub repository (any more).`,
        next: () =>
          'If the branch was deleted after the push, nothing needs to be done. Otherwise check its name on GitHub and start the build again.',
      },
      ja: {
        what: ({ ref }) => `指定されたブランチ・タグ・コミット${quoted(ref, 'ja')}が GitHub リポジトリにありません。`,
        next: () =>
          'プッシュ後にブランチを削除した場合は、対応は不要です。それ以外の場合は、GitHub で名前を確認してから、もう一度ビルドを実行してください。',
      },
    },
  },
  {
    code: 'source-webhook-missing',
    who: 'admin',
    recognise: byReason([/webhook .{0,120}(?:does not exist|not found|was deleted|has been deleted)/i]),
    words: {
      en: {
        what: () =>
          'The webhook through which GitHub tells AWS about pushes has been deleted, so pushes no longer start builds.',
        next: () =>
          'Ask an AWS administrator to create the project’s webhook anew. Somebody with access to CodeBuild can start a build by hand until then.',
      },
      ja: {
        what: () =>
          'GitHub から AWS にプッシュを知らせる Webhook が削除されているため、プッシュしてもビルドが始まりません。',
        next: () =>
          'AWS の管理者に、プロジェクトの Webhook の再作成を依頼してください。それまでは、CodeBuild を使える人が手動でビルドを開始できます。',
      },
    },
  },
] as const satisfies readonly Cause[];
