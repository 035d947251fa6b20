/**
 * Matches a name against a pattern as IAM and EventBridge write them: `*` stands for any run of characters, slashes and
 * the empty run included, `?` for one character, everything else for itself. The whole name must match; capitals count.
 *
 * No regular expression: a pattern with many stars must not cost more than pattern length times name length.
 */
export function matches(pattern: string, name: string): boolean {
  const wanted = [...pattern];
  const given = [...name];
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < given.length; ) {
    if (wanted[at] === '*') {
      star = at++;
      resume = index;
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === given[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      // The last star takes one character more; earlier ones need not be tried again.
      at = star + 1;
      index = ++resume;
    } else {
      return false;
    }
  }
  return wanted.slice(at).every((character) => character === '*');
}
