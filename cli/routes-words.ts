import type { Command } from '@commander-js/extra-typings';
import type { ExitCode } from './exit.ts';
import type { Kit } from './kit.ts';

const JSON_WORDS = 'print one JSON document on stdout';

/** `routes check` and `routes set`. */
export function addRoutesCommands(
  program: Pick<Command, 'command'>,
  kit: () => Kit,
  done: (exit: ExitCode) => void,
): void {
  const routes = program
    .command('routes')
    .summary('check the routes of the build notices, and put them into force')
    .description(
      'Checks the document that says which build is told where, and puts it where the service reads it (docs/notices.md).',
    )
    .addHelpText(
      'after',
      `
Examples:
  clean-exit routes check routes.json
  clean-exit routes set routes.json`,
    );

  routes
    .command('check')
    .argument('<file>', 'routes document, - for what is piped in')
    .option('--project <name>', 'say which route a build of this CodeBuild project gets')
    .option('--branch <name>', 'and of this branch (tag/v1.2 for a tag, pr/12 for a pull request)')
    .option('--json', JSON_WORDS)
    .summary('show every fault of a routes document, or what it means')
    .description('Shows every fault of a routes document, or what it means. Needs no credentials, changes nothing.')
    .addHelpText(
      'after',
      `
Examples:
  clean-exit routes check routes.json
  clean-exit routes check routes.json --project team-a-jobs --branch main
  aws ssm get-parameter --name /clean-exit/routes --query Parameter.Value --output text | clean-exit routes check -

Exit code 2 where there is a fault.`,
    )
    .action(async (file, flags) => {
      const { checkRoutesFile } = await import('./commands/routes-check.ts');
      done(await checkRoutesFile(kit(), file, flags));
    });

  routes
    .command('set')
    .argument('<file>', 'routes document, - for what is piped in')
    .option('--parameter <name>', "SSM parameter to write (default: the deployed service's, else /clean-exit/routes)")
    .option('--yes', 'consent without a question')
    .option('--json', JSON_WORDS)
    .summary('check a routes document, show what changes, and put it into force')
    .description(
      'Checks a routes document, shows what changes against the one in force, asks, and writes the SSM parameter.',
    )
    .addHelpText(
      'after',
      `
Examples:
  clean-exit routes set routes.json
  clean-exit routes set routes.json --yes --json
  clean-exit routes set routes.json --parameter /team-a/routes

A document with a fault is never written. Needs ssm:GetParameter and ssm:PutParameter on the parameter, and
cloudformation:DescribeStacks on the stack clean-exit.`,
    )
    .action(async (file, flags) => {
      const { setRoutes } = await import('./commands/routes-set.ts');
      done(await setRoutes(kit(), file, flags));
    });
}
