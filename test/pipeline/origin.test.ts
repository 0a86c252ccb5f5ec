import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from '@jest/globals'
import type { Format } from '#src/formats/format.js'
import type { AuditLoggerOptions } from '#src/options/options.js'
import { AuditLogger, memory } from '../../src/index.js'
import { compiledProgram } from '../helpers/child-process.js'
import { HOST } from '../helpers/origin.js'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'origin-')))
afterAll(() => rmSync(root, { recursive: true }))

const SERVICE = { name: 'persons-api', version: '2.4.1' }

/** Prints two records: one with the defaults, one with an option for each property that has a default. */
const PRINT = `
  import { AuditLogger } from 'http-audit-log'
  new AuditLogger().sendLog()
  new AuditLogger({ service: { name: 'other', environment: 'acceptance' } }).sendLog()
`

function createApplication(name: string, packageJson: object = SERVICE): string {
  const folder = join(root, name)
  mkdirSync(join(folder, 'node_modules'), { recursive: true })
  symlinkSync(
    resolve(dirname(compiledProgram('burst')), '../..'),
    join(folder, 'node_modules/http-audit-log'),
  )
  writeFileSync(join(folder, 'package.json'), JSON.stringify(packageJson))
  writeFileSync(join(folder, 'server.mjs'), PRINT)
  writeFileSync(join(folder, 'server.cjs'), "import('./server.mjs')")
  writeFileSync(
    join(folder, 'thread.mjs'),
    `import { Worker } from 'node:worker_threads'\nnew Worker(new URL('server.mjs', import.meta.url))`,
  )
  return folder
}

/** The fields `service` and `host` of the records that a process prints. */
async function originsOf(args: readonly string[], cwd: string) {
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, timeout: 20_000 })
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).audit)
    .map(({ service, host }) => ({ service, host }))
}

describe('service and host of a record', () => {
  const folder = createApplication('app')

  it.each([
    ['an ES module', [join(folder, 'server.mjs')], root],
    ['a CommonJS module', ['server.cjs'], folder],
    ['a worker thread', [join(folder, 'thread.mjs')], root],
  ])('are those of the application, whose options take precedence: %s', async (_case, args, cwd) => {
    expect(await originsOf(args, cwd)).toEqual([
      { service: SERVICE, host: HOST },
      { service: { name: 'other', version: '2.4.1', environment: 'acceptance' }, host: HOST },
    ])
  })

  it('lack a name that is too long for every record', async () => {
    const long = createApplication('long', { name: 'x'.repeat(129), version: '1.0.0' })
    expect(await originsOf(['server.mjs'], long)).toMatchObject([{ service: { version: '1.0.0' } }, {}])
  })
})

function recordOf(options: AuditLoggerOptions) {
  const sink = memory()
  new AuditLogger({ ...options, sink }).info('x').sendLog()
  return sink.records()[0]
}

describe('in this package, which is no application', () => {
  it('records have the host and no service', () => {
    expect(recordOf({}).audit).toMatchObject({ host: { name: hostname() } })
    expect(recordOf({}).audit).not.toHaveProperty('service')
  })

  it('records have the properties of the option that are set', () => {
    const service = { name: 'a', version: undefined, nodeName: 'b' }
    expect(recordOf({ service }).audit).toMatchObject({ service: { name: 'a', node_name: 'b' }, host: HOST })
  })

  it.each<[string, AuditLoggerOptions]>([
    ['service: false', { service: false }],
    ['a maxRecordBytes that has no room for them', { maxRecordBytes: 2047 }],
  ])('records have neither with %s', (_case, options) => {
    const { audit } = recordOf(options)
    expect(audit).not.toHaveProperty('service')
    expect(audit).not.toHaveProperty('host')
  })

  it('the line has them last, escaped as everything else', () => {
    const sink = memory()
    const name = 'a"\u2028b'
    new AuditLogger({ sink, service: { name } }).setError(new Error('x')).sendLog()
    const [line = ''] = sink.lines
    expect(JSON.parse(line).audit).toMatchObject({ error: { message: 'x' }, service: { name }, host: HOST })
    expect(line).toMatch(/"service":\{"name":"a\\"\\u2028b"\},"host":\{"name":"[^"]+"\}\}\}\n?$/)
  })

  it('a record that is shortened has them whole, within `maxRecordBytes`', () => {
    const sink = memory()
    const service = { name: 'x'.repeat(128), version: 'y'.repeat(128), environment: 'z'.repeat(128) }
    new AuditLogger({ sink, service, maxRecordBytes: 2048 }).setResults('x'.repeat(5000)).sendLog()
    const [line = ''] = sink.lines
    expect(JSON.parse(line).audit).toMatchObject({ service, host: HOST, truncated: ['results'] })
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(2048)
    expect(Buffer.byteLength(line)).toBeGreaterThan(1900)
  })

  it('records in the format datapunt have neither, and `service: false` is accepted', () => {
    const { audit } = recordOf({ format: 'datapunt', service: false })
    expect(audit).toEqual(recordOf({ format: 'datapunt' }).audit)
    expect(Object.keys(audit)).toHaveLength(7)
  })

  it('a format function gets both, and what it does to them does not reach the next record', () => {
    const sink = memory()
    const format: Format = ({ service, host }) => {
      const line = JSON.parse(JSON.stringify({ service, host }))
      Object.assign(service ?? {}, { name: 'changed' })
      Object.assign(host ?? {}, { name: 'changed' })
      return line
    }
    const options = { sink, format, service: { name: 'a' }, onError: () => {} }
    for (const _ of [1, 2]) new AuditLogger(options).sendLog()
    const expected = { service: { name: 'a' }, host: HOST }
    expect(sink.records()).toEqual([expected, expected])
  })
})
