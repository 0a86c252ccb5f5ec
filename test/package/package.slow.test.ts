// The packed tarball, installed by npm into four small consumer projects.
import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'

const REPOSITORY = resolve(__dirname, '../..')
const TSC = require.resolve('typescript/bin/tsc')
const ALL_RECORDED = ['express: one record', 'koa: one record', 'without HTTP: one record', ''].join('\n')
const OFFLINE = ['--offline', '--install-links', '--ignore-scripts', '--no-audit', '--no-fund']

// npm and tsc are slow, even more so while other tests run.
jest.setTimeout(180_000)

let folder: string
let tarball: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'http-audit-log-'))
  npm(['pack', '--pack-destination', folder], REPOSITORY)
  tarball = join(folder, (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? 'no tarball')
  await cp(join(__dirname, 'consumers'), folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{ "private": true }')
  // Offline: the test must not depend on a registry.
  npm(['install', ...OFFLINE, tarball], folder)
  // After the install, because npm removes packages that it did not install.
  for (const name of ['express', 'koa', '@types']) {
    await symlink(installedHere(name), join(folder, 'node_modules', name), 'junction')
  }
})

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the tarball', () => {
  test('contains the builds, their sources, the documents and the templates, and no tests', async () => {
    const installed = join(folder, 'node_modules/http-audit-log')
    const names = await readdir(installed)
    expect(names).toEqual(
      expect.arrayContaining(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']),
    )
    const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md']
    expect(names.filter((name) => !documents.includes(name))).toEqual([
      'deploy',
      'dist',
      'docs',
      'package.json',
      'schema.json',
      'src',
    ])
    const pages = await readdir(join(installed, 'docs'))
    expect(pages).toEqual(expect.arrayContaining(['record.md', 'redaction.md']))
    // Without the generated API reference and the plots.
    expect(pages.filter((name) => !name.endsWith('.md'))).toEqual([])

    const built = (await readdir(join(installed, 'dist'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name)
    const others = built.filter((name) => !/\.(?:d\.ts|js|js\.map)$/.test(name)).sort()
    expect(others).toEqual(['lazy-dependencies.cjs', 'package.json'])
    // Three entry points in two builds, and what they share: loading many files takes longer. Apart from them seal, verify and cli.
    const modules = built.filter(
      (name) => name.endsWith('.js') && !/^(?:seal|verify|cli|evidence-)/.test(name),
    )
    expect(modules.map((name) => name.replace(/-\w+\.js/, '.js')).sort()).toEqual(
      [
        ...Array(3).fill('common.js'),
        ...['express.js', 'index.js', 'koa.js'].flatMap((name) => [name, name]),
      ].sort(),
    )
  })

  // The builds are about 450 kB, their source maps 300 kB, src/ 430 kB and docs/ 110 kB; a third of that are the lists of
  // redaction. Accidental content, such as tests, would make it larger.
  test('is below 1500 kB', async () => {
    expect((await stat(tarball)).size).toBeLessThan(1_500_000)
  })

  test('has source maps that lead to sources in the package', async () => {
    const builds = join(folder, 'node_modules/http-audit-log/dist')
    for (const map of ['esm/index.js.map', 'esm/koa.js.map', 'cjs/common.js.map']) {
      const { sources } = JSON.parse(await readFile(join(builds, map), 'utf8')) as { sources: string[] }
      const files = sources.filter((source) => source.endsWith('.ts'))
      for (const source of files) await expect(stat(join(builds, map, '..', source))).resolves.toBeTruthy()
    }
    const script = "require('http-audit-log').auditLog({ level: 'loud' })"
    const { stderr } = spawnSync(process.execPath, ['--enable-source-maps', '--eval', script], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect(stderr).toMatch(/src[/\\]lib[/\\]validate\.ts:\d+/)
  })
})

describe('an installed package', () => {
  test('works for ES modules', () => {
    expect(node(['esm/check.js'])).toBe(ALL_RECORDED)
  })

  test('works for CommonJS', () => {
    expect(node(['cjs/check.js'])).toBe(ALL_RECORDED)
  })

  test('seals and verifies a log, with the keys of its command', () => {
    expect(node(['esm/sealed.js'])).toBe('not stopped\n')
    expect(node(['cjs/sealed.js'])).toBe('true ERR_AUDIT_KEY function\n')
  })

  test('exports schema.json for ES modules and CommonJS', () => {
    const title = "console.log(require('http-audit-log/schema.json').title)"
    expect(node(['--eval', title])).toMatch(/http-audit-log in the default format/)
    const imported =
      "import schema from 'http-audit-log/schema.json' with { type: 'json' }; console.log(schema.title)"
    expect(node(['--input-type=module', '--eval', imported])).toMatch(/http-audit-log in the default format/)
  })

  test('is in strict mode in both builds', async () => {
    const common = await readFile(join(folder, 'node_modules/http-audit-log/dist/cjs/common.js'), 'utf8')
    expect(common).toMatch(/^"use strict";\n/)
  })

  test('has named exports when an ES module imports the file of the CommonJS build', () => {
    const names = ['index', 'express', 'koa'].map((entry) => {
      const from = `'./node_modules/http-audit-log/dist/cjs/${entry}.js'`
      const script = `import { auditLog, currentAudit } from ${from}; console.log(typeof auditLog, typeof currentAudit)`
      return node(['--input-type=module', '--eval', script])
    })
    expect(names).toEqual(Array(3).fill('function function\n'))
  })

  test('counts one sequence when both builds are loaded', () => {
    expect(node(['esm/side-by-side.js'])).toBe('side by side: one run\n')
  })

  test('shares the current request when both builds are loaded', () => {
    expect(node(['esm/side-by-side-context.js'])).toBe('side by side: one context\n')
  })

  test('has types that compile for ES modules without skipLibCheck', () => {
    node([TSC, '--project', 'ts-esm'])
    expect(node(['ts-esm/check.js'])).toBe(ALL_RECORDED)
  })

  test('has types that compile for CommonJS without skipLibCheck', () => {
    node([TSC, '--project', 'ts-cjs'])
    expect(node(['ts-cjs/check.js'])).toBe(ALL_RECORDED)
  })

  test('records the traceparent header without OpenTelemetry, and the active span with it', async () => {
    expect(node(['esm/trace.js'])).toBe('c d\nc d\n')
    // OpenTelemetry stays installed, so this test is the last one.
    const name = '@opentelemetry'
    await symlink(installedHere(name), join(folder, 'node_modules', name), 'junction')
    expect(node(['esm/trace.js'])).toBe('a b\na b\n')
  })
})

function installedHere(name: string): string {
  return join(REPOSITORY, 'node_modules', name)
}

function node(args: string[]): string {
  return run(process.execPath, args, folder)
}

function npm(args: string[], cwd: string): void {
  run('npm', args, cwd)
}

/** Unlike `execFileSync` the error includes stdout, where tsc prints its errors. */
function run(command: string, args: string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
    shell: command === 'npm' && process.platform === 'win32',
  })
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`, {
      cause: error,
    })
  }
  return stdout
}
