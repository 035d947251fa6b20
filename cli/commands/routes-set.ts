import { checkRoutes } from '#functions/builds/routes.ts';
import { counted, oneLine } from '#functions/core/report.ts';
import type { Routes } from '#functions/schemas/routes.ts';
import type { RoutesParameter, StoredText } from '../aws/routes-parameter.ts';
import type { ServiceStack } from '../aws/service-stack.ts';
import { NotConsented, WrongUsage } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Kit } from '../kit.ts';
import { checkedDocument, type Document, tierSentence } from '../routes/checked.ts';
import { ownOf, remarksOn, rowsOf } from '../routes/meaning.ts';
import { rowWords, tableLines } from '../routes/table.ts';
import { whileWaiting } from '../show/waiting.ts';

export interface SetFlags {
  readonly parameter?: string | undefined;
  readonly yes?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** The parameter's name where no service says another one: the default of template.yaml. */
const USUAL_PARAMETER = '/clean-exit/routes';

/** `clean-exit routes set`: checks a routes document, shows what changes, and puts it where the service reads it. */
export async function setRoutes(
  kit: Kit,
  file: string,
  { parameter, yes = false, json = false }: SetFlags,
): Promise<ExitCode> {
  const { terminal } = kit;
  if (parameter !== undefined && !/^(\/[A-Za-z0-9_.-]+)+$/.test(parameter)) {
    throw new WrongUsage(
      '--parameter must be the name of an SSM parameter with its leading slash, such as /clean-exit/routes.',
    );
  }
  // What is piped in has used up the terminal that an answer would come from.
  if (!yes && (!terminal.interactive || file === '-')) {
    throw new NotConsented('Nothing was changed: nobody can be asked here. Consent on the command line: --yes');
  }
  const document = await checkedDocument(kit, file, json);
  if ('exit' in document) {
    return document.exit;
  }
  const port = await kit.routesParameter();
  const { stack, name, before } = await whileWaiting(kit, 'Reading the routes in force', () =>
    inForce(kit, port, parameter),
  );
  const change = changeOf(document, before, stack, name);
  tell(kit, change);
  if (change.unchanged) {
    finish(
      kit,
      { ...change, version: before?.version },
      json,
      `${name} holds this document already; nothing was changed.`,
    );
    return EXIT.done;
  }
  if (!yes && (await terminal.ask('To put it into force, type yes:'))?.trim() !== 'yes') {
    throw new NotConsented('Nothing was changed: what was typed is not yes.');
  }
  // Not given up on Ctrl-C: whether it was written would be unknown.
  const { version, tier } = await port.put(name, document.text);
  if (version !== (before?.version ?? 0) + 1) {
    terminal.err(`note: somebody else changed ${name} meanwhile; their version ${version - 1} is replaced.`);
  }
  const read = stack?.parameters['RoutesParameter'] === name ? ' The service reads it within five minutes.' : '';
  finish(kit, { ...change, version, tier }, json, `${name} has the document as version ${version}.${read}`);
  return EXIT.done;
}

async function inForce(
  kit: Kit,
  port: RoutesParameter,
  asked: string | undefined,
): Promise<{
  readonly stack: ServiceStack | undefined;
  readonly name: string;
  readonly before: StoredText | undefined;
}> {
  await kit.identity();
  const stack = await kit.serviceStack();
  const name = asked ?? (stack?.parameters['RoutesParameter'] || USUAL_PARAMETER);
  return { stack, name, before: await port.read(name) };
}

interface Change {
  readonly parameter: string;
  readonly unchanged: boolean;
  readonly routes: ReturnType<typeof rowsOf>;
  /** Routes on a line each, `people` in a sentence. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly notes: readonly string[];
}

function changeOf(
  { text, routes, bytes }: Document,
  before: StoredText | undefined,
  stack: ServiceStack | undefined,
  parameter: string,
): Change {
  const own = ownOf(stack);
  const words = (document: Routes): readonly string[] => [
    ...rowsOf(document, own).map(rowWords),
    ...Object.entries(document.people).map(([address, id]) => oneLine(`people: ${address} is ${id}`)),
  ];
  const known = before === undefined ? undefined : checkRoutes(before.text);
  const old = known !== undefined && 'routes' in known ? words(known.routes) : [];
  const next = words(routes);
  const removed = old.filter((line) => !next.includes(line));
  const added = next.filter((line) => !old.includes(line));
  const order = (lines: readonly string[], other: readonly string[]) =>
    lines.filter((line) => other.includes(line)).join('\n');
  const reads = stack?.parameters['RoutesParameter'];
  const tier = tierSentence(bytes);
  const notes = [
    ...(before === undefined ? [`${parameter} is not there yet: it is made.`] : []),
    ...(known !== undefined && 'faults' in known
      ? [
          `What ${parameter} holds now has ${counted(known.faults.length, 'fault')}: the service goes by the last good one.`,
        ]
      : []),
    ...(order(old, next) === order(next, old) ? [] : ['The order changes: the first route that matches counts.']),
    ...remarksOn(routes, own),
    ...(tier === undefined ? [] : [tier]),
    ...(stack === undefined ? ['No service is deployed in this Region: nobody reads it yet.'] : []),
    ...(stack !== undefined && reads !== parameter
      ? [
          reads
            ? `The service reads ${reads}, not ${parameter}.`
            : 'The service reads no routes: deploy it with RoutesParameter.',
        ]
      : []),
  ];
  return { parameter, unchanged: before?.text === text, routes: rowsOf(routes, own), removed, added, notes };
}

/** On stderr: the result alone goes to stdout. */
function tell({ terminal: { err, errColours } }: Kit, { routes, removed, added, notes, unchanged }: Change): void {
  for (const line of tableLines(routes, errColours)) {
    err(line);
  }
  err('');
  for (const line of removed) {
    err(errColours.red(`- ${line}`));
  }
  for (const line of added) {
    err(errColours.green(`+ ${line}`));
  }
  if (!unchanged && removed.length + added.length === 0) {
    err('No route and no person is added or removed.');
  }
  for (const note of notes) {
    err(`${errColours.yellow('note:')} ${note}`);
  }
}

function finish(
  { terminal }: Kit,
  { unchanged, version: parameterVersion, ...change }: Change & { version?: number | undefined; tier?: string },
  json: boolean,
  sentence: string,
): void {
  const outcome = unchanged ? 'unchanged' : 'set';
  terminal.out(json ? JSON.stringify({ version: 1, outcome, parameterVersion, ...change }, null, 2) : sentence);
}
