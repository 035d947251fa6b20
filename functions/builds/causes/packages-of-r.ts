import { byText, type Cause, quoted } from './cause.ts';

/** R writes ‘name’ in a UTF-8 locale and 'name' elsewhere. */
const QUOTED = String.raw`['‘"](?<package>[\w.]+)['’"]`;

/** Packages of R, and those of the operating system, which R's packages need most. */
export const R_CAUSES = [
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
        next: ({ package: name }) =>
          name === undefined
            ? 'Check the address of the package repository, where the Dockerfile or .Rprofile names it. If it is right, start the build again: the server may have been away.'
            : 'Check the name (upper and lower case matter) on cran.r-project.org. If the package needs a newer R, take a newer base image; if it was withdrawn, install it from the CRAN archive.',
      },
      ja: {
        what: ({ package: name, repository }) =>
          name === undefined
            ? `R パッケージの一覧${repository === undefined ? '' : `（${repository}）`}を取得できませんでした。`
            : `イメージの R のバージョンで使える R パッケージ${quoted(name, 'ja')}が、CRAN にありません。`,
        next: ({ package: name }) =>
          name === undefined
            ? 'Dockerfile や .Rprofile に書いた、パッケージの取得先の URL を確認してください。正しい場合は、サーバーが一時的に停止していた可能性があるため、もう一度ビルドを実行してください。'
            : 'cran.r-project.org でパッケージ名（大文字・小文字も区別されます）を確認してください。より新しい R が必要なパッケージの場合は、ベースイメージを新しくしてください。公開が終了している場合は、CRAN のアーカイブからインストールしてください。',
      },
    },
  },
  {
    code: 'r-install-failed',
    who: 'you',
    // https://github.com/ababaian/palmid/issues/13
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
          'Look in the log, a little above the error, for the library that is missing (such as libxml2-dev). Install it in the Dockerfile with apt-get, before the R packages.',
      },
      ja: {
        what: ({ package: name }) =>
          `R パッケージ${quoted(name, 'ja')}をインストールできませんでした。多くの場合、OS のライブラリがイメージに足りないことが原因です。`,
        next: () =>
          'ログのエラーの少し前で、不足しているライブラリ名（libxml2-dev など）を探してください。そのライブラリを、Dockerfile で R パッケージより先に apt-get でインストールしてください。',
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
          'Dockerfile でインストールするパッケージに追加してください。すでに追加してある場合は、ログの前のほうで、インストールが失敗していないか確認してください。',
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
          'イメージの Debian や Ubuntu のバージョンに、その名前のパッケージがあるか確認してください。また、同じ RUN の中で、apt-get install の前に apt-get update を実行してください。',
      },
    },
  },
] as const satisfies readonly Cause[];
