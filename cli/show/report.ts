import type { TeardownReport } from '#functions/teardown/model.ts';
import { teardownReportLines } from '#functions/teardown/print.ts';
import type { Terminal } from '../terminal.ts';
import { painted } from './lines.ts';

/** A report, on stdout. */
export function showReport({ out, outColours }: Terminal, report: TeardownReport): void {
  for (const line of teardownReportLines(report)) {
    out(painted(line, outColours));
  }
}
