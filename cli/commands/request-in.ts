import * as z from 'zod/mini';

/** What somebody asked the state machine for. Whoever starts it may have sent anything. */
const Asked = z.object({
  stacks: z.array(z.string()),
  mode: z._default(z.string(), 'plan'),
});

/** @param input an execution's input, as JSON */
export function requestIn(input: string | undefined): { readonly mode: string; readonly stacks: readonly string[] } {
  try {
    const parsed = Asked.safeParse(JSON.parse(input ?? ''));
    if (parsed.success) {
      return parsed.data;
    }
  } catch {
    // Told below.
  }
  return { mode: 'unknown', stacks: [] };
}
