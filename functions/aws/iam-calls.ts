import { IAMClient } from '@aws-sdk/client-iam';
import { type AdapterOptions, CLIENT_SETTINGS, perContainer, sendOptions } from './clients.ts';
import { type Action, callUnlessGone } from './errors.ts';
import { allOf, pagesOf } from './paging.ts';

const containerClient = perContainer('iam', () => new IAMClient(CLIENT_SETTINGS));

/** The model's name; `NoSuchEntity` is what goes over the wire and what an answer outside the model would be called. */
const NO_SUCH_ENTITY = ['NoSuchEntityException', 'NoSuchEntity'];

/** IAM pages by Marker, and gives one only while IsTruncated is true.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html */
export interface MarkedPage {
  readonly IsTruncated?: boolean | undefined;
  readonly Marker?: string | undefined;
}

/** The ways in which all adapters of IAM call it. */
export interface IamCalls {
  readonly client: () => IAMClient;
  readonly options: ReturnType<typeof sendOptions>;
  /** One call; undefined where the thing is gone. */
  readonly unlessGone: <T>(action: Action, resource: string, send: () => Promise<T>) => Promise<T | undefined>;
  /** All items of all pages; none where what is listed is gone. */
  readonly listed: <Page extends MarkedPage, Item>(
    action: Action,
    resource: string,
    pages: AsyncIterable<Page>,
    itemsOf: (page: Page) => readonly Item[] | undefined,
  ) => Promise<readonly Item[]>;
}

export function iamCalls({ client = containerClient, signal }: AdapterOptions<IAMClient>): IamCalls {
  return {
    client,
    options: sendOptions(signal),
    unlessGone: (action, resource, send) => callUnlessGone(action, resource, NO_SUCH_ENTITY, send),
    listed: (action, resource, pages, itemsOf) =>
      allOf(pagesOf({ action, resource, tokenOf: (page) => page.Marker, gone: NO_SUCH_ENTITY }, pages), itemsOf),
  };
}
