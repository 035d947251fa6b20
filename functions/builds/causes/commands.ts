import { anyOf, byExit, byText, type Cause, named, quoted, spaced } from './cause.ts';

/** Not of a server that the build itself has started, in its tests. */
function remote(pattern: RegExp): RegExp {
  return new RegExp(`^(?!.*(?:localhost|127\\.0\\.0\\.1|::1)).*?(?:${pattern.source})`, pattern.flags);
}

/** What the machine ran out of, and what it could not reach. The words are the same in every tool. */
export const MACHINE_CAUSES = [
  {
    code: 'disk-full',
    who: 'admin',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-compute-types.html
    recognise: byText([/no space left on device/i, /You don't have enough free space/, /disk quota exceeded/i]),
    words: {
      en: {
        what: () => 'The disk of the build machine is full.',
        next: () =>
          'Make the image smaller: a .dockerignore for data, fewer large packages. If that is not possible, ask an AWS administrator for a larger machine (compute type).',
      },
      ja: {
        what: () => 'ビルド環境のディスクがいっぱいになりました。',
        next: () =>
          '.dockerignore でデータを除外する、大きなパッケージを減らすなどして、イメージを小さくしてください。難しい場合は、より大きいコンピューティングタイプへの変更を AWS の管理者に依頼してください。',
      },
    },
  },
  {
    code: 'out-of-memory',
    who: 'admin',
    // https://docs.docker.com/reference/cli/docker/container/run/#exit-status (128 + signal 9)
    recognise: anyOf(
      byText([
        /JavaScript heap out of memory/,
        /cannot allocate (?:memory|vector of size)/i,
        /\bMemoryError\b/,
        /c\+\+: fatal error: Killed signal/,
        /std::bad_alloc/,
      ]),
      // Killed: whoever counts memory does it, and hardly anybody else.
      (evidence) => byExit(137)(evidence) && { exit: '137' },
    ),
    words: {
      en: {
        what: ({ exit }) =>
          exit === undefined
            ? 'The build ran out of memory.'
            : `A command was ended by force (exit status ${exit}). As a rule that means that the memory ran out.`,
        next: () =>
          'Let the build do less at once (fewer parallel jobs, less data). If that is not possible, ask an AWS administrator for a larger machine (compute type).',
      },
      ja: {
        what: ({ exit }) =>
          exit === undefined
            ? 'ビルド中にメモリが不足しました。'
            : `コマンドが強制終了されました（終了コード ${exit}）。多くの場合、メモリ不足が原因です。`,
        next: () =>
          '並列数や一度に扱うデータを減らしてください。難しい場合は、より大きいコンピューティングタイプへの変更を AWS の管理者に依頼してください。',
      },
    },
  },
  {
    code: 'certificate',
    who: 'admin',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html
    recognise: byText([
      /x509: (?:certificate|failed to|cannot)/,
      /CERTIFICATE_VERIFY_FAILED/,
      /SSL certificate problem/i,
      /self[- ]signed certificate/i,
      /SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT/,
    ]),
    words: {
      en: {
        what: () => 'A secure connection was refused: the certificate of the other side is not trusted or has expired.',
        next: () =>
          'If the build goes through a company proxy, ask an AWS administrator to add the company’s certificate. Otherwise take a newer base image. Do not switch the check off.',
      },
      ja: {
        what: () => '接続先の証明書が信頼できないか期限切れのため、安全な接続ができませんでした。',
        next: () =>
          '社内プロキシを経由している場合は、会社の証明書の追加を AWS の管理者に依頼してください。それ以外の場合は、ベースイメージを新しくしてください。証明書の検証は無効にしないでください。',
      },
    },
  },
  {
    code: 'network',
    who: 'wait',
    // https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html
    recognise: anyOf(
      byText([
        /Could not resolve host:? (?<host>[^\s;)]+)/i,
        /dial tcp: lookup (?<host>\S+?)(?: on \S+)?: (?:no such host|i\/o timeout)/,
        remote(/dial tcp \S+ (?:i\/o timeout|connect: connection (?:refused|timed out))/),
        /Temporary failure (?:in name resolution|resolving '(?<host>[^']+)')/,
        /TLS handshake timeout/,
        /npm (?:ERR!|error) code (?:ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/,
        remote(/ReadTimeoutError|ConnectTimeoutError|NewConnectionError/),
        remote(/(?:Failed to connect to|connect to) (?<host>\S+) port \d+.*(?:timed out|refused|Couldn't connect)/),
      ]),
      // The last of pip's retries is a mere warning, and what follows says that there is no such package.
      ({ log }) => (log.some((line) => line.includes('Retrying (Retry(total=0')) ? {} : undefined),
    ),
    words: {
      en: {
        what: ({ host }) => `The build could not reach ${host ?? 'a server on the Internet'} over the network.`,
        next: () =>
          'Start the build again; such faults often pass. If it stays, ask an AWS administrator whether the build machine may reach that address.',
      },
      ja: {
        what: ({ host }) =>
          `ビルド環境から${host === undefined ? 'インターネット上のサーバー' : ` ${host} `}に接続できませんでした。`,
        next: () =>
          '一時的な障害のことが多いため、もう一度ビルドを実行してください。続く場合は、ビルド環境からその接続先への通信が許可されているか、AWS の管理者に確認してください。',
      },
    },
  },
] as const satisfies readonly Cause[];

/** The code itself, and commands that could not run. Widest of all, so these stand last. */
export const COMMAND_CAUSES = [
  {
    code: 'tests-failed',
    who: 'you',
    recognise: byText([
      /^(?:#\d+ [\d.]+ )?=+ (?:.*?\b)?(?<count>\d+) failed\b.* in [\d.]+s/,
      /^(?:#\d+ [\d.]+ )?Tests: +(?<count>\d+) failed\b/,
      /^(?:#\d+ [\d.]+ )?\[ FAIL (?<count>[1-9]\d*) \| WARN/,
      /^(?:#\d+ [\d.]+ )?FAILED \((?:failures|errors)=(?<count>\d+)/,
      /^(?:#\d+ [\d.]+ )?(?:--- )?FAIL:? /,
    ]),
    words: {
      en: {
        what: ({ count }) =>
          `${count === undefined ? 'Tests' : `${count} ${count === '1' ? 'test' : 'tests'}`} failed, so the build failed too.`,
        next: () => 'The log lines name the tests. Mend the code or the tests and push again.',
      },
      ja: {
        what: ({ count }) =>
          `${count === undefined ? 'テスト' : `${count} 件のテスト`}が失敗したため、ビルドも失敗しました。`,
        next: () =>
          '失敗したテスト名はログに表示されています。コードまたはテストを直して、もう一度プッシュしてください。',
      },
    },
  },
  {
    code: 'command-not-found',
    who: 'you',
    // A script may go on after that: only the exit status says that the build broke by it.
    recognise: anyOf(
      named(
        byExit(127),
        byText([
          /(?:^|: |line \d+: )(?<command>[\w./+-]+): command not found/,
          /\b(?:sh|bash|ash|dash)(?:: \d+|: line \d+)?: (?<command>[\w./+-]+): not found/,
        ]),
      ),
      byText([/exec: "(?<command>[^"]+)": executable file not found in \$PATH/]),
    ),
    words: {
      en: {
        what: ({ command }) =>
          `A command ${command === undefined ? '' : `(${command}) `}does not exist on the build machine or in the image.`,
        next: () =>
          'Check it for a typing error, or install the program before it is used: in the Dockerfile, or in the buildspec under “install”.',
      },
      ja: {
        what: ({ command }) => `コマンド${quoted(command, 'ja')}が、ビルド環境またはイメージにありません。`,
        next: () =>
          'コマンド名に誤りがないか確認してください。正しい場合は、使う前にそのプログラムをインストールしてください（Dockerfile、または buildspec の install）。',
      },
    },
  },
  {
    code: 'not-executable',
    who: 'you',
    // A file that may not be read or written says the same, with another exit status.
    recognise: anyOf(
      named(byExit(126), byText([/(?:^|: |line \d+: )(?<file>[\w./-]*\/[\w./-]+): Permission denied/])),
      byText([/exec: "(?<file>[^"]+)": permission denied/]),
    ),
    words: {
      en: {
        what: ({ file }) => `The script ${file ?? ''} may not be run: Git does not have it marked as executable.`,
        next: ({ file = 'FILE' }) =>
          `Mark it (git update-index --chmod=+x ${file}), commit and push. Or start it with sh in front of its name.`,
      },
      ja: {
        what: ({ file }) => `スクリプト${spaced(file)}に、実行権限がありません（Git で実行可能になっていません）。`,
        next: ({ file = 'FILE' }) =>
          `git update-index --chmod=+x ${file} を実行し、コミットしてプッシュしてください。または、ファイル名の前に sh を付けて実行してください。`,
      },
    },
  },
] as const satisfies readonly Cause[];
