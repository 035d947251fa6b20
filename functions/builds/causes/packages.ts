import { byText, type Cause, quoted, spaced } from './cause.ts';

/** Packages of Python and JavaScript. What is narrower stands before what it leads to. */
export const PACKAGE_CAUSES = [
  {
    code: 'pip-conflict',
    who: 'you',
    // https://pip.pypa.io/en/stable/topics/dependency-resolution/
    recognise: byText([
      /Cannot install (?<package>.+?) because these package versions have conflicting dependencies/,
      /ResolutionImpossible/,
    ]),
    words: {
      en: {
        what: ({ package: name }) =>
          `Python packages of requirements.txt contradict each other${name === undefined ? '' : `: ${name}`}.`,
        next: () => 'Loosen or change the versions in requirements.txt; the log says which package wants what.',
      },
      ja: {
        what: ({ package: name }) =>
          `requirements.txt の Python パッケージのバージョン指定が互いに矛盾しています${name === undefined ? '' : `（${name}）`}。`,
        next: () =>
          'requirements.txt のバージョン指定を見直してください。どのパッケージが何を要求しているかは、ログに表示されています。',
      },
    },
  },
  {
    code: 'pip-not-found',
    who: 'you',
    // https://pip.pypa.io/en/stable/cli/pip_install/
    recognise: byText([
      /No matching distribution found for (?<package>\S+)/,
      /Could not find a version that satisfies the requirement (?<package>\S+)/,
    ]),
    words: {
      en: {
        what: ({ package: name = '' }) => `pip could not find the Python package ${name}.`,
        next: () =>
          'Look up on pypi.org whether the name and the version in requirements.txt exist, and whether that version supports the image’s version of Python.',
      },
      ja: {
        what: ({ package: name }) => `Python パッケージ${spaced(name)}が見つかりませんでした。`,
        next: () =>
          'requirements.txt に書いた名前とバージョンが存在するか、pypi.org で確認してください。そのバージョンが、イメージの Python のバージョンに対応していない場合もあります。',
      },
    },
  },
  {
    code: 'python-needs-compiler',
    who: 'you',
    // https://pip.pypa.io/en/stable/cli/pip_install/
    recognise: byText([
      /error: command '(?:\S*\/)?(?<tool>x86_64-linux-gnu-gcc|gcc|g\+\+|cc|cmake|rustc|cargo)' failed/,
      /unable to execute '(?<tool>[^']+)': No such file or directory/,
      /error: Microsoft Visual C\+\+/,
      /Failed building wheel for (?<package>\S+)/,
      /Could not build wheels for (?<package>\S+)/,
    ]),
    words: {
      en: {
        what: ({ package: name, tool }) =>
          `A Python package${name === undefined ? '' : ` (${name})`} has to be compiled here, and that did not work${tool === undefined ? '' : ` (${tool})`}.`,
        next: () =>
          'Use a version of the package that comes ready built (a wheel) for the image’s Python, or install compiler and libraries in the Dockerfile first (apt-get install build-essential …).',
      },
      ja: {
        what: ({ package: name, tool }) =>
          `Python パッケージ${name === undefined ? '' : `（${name}）`}のコンパイルに失敗しました${tool === undefined ? '' : `（${tool}）`}。`,
        next: () =>
          'イメージの Python 向けにビルド済みの版（wheel）があるバージョンを使うか、Dockerfile で先にコンパイラとライブラリ（build-essential など）をインストールしてください。',
      },
    },
  },
  {
    code: 'python-module-missing',
    who: 'you',
    recognise: byText([/^(?:#\d+ [\d.]+ )?ModuleNotFoundError: No module named '(?<package>[^']+)'/]),
    words: {
      en: {
        what: ({ package: name }) =>
          `The Python program needs the module ${quoted(name, 'en')}, which is not installed in the image.`,
        next: () =>
          'Add it to requirements.txt (the package may have another name than the module), or correct the import.',
      },
      ja: {
        what: ({ package: name }) =>
          `Python プログラムが必要とするモジュール${quoted(name, 'ja')}が、イメージにインストールされていません。`,
        next: () =>
          'requirements.txt に追加してください（パッケージ名がモジュール名と異なる場合があります）。または import を見直してください。',
      },
    },
  },
  {
    code: 'npm-conflict',
    who: 'you',
    // https://docs.npmjs.com/cli/v10/using-npm/config#legacy-peer-deps
    recognise: byText([/npm (?:ERR!|error) code ERESOLVE/]),
    words: {
      en: {
        what: () =>
          'JavaScript packages contradict each other: one needs another version of a package than package.json asks for.',
        next: () =>
          'Run npm install on your computer, choose versions that fit, and commit package.json together with package-lock.json.',
      },
      ja: {
        what: () =>
          'JavaScript パッケージの依存関係が矛盾しています。package.json の指定と、あるパッケージが必要とするバージョンが合いません。',
        next: () =>
          '手元で npm install を実行して合うバージョンを選び、package.json と package-lock.json を一緒にコミットしてください。',
      },
    },
  },
  {
    code: 'npm-not-found',
    who: 'you',
    recognise: byText([
      /npm (?:ERR!|error) 404 +'(?<package>[^']+)' is not in (?:this|the npm) registry/,
      /npm (?:ERR!|error) notarget No matching version found for (?<package>\S+?)\.?$/,
      /npm (?:ERR!|error) code E404/,
    ]),
    words: {
      en: {
        what: ({ package: name }) =>
          `The JavaScript package ${name ?? 'that is asked for'} does not exist in the registry, or not in that version.`,
        next: () =>
          'Check its name and version in package.json. A private package needs a sign-in to its registry: ask whoever owns it.',
      },
      ja: {
        what: ({ package: name }) =>
          `JavaScript パッケージ${spaced(name)}が、レジストリに存在しないか、指定されたバージョンがありません。`,
        next: () =>
          'package.json の名前とバージョンを確認してください。非公開パッケージの場合は、レジストリへのログインが必要です。パッケージの管理者に確認してください。',
      },
    },
  },
  {
    code: 'npm-lock',
    who: 'you',
    // https://github.com/krausest/js-framework-benchmark/issues/1841
    recognise: byText([
      /npm ci.? can only install packages when your package\.json and package-lock\.json/,
      /npm (?:ERR!|error).*can only install with an existing package-lock\.json/,
      /npm (?:ERR!|error) Missing: (?<package>\S+) from lock file/,
    ]),
    words: {
      en: {
        what: () => 'package.json and package-lock.json do not fit together: one was changed without the other.',
        next: () => 'Run npm install on your computer and commit the changed package-lock.json.',
      },
      ja: {
        what: () => 'package.json と package-lock.json の内容が一致していません。片方だけが変更されています。',
        next: () => '手元で npm install を実行し、更新された package-lock.json をコミットしてください。',
      },
    },
  },
] as const satisfies readonly Cause[];
