/** The first page of a listing, and whether there is more: some hold more than anybody wants to count. */
export async function firstPage<T>(
  pages: AsyncIterable<readonly T[]>,
): Promise<{ readonly things: readonly T[]; readonly orMore: boolean }> {
  let things: readonly T[] | undefined;
  for await (const page of pages) {
    if (things !== undefined) return { things, orMore: true };
    things = page;
  }
  return { things: things ?? [], orMore: false };
}
