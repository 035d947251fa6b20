import { Command, CommanderError, Option } from '@commander-js/extra-typings';
import { Interrupted, WrongUsage } from './errors.ts';
import { EXIT, EXIT_HELP, type ExitCode } from './exit.ts';
import type { Globals, Kit } from './kit.ts';
import { addRoutesCommands } from './routes-words.ts';
import { commandError } from './show/usage.ts';
import type { Terminal } from './terminal.ts';
import { VERSION } from './version.ts';

/** Makes the kit when a command really begins, after the options that every command takes are known. */
export type KitMaker = (globals: Globals) => Kit;

const DESCRIPTION = `Deletes CloudFormation stacks that would not delete: shows first what would be removed and what
stands in the way, asks for a typed word, and reports what is left.`;

const EXAMPLES = `
Examples:
  clean-exit doctor                                    is everything in place?
  clean-exit plan xxxx-build                           what would a delete do?
  clean-exit delete xxxx-deploy-user xxxx-build        importers go first, whatever the order here
  clean-exit delete xxxx-build --yes xxxx-build        without a question, for scripts
  clean-exit status                                    what is running, what is stuck
  clean-exit leftovers xxxx-build                      what a deleted stack left
  clean-exit routes check routes.json                  who is told of which build?

${EXIT_HELP}`;

/** What `plan` and `delete` have in common. */
function teardownOptions(command: Command<[string[]]>) {
  return command
    .option('--role-arn <arn>', 'role that CloudFormation deletes with, for stacks that have none of their own')
    .option('--disable-protection', 'consent: switch termination protection off')
    .option('--disable-log-group-protection', 'consent: switch deletion protection of log groups off')
    .option('--remove-roles-from-instance-profiles', 'consent: take roles out of instance profiles of others')
    .option('--detach-policies-from-others', 'consent: detach managed policies from users, groups and roles of others')
    .option('--remove-permissions-boundaries', 'consent: take boundaries from users and roles of others')
    .option('--keep-buckets', 'leave S3 buckets as they are; a stack with one that is not empty is refused then')
    .option('--delete-orphaned-log-groups', "delete log groups named after the stacks' functions and projects")
    .option('--json', 'print one JSON document on stdout')
    .addOption(new Option('--local', 'work in this process, with your own rights').conflicts('service'))
    .addOption(new Option('--service', 'have the deployed service work').conflicts('local'));
}

