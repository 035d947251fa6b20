/** Imports go one way; CONTRIBUTING.md draws the picture. */
/** A folder, or one file of it. */
const inFolder = (name) => (name.includes('/') ? `^functions/${name}\\.ts$` : `^functions/${name}/`);
const LEAVES = '^functions/(schemas/|errors\\.ts|config\\.ts|log\\.ts)';

/** A folder may import itself, the leaves and what is named. */
const only = (folder, ...allowed) => ({
  name: `${folder}-imports-only`,
  severity: 'error',
  comment: `functions/${folder} may import only: itself, the leaves, ${allowed.join(', ') || 'nothing else'}`,
  from: { path: inFolder(folder) },
  to: { path: '^functions/', pathNot: [inFolder(folder), LEAVES, ...allowed.map(inFolder)] },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphan-imports', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'leaves-import-leaves',
      severity: 'error',
      from: { path: LEAVES },
      to: { path: '^functions/', pathNot: [LEAVES] },
    },
    only('core'),
    only('cleaners', 'core'),
    only('aws', 'core', 'builds/ports'),
    only('cloudformation', 'core'),
    only('teardown', 'core'),
    only('builds'),
    only('slack'),
    {
      name: 'sdk-only-in-aws',
      severity: 'error',
      comment: 'The AWS SDK is imported by the adapters alone, so that a bundle holds the clients it uses.',
      from: { path: '^functions/', pathNot: [inFolder('aws')] },
      to: { path: 'node_modules/@(aws-sdk|smithy)/' },
    },
    {
      name: 'functions-stand-alone',
      severity: 'error',
      from: { path: '^functions/' },
      to: { path: '^(test|scripts|emulator|examples|cli)/' },
    },
    {
      name: 'cli-imports',
      severity: 'error',
      comment:
        'The command line is a second composer of the same core: of the functions it takes what no Lambda entry is.',
      from: { path: '^cli/' },
      to: {
        path: '^(functions|test|scripts|emulator|examples)/',
        pathNot: ['core', 'teardown', 'cleaners', 'aws', 'builds/routes', 'builds/glob'].map(inFolder).concat(LEAVES),
      },
    },
    {
      name: 'sdk-only-in-cli-aws',
      severity: 'error',
      comment: 'So that the help waits for no SDK, and one folder knows how AWS answers.',
      from: { path: '^cli/', pathNot: '^cli/aws/' },
      to: { path: 'node_modules/@(aws-sdk|smithy)/' },
    },
    {
      name: 'nothing-imports-cli',
      severity: 'error',
      comment: 'Tests only: the command line is the outermost layer.',
      from: { pathNot: '^(cli|test)/' },
      to: { path: '^cli/' },
    },
    {
      name: 'no-dev-dependencies-in-functions',
      severity: 'error',
      from: { path: '^functions/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(\\.aws-sam|\\.venv|\\.clean-exit)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: require('node:path').join(__dirname, 'tsconfig.json') },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
