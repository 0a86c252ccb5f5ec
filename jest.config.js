/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // Many tests wait for processes and sockets, so every core may run one.
  maxWorkers: '100%',
  // The heap of a worker grows with each test file, and then each garbage collection of a test with large texts takes long.
  workerIdleMemoryLimit: '400MB',
  // Some tests start processes, which takes seconds on a busy machine.
  testTimeout: 30_000,
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // jest.slow.config.js runs these.
  testPathIgnorePatterns: ['/node_modules/', '\\.slow\\.test\\.ts$'],
  globalSetup: '<rootDir>/test/helpers/compiled-folder.ts',
  setupFilesAfterEnv: ['<rootDir>/test/helpers/every-record.ts'],
  // An ES module without another build, which Jest cannot load as it is.
  transformIgnorePatterns: ['/node_modules/(?!canonicalize/)'],
  transform: {
    '\\.ts$|/canonicalize/lib/.*\\.js$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
      },
    ],
  },
  moduleNameMapper: {
    '^canonicalize$': '<rootDir>/node_modules/canonicalize/lib/canonicalize.js',
    '^http-audit-log$': '<rootDir>/src/index.ts',
    '^http-audit-log/koa$': '<rootDir>/src/koa.ts',
    '^http-audit-log/express$': '<rootDir>/src/express.ts',
    '^http-audit-log/seal$': '<rootDir>/src/seal.ts',
    '^http-audit-log/verify$': '<rootDir>/src/verify.ts',
    '^#src/(.*)\\.js$': '<rootDir>/src/$1.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
}
