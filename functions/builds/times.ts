const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
// The space before AM and PM may be a narrow no-break space: newer Java runtimes write it so. `\s` covers it.
const CODEBUILD_TIME = /^([a-z]{3})[a-z]*\.?\s+(\d{1,2}),\s*(\d{4}),?\s+(\d{1,2}):(\d{2}):(\d{2})\s*([ap])\.?m\.?$/i;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Reads a date of a CodeBuild event: `Sep 1, 2017 4:12:29 PM`, without a zone, means UTC; ISO dates are read too.
 *
 * @returns milliseconds since 1970, or undefined for anything else
 */
export function parseBuildTime(text: string | undefined): number | undefined {
  const trimmed = text?.trim();
  if (trimmed === undefined) {
    return undefined;
  }
  const iso = ISO_TIME.exec(trimmed);
  if (iso !== null) {
    return finite(Date.parse(iso[3] === undefined ? `${trimmed}Z` : trimmed));
  }
  const [, month = '', day, year, hour, minute, second, half = ''] = CODEBUILD_TIME.exec(trimmed) ?? [];
  const monthIndex = MONTHS.indexOf(month.toLowerCase());
  if (monthIndex < 0) {
    return undefined;
  }
  const hour24 = (Number(hour) % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  return finite(Date.UTC(Number(year), monthIndex, Number(day), hour24, Number(minute), Number(second)));
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** Whole seconds between two moments; undefined where one is missing or they are in the wrong order. */
export function secondsBetween(start: number | undefined, end: number | undefined): number | undefined {
  return start === undefined || end === undefined || end < start ? undefined : Math.round((end - start) / 1000);
}
