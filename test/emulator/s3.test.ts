import { prove } from '#test/emulator/prove.ts';
import { s3Scenarios } from '#test/emulator/scenarios/s3.ts';

prove(s3Scenarios);
