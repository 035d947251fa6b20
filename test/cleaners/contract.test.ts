/** What every cleaner in the list keeps. A new line in the list brings these tests with it. */
import { describe, expect, it } from '@jest/globals';
import { CLEANERS } from '#functions/cleaners/index.ts';
import type { CleanerDefinition } from '#functions/core/cleaner.ts';
import { STAGES } from '#functions/core/model.ts';
import { KEEP_TAG } from '#functions/core/ownership.ts';
import { AwsFailure } from '#functions/errors.ts';
import { cleanOne, LOGICAL_ID, removedBy, resourceOf, runOn, STACK, writes } from '#test/cleaners/scene.ts';
import { SUBJECTS } from '#test/cleaners/subjects.ts';
import { type FakeAccount, fakeAccount, stackIdOf } from '#test/fakes/index.ts';

const NAME = 'thing-1';
const STRANGER = 'thing-12';
const SECRET = 'declared-and-never-told';
/** More than three pages of the fakes. */
const MANY = 10;

const cases = CLEANERS.map((definition: CleanerDefinition) => [definition.type, definition] as const);

describe('the list of cleaners', () => {
  it.each(cases)('%s has a subject for this suite', (type) => {
    const missing = `${type} is in the list of cleaners: give it a ContractSubject in test/cleaners/subjects.ts`;
    expect(Object.hasOwn(SUBJECTS, type) ? type : missing).toBe(type);
  });

  it('names each type once', () => {
    const types = CLEANERS.map((definition) => definition.type);
    expect(new Set(types).size).toBe(types.length);
  });
});

const subjects = CLEANERS.flatMap((definition: CleanerDefinition) => {
  const subject = SUBJECTS[definition.type];
  return subject === undefined ? [] : [{ type: definition.type, definition, subject }];
});

