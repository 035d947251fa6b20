import type { Language } from '../schemas/build-notice-config.ts';
import type { BuildStatus } from './build-state.ts';
import type { SourceRef } from './source.ts';
import type { Starter } from './starter.ts';

/** Every word of a build notice. A language is complete or it does not compile. */
export interface BuildWords {
  /** What became of the build; `raw` is CodeBuild's own status, empty where it gave none. */
  readonly verdict: Readonly<Record<BuildStatus, (raw: string) => string>>;
  readonly unnamedProject: string;
  readonly ref: Readonly<Record<SourceRef['kind'], string>>;
  readonly commit: string;
  readonly by: (author: string) => string;
  readonly duration: string;
  /** Whole seconds as people say them. */
  readonly time: (seconds: number) => string;
  readonly startedBy: string;
  readonly starter: Readonly<Record<Starter['kind'], (name: string) => string>>;
  readonly brokeIn: Readonly<Record<Exclude<BuildStatus, 'IN_PROGRESS' | 'SUCCEEDED'>, string>>;
  /** What a phase of CodeBuild does; a phase without an entry is shown by its name alone. */
  readonly phases: ReadonlyMap<string, string>;
  readonly command: string;
  readonly image: string;
  readonly links: Readonly<Record<'log' | 'build' | 'image', string>>;
  readonly noLog: string;
}

function english(seconds: number): string {
  const { hours, minutes, rest } = parts(seconds);
  return hours > 0 ? `${hours} h ${minutes} min` : minutes > 0 ? `${minutes} min ${rest} s` : `${rest} s`;
}

function japanese(seconds: number): string {
  const { hours, minutes, rest } = parts(seconds);
  return hours > 0 ? `${hours}時間${minutes}分` : minutes > 0 ? `${minutes}分${rest}秒` : `${rest}秒`;
}

function parts(seconds: number) {
  return { hours: Math.floor(seconds / 3600), minutes: Math.floor((seconds % 3600) / 60), rest: seconds % 60 };
}

const en: BuildWords = {
  verdict: {
    IN_PROGRESS: () => 'building',
    SUCCEEDED: () => 'build succeeded',
    FAILED: () => 'build failed',
    STOPPED: () => 'build was stopped',
    TIMED_OUT: () => 'build timed out',
    FAULT: () => 'build was cut short by a fault in CodeBuild',
    LOST: () => 'build is over, but its end was never reported',
    UNKNOWN: (raw) => (raw ? `build is in an unknown state: ${raw}` : 'build ended in an unknown state'),
  },
  unnamedProject: 'Unnamed project',
  ref: { branch: 'Branch', tag: 'Tag', pullRequest: 'Pull request', ref: 'Branch or tag' },
  commit: 'Commit',
  by: (author) => `by ${author}`,
  duration: 'Duration',
  time: english,
  startedBy: 'Started by',
  starter: {
    push: () => 'a push',
    pipeline: (name) => `pipeline ${name}`,
    schedule: (name) => `schedule ${name}`,
    person: (name) => name,
    retry: (name) => `${name} (retry)`,
  },
  brokeIn: {
    FAILED: 'Failed in',
    STOPPED: 'Stopped in',
    TIMED_OUT: 'Timed out in',
    FAULT: 'Cut short in',
    LOST: 'Last heard of in',
    UNKNOWN: 'Last in',
  },
  phases: new Map([
    ['SUBMITTED', 'accepting the build'],
    ['QUEUED', 'waiting for a free build machine'],
    ['PROVISIONING', 'preparing the build machine'],
    ['DOWNLOAD_SOURCE', 'fetching the source'],
    ['INSTALL', 'install commands'],
    ['PRE_BUILD', 'commands before the build'],
    ['BUILD', 'build commands'],
    ['POST_BUILD', 'commands after the build'],
    ['UPLOAD_ARTIFACTS', 'storing the results'],
    ['FINALIZING', 'clearing up'],
  ]),
  command: 'Command',
  image: 'Image',
  links: { log: 'Build log', build: 'Build in CodeBuild', image: 'Images in ECR' },
  noLog: 'No log was written',
};

const ja: BuildWords = {
  verdict: {
    IN_PROGRESS: () => 'ビルド中です',
    SUCCEEDED: () => 'ビルドが成功しました',
    FAILED: () => 'ビルドが失敗しました',
    STOPPED: () => 'ビルドが中止されました',
    TIMED_OUT: () => 'ビルドが時間切れになりました',
    FAULT: () => 'CodeBuild の障害でビルドが中断しました',
    LOST: () => 'ビルドの終了が通知されませんでした',
    UNKNOWN: (raw) => (raw ? `ビルドは不明な状態です: ${raw}` : 'ビルドは不明な状態で終了しました'),
  },
  unnamedProject: '名前のないプロジェクト',
  ref: { branch: 'ブランチ', tag: 'タグ', pullRequest: 'プルリクエスト', ref: 'ブランチまたはタグ' },
  commit: 'コミット',
  by: (author) => `作成者: ${author}`,
  duration: '所要時間',
  time: japanese,
  startedBy: '起動元',
  starter: {
    push: () => 'プッシュ',
    pipeline: (name) => `パイプライン ${name}`,
    schedule: (name) => `スケジュール ${name}`,
    person: (name) => name,
    retry: (name) => `${name}（再実行）`,
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
  image: 'イメージ',
  links: { log: 'ビルドログ', build: 'CodeBuild で開く', image: 'ECR のイメージ一覧' },
  noLog: 'ログは出力されていません',
};

export const WORDS = { en, ja } as const satisfies Record<Language, BuildWords>;
