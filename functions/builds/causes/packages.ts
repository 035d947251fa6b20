import { byText, type Cause, quoted } from './cause.ts';

/** R writes ‘name’ in a UTF-8 locale and 'name' elsewhere. */
const QUOTED = String.raw`['‘"](?<package>[\w.]+)['’"]`;

/** Packages of Python, JavaScript, R and the operating system. What is narrower stands before what it leads to. */
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
        what: ({ package: name = '' }) => `The Python package ${name} could not be found in that version.`,
        next: () =>
          'Check the name and the version in requirements.txt on pypi.org, and whether that version supports the Python version of the image.',
      },
      ja: {
        what: ({ package: name = '' }) => `Python パッケージ ${name} の、指定されたバージョンが見つかりませんでした。`,
        next: () =>
          'requirements.txt の名前とバージョンを pypi.org で確認してください。イメージの Python のバージョンに対応していない場合もあります。',
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
          `JavaScript パッケージ ${name ?? ''} が、レジストリに存在しないか、指定のバージョンがありません。`,
        next: () =>
          'package.json の名前とバージョンを確認してください。非公開パッケージの場合はレジストリへのログインが必要ですので、管理者に確認してください。',
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
  {
    code: 'r-not-available',
    who: 'you',
    // https://github.com/broadinstitute/gatk/issues/6489
    recognise: byText([
      new RegExp(`package ${QUOTED} is not available`),
      new RegExp(`dependency ${QUOTED} is not available$`),
      /unable to access index for repository (?<repository>https?:\S+?):?$/,
    ]),
    words: {
      en: {
        what: ({ package: name, repository }) =>
          name === undefined
            ? `The R package index ${repository ?? ''} could not be read.`
            : `The R package ${quoted(name, 'en')} is not on CRAN for the image’s version of R.`,
        next: () =>
          'Check the name (upper and lower case matter) on cran.r-project.org. If the package needs a newer R, take a newer base image; if it was withdrawn, install it from the CRAN archive.',
      },
      ja: {
        what: ({ package: name, repository }) =>
          name === undefined
            ? `R パッケージの一覧 ${repository ?? ''} を取得できませんでした。`
            : `R パッケージ${quoted(name, 'ja')}は、このイメージの R のバージョン向けには CRAN にありません。`,
        next: () =>
          'cran.r-project.org でパッケージ名（大文字・小文字も区別されます）を確認してください。新しい R が必要な場合はベースイメージを新しくし、公開が終了している場合は CRAN のアーカイブからインストールしてください。',
      },
    },
  },
  {
    code: 'r-install-failed',
    who: 'you',
    // https://github.com/ababaian/palmid/issues/13 and https://github.com/interactivereport/cellxgene_VIP/issues/80
    recognise: byText([
      new RegExp(`ERROR: (?:compilation|configuration|lazy loading) failed for package ${QUOTED}`),
      new RegExp(`installation of package ${QUOTED} had non-zero exit status`),
      new RegExp(`ERROR: dependenc(?:y|ies) .+ (?:is|are) not available for package ${QUOTED}`),
    ]),
    words: {
      en: {
        what: ({ package: name }) =>
          `The R package ${quoted(name, 'en')} could not be installed. As a rule a library of the operating system is missing in the image.`,
        next: () =>
          'Look above that line in the log for the library it misses (such as libxml2-dev), and install it in the Dockerfile with apt-get before the R packages.',
      },
      ja: {
        what: ({ package: name }) =>
          `R パッケージ${quoted(name, 'ja')}をインストールできませんでした。OS のライブラリがイメージにないことがよくある原因です。`,
        next: () =>
          'ログのその行より前で、不足しているライブラリ名（libxml2-dev など）を探し、Dockerfile で R パッケージより先に apt-get でインストールしてください。',
      },
    },
  },
  {
    code: 'r-package-missing',
    who: 'you',
    recognise: byText([new RegExp(`there is no package called ${QUOTED}`)]),
    words: {
      en: {
        what: ({ package: name }) =>
          `The R program needs the package ${quoted(name, 'en')}, which is not installed in the image.`,
        next: () =>
          'Add it to the packages that the Dockerfile installs. If it is there, look further up in the log: its installation failed without stopping the build.',
      },
      ja: {
        what: ({ package: name }) =>
          `R プログラムが必要とするパッケージ${quoted(name, 'ja')}が、イメージにインストールされていません。`,
        next: () =>
          'Dockerfile でインストールするパッケージに追加してください。すでにある場合は、ログの前のほうでインストールが失敗していないか確認してください。',
      },
    },
  },
  {
    code: 'apt-not-found',
    who: 'you',
    recognise: byText([
      /E: Unable to locate package (?<package>\S+)/,
      /E: Package '(?<package>[^']+)' has no installation candidate/,
      /E: Version '[^']+' for '(?<package>[^']+)' was not found/,
    ]),
    words: {
      en: {
        what: ({ package: name }) => `The system package ${quoted(name, 'en')} was not found by apt-get.`,
        next: () =>
          'Check the name for the image’s version of Debian or Ubuntu, and put apt-get update before apt-get install in the same RUN line.',
      },
      ja: {
        what: ({ package: name }) => `apt-get で、パッケージ${quoted(name, 'ja')}が見つかりませんでした。`,
        next: () =>
          'イメージの Debian・Ubuntu のバージョンでのパッケージ名を確認し、同じ RUN の中で apt-get install の前に apt-get update を実行してください。',
      },
    },
  },
] as const satisfies readonly Cause[];
