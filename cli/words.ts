/** A command that does what it says in the same place, to be copied. */
export function commandWord(words: string, { region }: { readonly region: string }): string {
  return `clean-exit ${words} --region ${region}`;
}

/** `1 stack`, `3 stacks`. */
export function stacksWord(count: number): string {
  return count === 1 ? '1 stack' : `${count} stacks`;
}
