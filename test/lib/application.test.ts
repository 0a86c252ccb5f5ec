import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals'
import { findApplication, type ProcessFacts } from '#src/lib/application.js'

const APP = { name: 'persons-api', version: '2.4.1' }
const USING_US = { ...APP, dependencies: { 'http-audit-log': '^1.0.0' } }

const root = realpathSync(mkdtempSync(join(tmpdir(), 'application-')))
let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(root, 'case-'))
})
afterAll(() => rmSync(root, { recursive: true }))

/** Writes files below the folder of the test; an object becomes JSON. */
function write(files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  }
}

function findFor(main: string | undefined, facts: Partial<ProcessFacts> = {}) {
  return findApplication({
    argv: main === undefined ? ['node'] : ['node', join(folder, main)],
    execArgv: [],
    execPath: process.execPath,
    env: {},
    cwd: () => root,
    ...facts,
  })
}

describe('the package.json of the application', () => {
  it.each<[string, string, Readonly<Record<string, unknown>>]>([
    ['beside the main module', 'server.js', { 'server.js': '', 'package.json': APP }],
    ['above the main module', 'src/bin/server.js', { 'src/bin/server.js': '', 'package.json': APP }],
    ['of a main module without its extension', 'server', { 'server.js': '', 'package.json': APP }],
    ['of a main module that is a directory', 'src', { 'src/index.js': '', 'package.json': APP }],
    [
      'with a byte order mark',
      'server.js',
      { 'server.js': '', 'package.json': `\uFEFF${JSON.stringify(APP)}` },
    ],
    [
      'above one that only tells Node how to load files',
      'dist/esm/server.js',
      { 'dist/esm/server.js': '', 'dist/esm/package.json': { type: 'module' }, 'package.json': APP },
    ],
    [
      'of an application in a repository with several',
      'apps/persons/server.js',
      {
        'apps/persons/server.js': '',
        'apps/persons/package.json': APP,
        'package.json': { name: 'all', workspaces: ['apps/*'] },
      },
    ],
    [
      'beside settings of pnpm that name no packages',
      'server.js',
      { 'server.js': '', 'package.json': APP, 'pnpm-workspace.yaml': 'onlyBuiltDependencies:\n  - x\n' },
    ],
  ])('is the one %s', (_case, main, files) => {
    write(files)
    expect(findFor(main)).toEqual(APP)
  })

  it('is that of the file to which a symbolic link leads', () => {
    write({ 'app/server.js': '', 'app/package.json': APP, 'bin/package.json': { name: 'other' } })
    symlinkSync(join(folder, 'app/server.js'), join(folder, 'bin/start'))
    expect(findFor('bin/start')).toEqual(APP)
  })

  it('gives a name without a version if it has none', () => {
    write({ 'server.js': '', 'package.json': { name: 'persons-api', version: 2 } })
    expect(findFor('server.js')).toEqual({ name: 'persons-api' })
  })
})

describe('a tool that runs the application', () => {
  const tool = { 'node_modules/jest/bin/jest.js': '', 'node_modules/jest/package.json': { name: 'jest' } }
  const main = 'node_modules/jest/bin/jest.js'

  it('leads to the package of the working directory if that uses this one', () => {
    write({ ...tool, 'package.json': USING_US })
    expect(findFor(main, { cwd: () => folder })).toEqual(APP)
  })

  it.each<[string, object]>([
    ['does not use this one', APP],
    ['is that of a repository with several applications', { ...USING_US, workspaces: ['apps/*'] }],
    ['is this one', { name: 'http-audit-log', dependencies: { 'http-audit-log': '.' } }],
  ])('leads to nothing if the package of the working directory %s', (_case, content) => {
    write({ ...tool, 'package.json': content })
    expect(findFor(main, { cwd: () => folder })).toEqual({})
  })

  it('leads to the script that PM2 starts', () => {
    const files = { 'pm2/lib/ProcessContainerFork.js': '', 'pm2/package.json': { name: 'pm2' } }
    for (const [name, content] of Object.entries(files)) write({ [`global/node_modules/${name}`]: content })
    write({ 'app/server.js': '', 'app/package.json': APP })
    const env = { pm_exec_path: join(folder, 'app/server.js') }
    expect(findFor('global/node_modules/pm2/lib/ProcessContainerFork.js', { env })).toEqual(APP)
  })

  it('leads to the code directory on AWS Lambda', () => {
    write({ 'runtime/index.mjs': '', 'runtime/package.json': { name: 'runtime' }, 'task/package.json': APP })
    expect(findFor('runtime/index.mjs', { env: { LAMBDA_TASK_ROOT: join(folder, 'task') } })).toEqual(APP)
  })

  it.each(['http-audit-log', 'azure-functions-nodejs-worker', 'passenger'])('is not recorded: %s', (name) => {
    write({ 'server.js': '', 'package.json': { ...USING_US, name } })
    expect(findFor('server.js', { cwd: () => folder })).toEqual({})
  })
})

