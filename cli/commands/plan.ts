import type { Wish } from '../doors/choose.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Kit } from '../kit.ts';
import { showPlan } from '../show/plan.ts';
import { whileWaiting } from '../show/waiting.ts';
import { wrapTo } from '../show/wrap.ts';
import { stacksWord } from '../words.ts';
import { opened } from './opened.ts';
import { type ConsentFlags, requestOf } from './request.ts';

export interface PlanFlags extends ConsentFlags {
  readonly wish: Wish;
  readonly json?: boolean | undefined;
}

/** `clean-exit plan`: what a delete would do; changes nothing. */
export async function plan(kit: Kit, stacks: readonly string[], flags: PlanFlags): Promise<ExitCode> {
  const { terminal, interruption } = kit;
  const request = requestOf(stacks, flags, 'plan');
  const { door } = await opened(kit, flags.wish);
  terminal.err(terminal.errIsTerminal ? wrapTo(door.sentence, terminal.columns) : door.sentence);
  const made = await whileWaiting(kit, `Looking into ${stacksWord(request.stacks.length)}`, () =>
    door.plan(request, { run: kit.newRun(), signal: interruption.signal }),
  );
  if (flags.json === true) {
    terminal.out(JSON.stringify(made, null, 2));
  } else {
    showPlan(terminal, 'stdout', made);
  }
  return made.refusals.length > 0 ? EXIT.refused : EXIT.done;
}