/** The whole command line. `run` hands the exit code of the command that ran on. */
export function programOf(terminal: Terminal, kitOf: KitMaker, done: (exit: ExitCode) => void): Command {
  const root = new Command('clean-exit')
    .description(DESCRIPTION)
    .addHelpText('after', EXAMPLES)
    .configureHelp({ showGlobalOptions: true, helpWidth: Math.min(terminal.columns, 110) })
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      outputError: (text, write) => write(commandError(text)),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  const program = root
    .option('--region <region>', 'AWS Region (default: AWS_REGION, AWS_DEFAULT_REGION, then the profile)')
    .option('--profile <profile>', 'profile of the AWS configuration')
    .option('--verbose', 'show where an error comes from')
    .version(VERSION, '--version', 'show the version');
  const kit = (): Kit => kitOf(program.opts());

  teardownOptions(program.command('plan').argument('<stack...>', 'names or ARNs of stacks'))
    .summary('show what a delete would remove, in which order, and what stands in the way')
    .description('Shows what a delete would remove, in which order, and what stands in the way. Changes nothing.')
    .addHelpText(
      'after',
      `
Examples:
  clean-exit plan xxxx-build
  clean-exit plan xxxx-deploy-user xxxx-build --disable-protection
  clean-exit plan xxxx-build --json

Exit code 3 where the plan refuses. --json prints the plan (docs/command-line.md describes it).`,
    )
    .action(async (stacks, { local, service, ...flags }) => {
      const { plan } = await import('./commands/plan.ts');
      done(await plan(kit(), stacks, { ...flags, wish: wishOf(local, service) }));
    });

  teardownOptions(program.command('delete').argument('<stack...>', 'names or ARNs of stacks'))
    .option('--yes <stack>', 'consent without a question: once for each stack, as it is named in the command', added)
    .summary('delete stacks, after a plan and a typed word')
    .description('Plans, asks for a typed word, deletes, and reports what was removed and what is left.')
    .addHelpText(
      'after',
      `
Examples:
  clean-exit delete xxxx-build
  clean-exit delete xxxx-deploy-user xxxx-build
  clean-exit delete xxxx-build --yes xxxx-build --json
  clean-exit delete a-build b-build --yes a-build --yes b-build

One stack is confirmed by typing its name, several by typing their number and the Region, as in
"3 stacks in ap-northeast-1". Ctrl-C stops after what is under way (--local), or leaves the service
working (--service); the same command goes on where it stopped.`,
    )
    .action(async (stacks, { local, service, ...flags }) => {
      const { deleteStacks } = await import('./commands/delete.ts');
      done(await deleteStacks(kit(), stacks, { ...flags, wish: wishOf(local, service) }));
    });

  program
    .command('status')
    .option('--json', 'print one JSON document on stdout')
    .summary('show running and recent teardowns of the service, and stacks in DELETE_FAILED')
    .description('Shows running and recent teardowns of the service, and stacks that CloudFormation could not delete.')
    .addHelpText(
      'after',
      `
Examples:
  clean-exit status
  clean-exit status --json --region eu-west-1`,
    )
    .action(async (flags) => {
      const { status } = await import('./commands/status.ts');
      done(await status(kit(), flags));
    });

  program
    .command('leftovers')
    .argument('<stack...>', 'names or ARNs of deleted stacks')
    .option('--json', 'print one JSON document on stdout')
    .summary('show what deleted stacks left in the account')
    .description(
      'Shows what deleted stacks left in the account, each with the command that removes it. CloudFormation knows deleted stacks for 90 days.',
    )
    .addHelpText(
      'after',
      `
Examples:
  clean-exit leftovers xxxx-build
  clean-exit leftovers arn:aws:cloudformation:ap-northeast-1:123456789012:stack/xxxx-build/1a2b3c4d --json`,
    )
    .action(async (stacks, flags) => {
      const { leftovers } = await import('./commands/leftovers.ts');
      done(await leftovers(kit(), stacks, flags));
    });

  addRoutesCommands(program, kit, done);

  program
    .command('doctor')
    .option('--json', 'print one JSON document on stdout')
    .summary('check credentials, permissions, tools, the service and Slack')
    .description(
      'Checks credentials, permissions, tools, the service and Slack: one line for each, with what to do. Changes nothing.',
    )
    .addHelpText(
      'after',
      `
Examples:
  clean-exit doctor
  clean-exit doctor --profile team-a --region eu-west-1

Exit code 1 where there is a problem. Secrets are read to see whether they can be, and never shown.`,
    )
    .action(async (flags) => {
      const { doctor } = await import('./commands/doctor.ts');
      done(await doctor(kit(), flags));
    });

  return root;
}

/** An option that is given several times. */
function added(word: string, before: readonly string[] = []): readonly string[] {
  return [...before, word];
}

function wishOf(local: boolean | undefined, service: boolean | undefined): 'local' | 'service' | 'whichever' {
  if (local === true) {
    return 'local';
  }
  return service === true ? 'service' : 'whichever';
}

/**
 * Runs the command line to its end. Nothing is thrown.
 *
 * @param words what was typed after the command's name
 */
export async function run(words: readonly string[], terminal: Terminal, kitOf: KitMaker): Promise<ExitCode> {
  let exit: ExitCode = EXIT.done;
  const program = programOf(terminal, kitOf, (code) => {
    exit = code;
  });
  try {
    if (words.length === 0) {
      program.outputHelp({ error: true });
      return EXIT.usage;
    }
    await program.parseAsync([...words], { from: 'user' });
    return exit;
  } catch (thrown) {
    if (thrown instanceof CommanderError) {
      // Commander has said it already.
      return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
    }
    return tell(thrown, terminal, words.includes('--verbose'));
  }
}

async function tell(thrown: unknown, terminal: Terminal, verbose: boolean): Promise<ExitCode> {
  const { failureOf, redacted } = await import('./failures.ts');
  const { exit, sentence } = failureOf(thrown);
  const colours = terminal.errColours;
  if (thrown instanceof Interrupted) {
    if (thrown.message !== '') {
      terminal.err(thrown.message);
    }
  } else {
    const hint = thrown instanceof WrongUsage ? ' `clean-exit --help` shows what is possible.' : '';
    terminal.err(`${colours.red('clean-exit:')} ${sentence}${hint}`);
  }
  if (verbose && thrown instanceof Error) {
    terminal.err(redacted(stackOf(thrown)));
  }
  return exit;
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
