import type { FailureAdvice } from './failures.ts';
import type { RefusalCode, Remaining } from './model.ts';
import type { StackWords } from './notice-words.ts';

/** Counters differ with what is counted; a word that is not here is shown as it is, with 件. */
const KINDS = new Map<string, (count: string) => string>([
  ['image', (count) => `イメージ ${count} 個`],
  ['log stream', (count) => `ログストリーム ${count} 個`],
  ['object version', (count) => `オブジェクト（全バージョン）${count} 個`],
  ['delete marker', (count) => `削除マーカー ${count} 個`],
  ['multipart upload', (count) => `未完了のアップロード ${count} 件`],
  ['report', (count) => `テストレポート ${count} 件`],
  ['webhook', (count) => `Webhook ${count} 件`],
  ['running build', (count) => `実行中のビルド ${count} 件`],
  ['resource policy', (count) => `リソースポリシー ${count} 件`],
  ['managed policy', (count) => `管理ポリシーの割り当て ${count} 件`],
  ['inline policy', (count) => `インラインポリシー ${count} 件`],
  ['policy version', (count) => `ポリシーの旧バージョン ${count} 件`],
  ['attachment', (count) => `ポリシーの割り当て ${count} 件`],
  ['permissions boundary', (count) => `アクセス許可の境界 ${count} 件`],
  ['instance profile', (count) => `インスタンスプロファイルへの割り当て ${count} 件`],
  ['member', (count) => `グループのメンバー ${count} 人`],
  ['group membership', (count) => `グループへの所属 ${count} 件`],
  ['access key', (count) => `アクセスキー ${count} 個`],
  ['login profile', (count) => `コンソールのパスワード ${count} 件`],
  ['MFA device', (count) => `MFA デバイス ${count} 台`],
  ['virtual MFA device', (count) => `仮想 MFA デバイス ${count} 台`],
  ['SSH public key', (count) => `SSH 公開鍵 ${count} 個`],
  ['signing certificate', (count) => `署名証明書 ${count} 個`],
  ['service-specific credential', (count) => `サービス固有の認証情報 ${count} 件`],
]);

const ASK_AGAIN = 'もう一度依頼してください。';

/** @param stack as people write it, with 「」 where it is known */
function refusalWords(code: RefusalCode, stack: string): { sentence: string; remedy: string } {
  return {
    STACK_NOT_FOUND: {
      sentence: `${stack}は、このアカウントとリージョンには見つかりません。`,
      remedy: '名前、アカウント、リージョンを確認してください。',
    },
    STACK_BUSY: {
      sentence: `${stack}では、別の操作が進行中です。`,
      remedy: `その操作が終わってから、${ASK_AGAIN}`,
    },
    TERMINATION_PROTECTED: {
      sentence: `${stack}は、削除保護（termination protection）が有効です。`,
      remedy:
        'スタックの管理者が保護を解除するか、解除を許可したうえで依頼してください（オプション disableTerminationProtection、コマンドラインでは --disable-protection）。',
    },
    NESTED_STACK: {
      sentence: `${stack}は、別のスタックの一部（ネストされたスタック）なので、単独では削除できません。`,
      remedy: '親のスタックを指定してください。',
    },
    OWN_SERVICE: {
      sentence: `${stack}は clean-exit 自身のスタックなので、このサービスでは削除できません。`,
      remedy: 'どのスタックからも使われなくなったことを確かめてから、手動で削除してください。',
    },
    NO_ROLE: {
      sentence: `${stack}を削除するためのロールがありません。`,
      remedy:
        '管理者が削除用のロール（パラメーター DeleteRoleArn）を指定してサービスをデプロイするか、権限のある方がコマンドラインの --local で削除してください。',
    },
    ROLE_GONE: {
      sentence: `${stack}の削除に使うロールが存在しません。`,
      remedy: 'ロールを作り直すか、別のロールを指定してください（オプション roleArn、コマンドラインでは --role-arn）。',
    },
    ROLE_NOT_PASSABLE: {
      sentence: '指定されたロールを、このサービスは使えません。',
      remedy:
        '管理者がこのロールを DeleteRoleArn に指定してサービスをデプロイするか、権限のある方がコマンドラインの --local で実行してください。',
    },
    ROLE_IN_STACK: {
      sentence: `${stack}の削除に使うロールが、一緒に削除されるスタックに含まれています。`,
      remedy:
        '別のロールを指定するか、スタックの管理者がそのロールを残す設定（DeletionPolicy: Retain）にしてください。',
    },
    IMPORTED: {
      sentence: `${stack}がエクスポートしている値を、今回の依頼に含まれないスタックが使っています。`,
      remedy: 'そのスタックも一緒に指定するか、そのスタックから参照を取り除いてください。',
    },
    CYCLE: {
      sentence: '指定されたスタックが互いを待ち合うため、削除の順番を決められません。',
      remedy: `いずれかのスタックから参照を一つ取り除いてから、${ASK_AGAIN}`,
    },
    ELSEWHERE: {
      sentence: '指定されたスタックまたはロールは、別のアカウントまたはリージョンのものです。',
      remedy: 'スタックがあるアカウントとリージョンで、そのアカウントのロールを使って依頼してください。',
    },
    TOO_MUCH: {
      sentence: '依頼が大きすぎるため、一度には処理できません。',
      remedy: 'スタックを何回かに分けて依頼してください（値を参照している側のスタックが先です）。',
    },
    CANNOT_BE_CLEANED: {
      sentence: `${stack}には、取り除いてはいけないもの、または取り除けないものを含むリソースがあります。`,
      remedy: `下の英語の説明に従って対処してから、${ASK_AGAIN}`,
    },
  }[code];
}