describe('a process without a main module', () => {
  it.each<[string, Partial<ProcessFacts>]>([
    ['the REPL', { argv: ['node'] }],
    ['standard input', { argv: ['node', '-'] }],
    ['-e with an argument', { argv: ['node', '/'], execArgv: ['-e', 'code'] }],
    ['--eval=code', { argv: ['node', '/'], execArgv: ['--eval=code'] }],
    ['-p', { argv: ['node', 'x'], execArgv: ['-p', 'code'] }],
    ['a worker from text', { argv: ['node', '[worker eval]'] }],
  ])('%s: counts as the application of the working directory if that uses this package', (_case, facts) => {
    write({ 'package.json': USING_US })
    expect(findFor(undefined, { cwd: () => folder, ...facts })).toEqual(APP)
    write({ 'package.json': APP })
    expect(findFor(undefined, { cwd: () => folder, ...facts })).toEqual({})
  })
})

describe('an application that is not known', () => {
  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['without a package.json', {}],
    ['with a malformed package.json', { 'package.json': '{"name": "persons-api",' }],
    ['with an empty package.json', { 'package.json': '' }],
    ['with a package.json that is no object', { 'package.json': ['persons-api'] }],
    ['with a package.json that is null', { 'package.json': null }],
    ['with a package.json of 2 MiB', { 'package.json': { ...APP, description: 'x'.repeat(2 ** 21) } }],
    ['without a name', { 'package.json': { version: '1.0.0' } }],
    ['with a name that is no text', { 'package.json': { ...APP, name: { toString: 'x' } } }],
    ['below the root of npm workspaces', { 'package.json': { ...APP, workspaces: ['apps/*'] } }],
    ['below the root of pnpm', { 'package.json': APP, 'pnpm-workspace.yaml': 'packages:\n  - apps/*\n' }],
    ['below the root of Nx', { 'package.json': APP, 'nx.json': {} }],
    ['below the root of a Nest monorepo', { 'package.json': APP, 'nest-cli.json': { monorepo: true } }],
  ])('%s: nothing, not the package further up', (_case, files) => {
    write({ 'package.json': { name: 'further-up' } })
    if (Object.keys(files).length === 0) rmSync(join(folder, 'package.json'))
    for (const [name, content] of Object.entries(files)) write({ [`app/${name}`]: content })
    write({ 'app/server.js': '' })
    expect(findFor('app/server.js')).toEqual({})
  })

  it('cannot be read: nothing', () => {
    write({ 'server.js': '', 'package.json': APP })
    chmodSync(join(folder, 'package.json'), 0)
    // The superuser may read any file.
    expect([{}, APP]).toContainEqual(findFor('server.js'))
  })

  it('is a single executable: nothing', () => {
    write({ server: '', 'package.json': APP })
    expect(findFor('server', { execPath: join(folder, 'server') })).toEqual({})
  })

  it.each<[string, Partial<ProcessFacts>]>([
    ['a main module that does not exist', { argv: ['node', '/no/such/folder/server.js'] }],
    [
      'a working directory that was removed',
      {
        argv: ['node'],
        cwd: () => {
          throw new Error('ENOENT: uv_cwd')
        },
      },
    ],
  ])('%s: nothing, and no error', (_case, facts) => {
    expect(findFor(undefined, facts)).toEqual({})
  })
})
