import type { Language } from '../schemas/build-notice-config.ts';
import type { Notice } from '../schemas/notice.ts';
import type { Wording } from './announcement.ts';
import { logNoticeOf, noticeOf } from './notice.ts';

/** The words of the notices, as the flow asks for them. */
export const WORDING: Wording = {
  notice: (build, about, language) => noticeOf(build, { ...about, language }),
  answer: (build, about, language) => logNoticeOf(build, { ...about, language }),
  wrongRoutes,
};

const WRONG_ROUTES = {
  en: {
    subject: 'Routes of the build notices',
    verdict: 'the document is wrong; the last good one stays in force',
    faults: 'What is wrong',
    more: (count: number) => `and ${count} more`,
    remedy: 'What to do',
    how: 'Correct the document in Systems Manager; it is read again within five minutes.',
  },
  ja: {
    subject: 'ビルド通知のルート設定',
    verdict: '設定に誤りがあります。直前の正しい設定を使い続けます',
    faults: '誤りの内容',
    more: (count: number) => `ほか ${count} 件`,
    remedy: '対処方法',
    how: 'Systems Manager の設定を修正してください。5分以内に再読み込みされます。',
  },
} as const satisfies Record<Language, object>;

const SHOWN_FAULTS = 8;

/** A fault names fields, and may repeat a name that somebody wrote into the document: outside text, like all of a notice. */
function wrongRoutes(faults: readonly string[], language: Language): Notice {
  const words = WRONG_ROUTES[language];
  const rest = faults.length - SHOWN_FAULTS;
  const lines = [...faults.slice(0, SHOWN_FAULTS), ...(rest > 0 ? [words.more(rest)] : [])];
  return {
    tone: 'warning',
    emoji: '⚠️',
    subject: words.subject,
    verdict: words.verdict,
    facts: [],
    sections: [
      { label: words.faults, lines: lines.map((text) => [{ kind: 'text', text }]) },
      { label: words.remedy, lines: [[{ kind: 'text', text: words.how }]] },
    ],
    links: [],
    footer: [],
  };
}