function remainingWords(kind: Remaining['kind']): string {
  return {
    retained: '削除せずに残す設定（DeletionPolicy）または指定があります。',
    skipped: '削除の対象から外されました。',
    'log group': '削除したスタックが書いたログです。どのスタックにも属していません。',
    'replicated images': '別の場所に複製されたイメージは、元のイメージを削除しても残ります。',
  }[kind];
}

function adviceWords(advice: FailureAdvice): string {
  switch (advice.kind) {
    case 'role':
      return '削除に使うロールがないか、CloudFormation から使えません。管理者がロールを作り直すか、別のロールを指定してください。';
    case 'right':
      return '削除に使うロールの権限が足りません。AWS のメッセージにある権限を、管理者がロールに追加してください。';
    case 'custom resource':
      return `カスタムリソース ${advice.logicalIds.join('、')} の関数を作成した方が、関数のログで理由を確認してください。`;
    default:
      return advice satisfies never;
  }
}

const NOTES = new Map([
  ['REMAINS_UNKNOWN', 'アカウントに何が残っているかを調べられませんでした。'],
  ['LOG_GROUP_LEFT', '削除できなかったロググループがあります。'],
  ['SHORTENED', '長すぎるため一部を省略しました。すべての内容は関数のログにあります。'],
  ['NOT_PROTECTED_AGAIN', '残っているスタックの削除保護を元に戻せませんでした。手動で有効にしてください。'],
  ['NOT_RESTORED', 'プッシュの禁止を元に戻せませんでした。イメージをプッシュできない可能性があります。'],
]);

export const ja: StackWords = {
  verdict: {
    begun: '削除を開始しました',
    deleted: '削除が完了しました',
    failed: '削除できませんでした',
    stopped: '削除が途中で停止しました',
    refused: '削除の依頼は受け付けられませんでした。何も削除していません',
    nothing: '削除するものは残っていませんでした',
  },
  stacks: (count) => `スタック ${count} 件`,
  someStacks: (some, all) => `スタック ${all} 件のうち ${some} 件`,
  request: 'スタックの削除',
  labels: {
    going: '削除するスタック',
    inTheWay: '削除できない原因',
    next: '必要な対応',
    deleted: '削除したスタック',
    removed: '取り除いた中身',
    remaining: 'アカウントに残っているもの',
    notes: '補足',
    commands: 'エンジニア向けコマンド',
    refused: '受け付けられない理由',
  },
  facts: { stacks: 'スタック', resources: 'リソース', duration: '所要時間', logGroups: '削除したログ' },
  deletedOf: (deleted, all) => `${all} 件中 ${deleted} 件を削除しました`,
  time(seconds) {
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
    return hours > 0 ? `${hours}時間${minutes}分` : minutes > 0 ? `${minutes}分${seconds % 60}秒` : `${seconds}秒`;
  },
  resources: (count) => `リソース ${count.toLocaleString('ja-JP')} 個`,
  removed(count, kind) {
    const amount = count.toLocaleString('ja-JP');
    return KINDS.get(kind)?.(amount) ?? `${kind} ${amount} 件`;
  },
  listed: (items) => items.join('、'),
  inStack: (stackName) => `（ネストされたスタック ${stackName} 内）`,
  outcome: {
    failed: '削除できませんでした',
    refused: '削除を始めませんでした',
    'lives on': 'CloudFormation が削除を取り消したため、スタックは残っています',
    stopped: '途中で停止しました',
  },
  quoted: '原文:',
  awsSays: 'AWS のメッセージ:',
  advice: adviceWords,
  again: {
    failed: `原因を取り除いてから、同じスタックの削除を${ASK_AGAIN}続きから再開します。`,
    refused: `原因を取り除いてから、同じスタックの削除を${ASK_AGAIN}`,
    'lives on': `原因を取り除いてから、同じスタックの削除を${ASK_AGAIN}`,
    stopped: `同じスタックの削除を${ASK_AGAIN}続きから再開します。`,
  },
  refusal: (code, stack) => refusalWords(code, stack === undefined ? '対象のスタック' : `スタック「${stack}」`),
  remaining: remainingWords,
  note: (code) => NOTES.get(code),
  more: (count) => `ほか ${count.toLocaleString('ja-JP')} 件は、実行結果のレポートにあります`,
  retain: '失敗したリソースをアカウントに残して、スタックを削除する場合:',
  remove: '残っているものを削除する場合:',
  events: (stackName) => `${stackName} のイベント`,
  updates: '終わり次第、このメッセージで結果をお知らせします。',
  run: (name) => `実行 ${name}`,
};
