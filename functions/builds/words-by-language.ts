import type { Language } from '../schemas/build-notice-config.ts';
import type { BuildWords } from './words.ts';
import { en } from './words-en.ts';
import { ja } from './words-ja.ts';

export const WORDS = { en, ja } as const satisfies Record<Language, BuildWords>;
