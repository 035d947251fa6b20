/** Two projects: `unit` needs Node alone; `system` needs the Python tools (cfn-lint, SAM CLI, emulator). */
const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        // Without their attributes, imports of JSON are refused by Node and complained about by Jest.
        jsc: { target: 'es2024', parser: { syntax: 'typescript' }, experimental: { keepImportAttributes: true } },
        module: { type: 'es6' },
      },
    ],
  },
  // The sources are roots too: mutation testing counts only files that Jest knows.
  roots: ['<rootDir>/cli', '<rootDir>/functions', '<rootDir>/test', '<rootDir>/emulator', '<rootDir>/scripts'],
};
const system = ['<rootDir>/test/e2e/', '<rootDir>/test/emulator/', '<rootDir>/test/templates/cfn-lint'];

export default {
  projects: [
    {
      ...common,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', ...system],
    },
    {
      ...common,
      displayName: 'system',
      globalSetup: '<rootDir>/test/e2e/build-once.mjs',
      testMatch: [
        '<rootDir>/test/e2e/**/*.test.ts',
        '<rootDir>/test/emulator/**/*.test.ts',
        '<rootDir>/test/templates/cfn-lint.test.ts',
      ],
    },
  ],
};
