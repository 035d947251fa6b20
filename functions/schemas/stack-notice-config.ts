import * as z from 'zod/mini';
import { BuildNoticeConfig } from './build-notice-config.ts';

/**
 * What the teardown function is told about Slack. Apart from the rest of its environment: what is wrong here costs a notice and
 * no teardown. The webhook's URL and the bot's token are credentials and never variables: only the names of the SSM
 * SecureStrings that hold them are.
 */
export const StackNoticeConfig = z.omit(BuildNoticeConfig, { ROUTES_PARAMETER: true, NOTICE_TABLE: true });
export type StackNoticeConfig = z.output<typeof StackNoticeConfig>;
