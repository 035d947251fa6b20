/** What happens to an account while a teardown is at work in it. */
import fc from 'fast-check';
import { stackIdOf } from './running.ts';
import type { Scene, World } from './worlds.ts';

export const happening = fc.record({
  /** Number of the call of the run at which it happens. */
  at: fc.integer({ min: 1, max: 160 }),
  /** Or just before the delete of its stack is taken. */
  late: fc.constantFrom(true, true, false),
  what: fc.constantFrom('push', 'push', 'import', 'import', 'update', 'delete', 'guard'),
  which: fc.nat(20),
});

/** Lets happen what happens while a run is at work; returns how it is ended. */
export function letHappen({ meanwhile: events }: World, { where, stacks, repositories, pushed }: Scene): () => void {
  const { log, ecr, cloudFormation } = where.account;
  const begin = log.calls.length;
  let over = false;
  const done = new Set<unknown>();
  log.onCall(({ action, target }, nth) => {
    for (const event of over ? [] : events) {
      const { at, late, what, which } = event;
      const stack = stacks[which % stacks.length];
      if (stack === undefined || done.has(event)) continue;
      const now = late
        ? action === 'cloudformation:DeleteStack' && target === stackIdOf(stack.root)
        : nth - begin === at;
      if (!now) continue;
      done.add(event);
      const { facts } = cloudFormation.peek(stack.root);
      const idle = facts.status.endsWith('_COMPLETE') && facts.status !== 'DELETE_COMPLETE';
      if (what === 'push') {
        const repository = repositories[which % (repositories.length || 1)];
        const there = repository && cloudFormation.peek(repository.stack.name);
        const row = there?.resources.find(({ physicalId }) => physicalId === repository?.name);
        if (repository === undefined || row === undefined || row.status === 'DELETE_COMPLETE') continue;
        ecr.fill(repository.name, 1, `late-${at}`);
        pushed.set(repository.name, (pushed.get(repository.name) ?? 0) + 1);
      } else if (what === 'import' && idle) {
        cloudFormation.addStack(`late-${at}`, { status: 'CREATE_COMPLETE' });
        cloudFormation.setStatus(stack.root, facts.status, { exportNames: [...facts.exportNames, `late-${at}`] });
        cloudFormation.import(`late-${at}`, `late-${at}`);
      } else if (what === 'update' && idle) {
        cloudFormation.setStatus(stack.root, 'UPDATE_IN_PROGRESS');
      } else if (what === 'guard' && idle) {
        cloudFormation.setStatus(stack.root, facts.status, { terminationProtected: true });
      } else if (what === 'delete' && idle && stack.requested && !facts.terminationProtected) {
        where.stackDeletion.beginFor(stack.root, `somebody-${at}`);
      }
    }
  });
  return () => {
    over = true;
  };
}
