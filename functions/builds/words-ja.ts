import { exactly, roughly, type Unit } from './spans.ts';
import type { BuildWords } from './words.ts';

const UNITS = { day: '日', hour: '時間', minute: '分', second: '秒' } as const satisfies Record<Unit, string>;

function span(counts: readonly (readonly [number, Unit])[]): string {
  return counts.map(([count, unit]) => `${count}${UNITS[unit]}`).join('');
}

export const ja: BuildWords = {
  verdict: {
    IN_PROGRESS: () => 'ビルド中です',
    SUCCEEDED: () => 'ビルドが成功しました',
    FAILED: () => 'ビルドが失敗しました',
    STOPPED: () => 'ビルドが中止されました',
    TIMED_OUT: () => 'ビルドが時間切れになりました',
    FAULT: () => 'CodeBuild の障害でビルドが中断しました',
    LOST: () => 'ビルドの結果を確認できませんでした',
    UNKNOWN: (raw) => (raw ? `ビルドは不明な状態です: ${raw}` : 'ビルドは不明な状態で終了しました'),
  },
  with: (verdict, addition) => `${verdict}（${addition}）`,
  standing: {
    broke: (_, branch) => `${branch === '' ? '' : `${branch} の`}前回のビルドは成功`,
    stillFailing: ({ nth }) => `${nth}回連続の失敗`,
    fixed: (_, branch) => (branch === '' ? '復旧' : `${branch} は復旧しました`),
  },
  unnamedProject: '名前のないプロジェクト',
  ref: { branch: 'ブランチ', tag: 'タグ', pullRequest: 'プルリクエスト', ref: 'ブランチまたはタグ' },
  commit: 'コミット',
  by: (author) => `作成者: ${author}`,
  aside: (text) => `（${text}）`,
  duration: '所要時間',
  time: (seconds) => span(exactly(seconds)),
  about: (seconds) => span(roughly(seconds)),
  took: (time, usual) => (usual === undefined ? time : `${time}（通常は約${usual}）`),
  usual: '通常の所要時間',
  failingFor: '失敗が続いている期間',
  wasFailingFor: '失敗が続いていた期間',
  lasting: (time, builds) => (time === undefined ? `${builds}回` : `${time}（${builds}回）`),
  startedBy: '起動元',
  starter: {
    push: () => 'プッシュ',
    pipeline: (name) => `パイプライン ${name}`,
    schedule: (name) => `スケジュール ${name}`,
    person: (name) => name,
    retry: (name) => `${name}（再実行）`,
  },
  superseded: {
    label: '新しいビルドがあります',
    line: (number) =>
      `このブランチでは、より新しいコミットのビルド${number === undefined ? '' : `（#${number}）`}がすでに始まっています。そちらの結果をご確認ください。`,
  },
  why: '何が起きたか',
  next: '対処方法',
  who: {
    you: 'リポジトリを変更した方が対応できます。',
    admin: '相談先: AWS の管理者',
    wait: 'コードの変更は不要です。通常は、新しいプッシュ（空のコミットでも可）で再びビルドされます。CodeBuild を使える人に実行を依頼することもできます。',
  },
  unknownCause: {
    what: '原因を自動では特定できませんでした。',
    next: (logShown) =>
      `失敗の理由${logShown ? 'とログの最後の行' : ''}をご確認ください。わからない場合は、このメッセージをパイプラインの担当者に見せて相談してください。`,
  },
  lost: {
    what: 'CodeBuild からこのビルドの終了が通知されず、ビルドの記録も残っていません。',
    next: 'このブランチのより新しいビルドの結果をご確認ください。なければ、もう一度プッシュするか、CodeBuild を使える人に実行を依頼してください。',
  },
  brokeIn: {
    FAILED: '失敗した段階',
    STOPPED: '中止された段階',
    TIMED_OUT: '時間切れになった段階',
    FAULT: '中断した段階',
    LOST: '最後に確認できた段階',
    UNKNOWN: '最後の段階',
  },
  phases: new Map([
    ['SUBMITTED', 'ビルドの受付'],
    ['QUEUED', 'ビルド環境の空き待ち'],
    ['PROVISIONING', 'ビルド環境の準備'],
    ['DOWNLOAD_SOURCE', 'ソースの取得'],
    ['INSTALL', 'インストールのコマンド'],
    ['PRE_BUILD', 'ビルド前のコマンド'],
    ['BUILD', 'ビルドのコマンド'],
    ['POST_BUILD', 'ビルド後のコマンド'],
    ['UPLOAD_ARTIFACTS', '成果物の保存'],
    ['FINALIZING', '後片付け'],
  ]),
  command: 'コマンド',
  log: 'ログの最後の行',
  noTail: {
    gone: 'ログはすでに削除されています',
    empty: 'ログは空です',
    denied: 'ログを読む権限がありません',
    slow: '時間内にログを読み取れませんでした',
    failed: 'ログを読み取れませんでした',
  },
  image: 'イメージ',
  tag: 'タグ',
  digest: 'ダイジェスト',
  size: (megabytes) => `圧縮時 ${megabytes} MB`,
  pushedBefore: (time) => `このビルドの終了の${time}前にプッシュ`,
  links: { log: 'ビルドログ', build: 'CodeBuild で開く', image: 'ECR のイメージ一覧' },
  noLog: 'ログは出力されていません',
  addressed: 'さん、ご自身のコミットのビルドです。ご確認ください。',
};
