/** An error as the SDK throws it: known by its name, with the HTTP status in `$metadata`. */
export function sdkError(name: string, { status = 400, message = `${name} happened` } = {}): Error {
  return Object.assign(new Error(message), { name, $fault: 'client', $metadata: { httpStatusCode: status } });
}

/**
 * Answers a listing page by page, by the token that is asked with, and keeps a copy of what was asked: the SDK's paginators
 * use one input object for all pages, so that `commandCalls()` shows the last token everywhere.
 *
 * @param tokenField `nextToken`, `NextToken` or `Marker`
 * @param pages answers by token; `''` is the first page's
 */
export function served<Page>(tokenField: string, pages: Readonly<Record<string, Page>>) {
  const asked: Readonly<Record<string, unknown>>[] = [];
  return {
    asked,
    answer: async (input: Readonly<Record<string, unknown>>): Promise<Page> => {
      asked.push({ ...input });
      const page = pages[String(input[tokenField] ?? '')];
      if (page === undefined) {
        throw new Error(`no page for ${tokenField} ${String(input[tokenField])}`);
      }
      return page;
    },
  };
}

/** Everything that an async iterable gives. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) {
    collected.push(item);
  }
  return collected;
}
