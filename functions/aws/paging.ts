import { AwsFailure } from '../errors.ts';
import { type Action, awsFailure, errorNameOf } from './errors.ts';

/** What a listing is about, and how it may end early. */
export interface Listing<Page> {
  readonly action: Action;
  readonly resource: string;
  /** The token that the page gives for the next one. */
  readonly tokenOf: (page: Page) => string | undefined;
  /** Error names that mean "already gone": the listing ends there. */
  readonly gone?: readonly string[];
}

/**
 * Hands the pages of an SDK paginator on, with its errors wrapped. A token that comes a second time would page for ever, or
 * hide that the list is incomplete: it is an error.
 *
 * @throws AwsFailure where AWS refuses or does not answer, or with errorName `RepeatedPageToken`
 */
export async function* pagesOf<Page>(
  listing: Listing<Page>,
  paginator: AsyncIterable<Page>,
): AsyncGenerator<Page, void> {
  const { action, resource } = listing;
  const seen = new Set<string>();
  try {
    for await (const page of paginator) {
      yield page;
      const token = listing.tokenOf(page);
      if (token !== undefined && seen.has(token)) {
        throw new AwsFailure({ action, resource, errorName: 'RepeatedPageToken' }, 'the same page token came twice');
      }
      if (token !== undefined) {
        seen.add(token);
      }
    }
  } catch (thrown) {
    if (!listing.gone?.includes(errorNameOf(thrown))) {
      throw awsFailure(action, resource, thrown);
    }
  }
}

/** All items of all pages. */
export async function allOf<Page, Item>(
  pages: AsyncIterable<Page>,
  itemsOf: (page: Page) => readonly Item[] | undefined,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  for await (const page of pages) {
    items.push(...(itemsOf(page) ?? []));
  }
  return items;
}