describe.each(subjects)('$type', ({ type, definition, subject }) => {
  /** An account with the resource in the stack, and a stranger of the same type outside of it. */
  function scene(things: number | 'absent', tags?: Readonly<Record<string, string>>): FakeAccount {
    const account = fakeAccount();
    account.cloudFormation
      .addStack(STACK)
      .addResource(STACK, { logicalId: LOGICAL_ID, type, physicalId: NAME, properties: { Description: SECRET } });
    subject.add(account, STRANGER, 2);
    if (things !== 'absent') {
      subject.add(account, NAME, things, tags);
    }
    return account;
  }

  it('absent: there is nothing to do', async () => {
    const account = scene('absent');
    const outcome = await cleanOne(definition, account, await runOn(account, subject.options));
    expect(outcome.finding).toMatchObject({ exists: false, contents: [], blocks: false, stages: [], notes: [] });
    expect(writes(account)).toEqual([]);
  });

  it('empty: nothing is found, nothing is removed, nothing is left', async () => {
    const account = scene(0);
    const outcome = await cleanOne(definition, account, await runOn(account, subject.options));
    expect(outcome).toMatchObject({
      finding: { exists: true, contents: [], blocks: false },
      removed: [],
      leftovers: [],
      finished: true,
    });
  });

  it('many pages: everything goes and is counted', async () => {
    const account = scene(MANY);
    const outcome = await cleanOne(definition, account, await runOn(account, subject.options));
    expect(outcome).toMatchObject({ finding: { exists: true }, leftovers: [], finished: true });
    expect(Object.values(removedBy(outcome))).toEqual([MANY]);
    expect(subject.left(account, NAME)).toBe(0);
  });

  it('finds things before it removes any', async () => {
    const account = scene(MANY);
    const run = await runOn(account, subject.options);
    const finding = await definition.create(account.ports).inspect(resourceOf(run), run);
    expect(finding.contents.length).toBeGreaterThan(0);
    expect(writes(account)).toEqual([]);
    expect(subject.left(account, NAME)).toBe(MANY);
  });

  it('one partial failure: the others go, the one is left and named', async () => {
    const account = scene(MANY);
    subject.breakOne(account, NAME);
    const outcome = await cleanOne(definition, account, await runOn(account, subject.options));
    expect(subject.left(account, NAME)).toBe(1);
    expect(outcome.finished).toBe(true);
    expect(outcome.leftovers).toHaveLength(1);
    expect(outcome.leftovers[0]?.why).toContain(subject.removal);
    expect(outcome.leftovers[0]?.remedy).not.toBe('');
    expect(Object.values(removedBy(outcome))).toEqual([MANY - 1]);
  });

  it('access denied on the removal: everything is left, the remedy names the right and who gives it', async () => {
    const account = scene(MANY);
    account.log.deny(subject.removal);
    const outcome = await cleanOne(definition, account, await runOn(account, subject.options));
    expect(subject.left(account, NAME)).toBe(MANY);
    expect(outcome.removed).toEqual([]);
    expect(outcome.leftovers[0]?.why).toContain('AccessDeniedException');
    expect(outcome.leftovers[0]?.remedy).toContain(
      `administrator must allow ${subject.removal} on ${NAME} to the role`,
    );
  });

  const ifTagged = subject.untagged ? () => undefined : describe;
  ifTagged('its tags', () => {
    it.each(['', 'false', 'true'])('tagged to be kept (%j): refused and untouched', async (value) => {
      const account = scene(MANY, { [KEEP_TAG]: value });
      const outcome = await cleanOne(definition, account, await runOn(account, subject.options));
      expect(outcome.finding).toMatchObject({ exists: true, stages: [], refusal: { stops: 'resource' } });
      expect(outcome.finding.refusal?.blocks).toBe(outcome.finding.blocks);
      // Plans and reports put the resource's name in front.
      expect(outcome.finding.refusal?.sentence).not.toMatch(new RegExp(`${NAME}|${LOGICAL_ID}`));
      expect(writes(account)).toEqual([]);
      expect(subject.left(account, NAME)).toBe(MANY);
    });

    it.each([
      ['lists it too', 'eu-west-1', 'CREATE_COMPLETE', true],
      ['cannot be asked from here', 'us-east-1', 'CREATE_COMPLETE', true],
      ['let go of it', 'eu-west-1', 'DELETE_SKIPPED', false],
    ])('made again, under the same name, by a stack that %s', async (_, region, status, refused) => {
      const maker = stackIdOf('maker').replace('eu-west-1', region);
      const account = scene(MANY, { 'aws:cloudformation:stack-id': maker });
      account.cloudFormation
        .addStack('maker', { status: 'CREATE_COMPLETE' })
        .addResource('maker', { logicalId: 'New', type, physicalId: NAME, status });
      const outcome = await cleanOne(definition, account, await runOn(account, subject.options));
      expect(outcome.finding.refusal?.code).toBe(refused ? 'RESOURCE_OF_ANOTHER_STACK' : undefined);
      expect(writes(account).length === 0).toBe(refused);
      expect(subject.left(account, NAME)).toBe(refused ? MANY : 0);
    });

    it.each([
      ['is of the tree', STACK],
      ['is gone', 'nobody'],
    ])('made by a stack that %s: cleaned like any other', async (_, maker) => {
      const account = scene(MANY, { 'aws:cloudformation:stack-id': stackIdOf(maker) });
      const outcome = await cleanOne(definition, account, await runOn(account, subject.options));
      expect(outcome.finding.refusal).toBeUndefined();
      expect(subject.left(account, NAME)).toBe(0);
    });
  });

  it('run twice: the second run finds nothing and changes nothing', async () => {
    const account = scene(MANY);
    await cleanOne(definition, account, await runOn(account, subject.options));
    const before = writes(account).length;
    const second = await cleanOne(definition, account, await runOn(account, subject.options));
    expect(second).toMatchObject({ finding: { contents: [] }, removed: [], leftovers: [], finished: true });
    expect(writes(account)).toHaveLength(before);
  });

  it('each stage twice: the second time there is nothing to do', async () => {
    const account = scene(MANY);
    const run = await runOn(account, subject.options);
    const cleaner = definition.create(account.ports);
    const { stages } = await cleaner.inspect(resourceOf(run), run);
    for (const stage of stages) {
      await cleaner.work(stage, resourceOf(run), run);
    }
    for (const stage of stages) {
      expect(await cleaner.work(stage, resourceOf(run), run)).toMatchObject({
        removed: [],
        leftovers: [],
        finished: true,
      });
    }
  });

  it('a stage that the finding does not name changes nothing', async () => {
    const account = scene(MANY);
    const run = await runOn(account, subject.options);
    const cleaner = definition.create(account.ports);
    const { stages } = await cleaner.inspect(resourceOf(run), run);
    for (const stage of STAGES.filter((each) => !stages.includes(each))) {
      expect(await cleaner.work(stage, resourceOf(run), run)).toMatchObject({ removed: [], leftovers: [], notes: [] });
    }
    expect(writes(account)).toEqual([]);
  });

  it('out of time: nothing new is started, and it says so', async () => {
    const account = scene(MANY);
    const run = await runOn(account, { ...subject.options, time: 0 });
    const outcome = await cleanOne(definition, account, run);
    expect(outcome).toMatchObject({ removed: [], finished: false });
    expect(writes(account)).toEqual([]);
    expect(subject.left(account, NAME)).toBe(MANY);
  });

  it('out of time half-way: unfinished; the next run ends it', async () => {
    const account = scene(MANY);
    account.log.onCall(({ action }) => {
      if (action === subject.removal && account.log.count(action) === 1) {
        account.clock.advance(900_000);
      }
    });
    const first = await cleanOne(definition, account, await runOn(account, subject.options));
    expect(first).toMatchObject({ leftovers: [], finished: false });
    const second = await cleanOne(definition, account, await runOn(account, subject.options));
    expect(second).toMatchObject({ leftovers: [], finished: true });
    expect(subject.left(account, NAME)).toBe(0);
  });

  it('gone midway: success', async () => {
    const account = scene(MANY);
    account.log.onCall(({ action }) => {
      if (action === subject.removal) {
        subject.remove(account, NAME);
      }
    });
    const outcome = await cleanOne(definition, account, await runOn(account, subject.options));
    expect(outcome).toMatchObject({ leftovers: [], finished: true });
  });

  it('gone between inspection and work: success', async () => {
    const account = scene(MANY);
    const run = await runOn(account, subject.options);
    const cleaner = definition.create(account.ports);
    const { stages } = await cleaner.inspect(resourceOf(run), run);
    subject.remove(account, NAME);
    for (const stage of stages) {
      expect(await cleaner.work(stage, resourceOf(run), run)).toMatchObject({ leftovers: [], finished: true });
    }
  });

  it('access denied on inspect: thrown, so that a run stops before the first delete', async () => {
    const account = scene(MANY);
    account.log.deny(subject.firstRead);
    const run = await runOn(account, subject.options);
    const inspection = definition.create(account.ports).inspect(resourceOf(run), run);
    await expect(inspection).rejects.toBeInstanceOf(AwsFailure);
    await expect(inspection).rejects.toMatchObject({ context: { action: subject.firstRead, resource: NAME } });
    expect(writes(account)).toEqual([]);
  });

  it('what it finds and reports survives JSON and never holds what the template declares', async () => {
    const account = scene(MANY);
    subject.breakOne(account, NAME);
    const outcome = await cleanOne(definition, account, await runOn(account, subject.options));
    expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
    expect(JSON.stringify(outcome)).not.toContain(SECRET);
  });

  it('tells its progress, which only grows', async () => {
    const account = scene(MANY);
    const run = await runOn(account, subject.options);
    await cleanOne(definition, account, run);
    expect(run.events.length).toBeGreaterThan(0);
    expect(run.events.every((event) => event.logicalId === LOGICAL_ID)).toBe(true);
    const done = run.events.map((event) => event.done);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(Math.max(...done)).toBe(MANY);
  });

  it('never calls anything on another resource', async () => {
    const account = scene(MANY);
    await cleanOne(definition, account, await runOn(account, subject.options));
    const others = account.log.calls.filter(
      ({ action, target }) => !action.startsWith('cloudformation:') && target !== NAME,
    );
    expect(others).toEqual([]);
    expect(subject.left(account, STRANGER)).toBe(2);
  });
});
