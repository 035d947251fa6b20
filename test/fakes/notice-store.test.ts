import { describe } from '@jest/globals';
import { noticeStoreContract } from '#test/builds/notice-store.ts';
import { FakeNoticeStore } from './notice-store.ts';

describe('the fake notice store', () => noticeStoreContract(() => new FakeNoticeStore()));
