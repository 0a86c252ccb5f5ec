// The packed tarball in applications that are bundled, without OpenTelemetry: each bundle is built and run.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals'

jest.setTimeout(180_000)

const REPOSITORY = resolve(__dirname, '../..')
// esbuild cannot turn `require('node:http')` of a CommonJS application into an import.
const CASES = ['esbuild-cjs', 'esbuild-esm', 'webpack', 'rollup', 'vite', 'ncc']
  .flatMap((bundler) => ['server.mjs', 'server.cjs'].map((entry) => [bundler, entry] as const))
  .filter(([bundler, entry]) => bundler !== 'esbuild-esm' || entry === 'server.mjs')

let folder: string
let isInstalled = false

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-bundlers-'))
  cpSync(join(__dirname, 'bundlers'), folder, { recursive: true })
  const { status, stderr } = run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], folder)
  isInstalled = status === 0
  if (!isInstalled) {
    console.warn(`NOT TESTED: bundlers, because npm could not install them: ${stderr}`)
    return
  }
  expect(run('npm', ['pack', '--pack-destination', folder], REPOSITORY)).toMatchObject({ status: 0 })
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? ''
  const target = join(folder, 'node_modules/http-audit-log')
  mkdirSync(target)
  expect(run('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'], folder)).toMatchObject({
    status: 0,
  })
})

afterAll(() => rmSync(folder, { recursive: true }))

it.each(CASES)('%s bundles %s into a file that runs and writes a record', (bundler, entry) => {
  if (!isInstalled) return
  expect(existsSync(join(folder, 'node_modules/@opentelemetry'))).toBe(false)
  // Elsewhere, so that the bundle finds no installed package.
  const output = mkdtempSync(join(tmpdir(), 'audit-bundle-'))
  const built = run(process.execPath, ['bundle.mjs', bundler, entry, output], folder)
  expect([built.status, built.stderr]).toEqual([0, ''])

  const [bundle = ''] = readdirSync(output)
  const { status, stdout, stderr } = run(process.execPath, [join(output, bundle)], output)
  rmSync(output, { recursive: true })
  expect([status, stderr]).toEqual([0, ''])
  const records = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).audit)
  expect(records).toMatchObject([
    { stage: 'started', http_response: { status_code: 200 }, seq: 1 },
    { stage: 'completed', http_response: { status_code: 200 }, ended: 'completed', seq: 1 },
  ])
})

function run(command: string, parameters: readonly string[], cwd: string) {
  return spawnSync(command, parameters, { cwd, encoding: 'utf8', timeout: 120_000 })
}
