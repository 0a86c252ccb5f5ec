// A runtime that lacks something, made of the running Node by taking that away before the package is loaded.
import { describe, expect, it } from '@jest/globals'
import { findRuntime } from '#src/lib/runtime.js'
import { runScript } from '../helpers/child-process.js'

describe.each([
  [
    'auditLog()',
    'auditLog()',
    'http.ServerResponse.prototype.getHeaders = () => ({})',
    /lacks a `ServerResponse` of node:http/,
  ],
  [
    'auditLog()',
    'auditLog()',
    'http.ServerResponse.prototype.writeHead = undefined',
    /lacks a `ServerResponse` of node:http/,
  ],
  ['auditLog()', 'auditLog()', 'process.prependListener = undefined', /lacks the event 'exit' of `process`/],
  [
    'auditLog() of Koa',
    'koa.auditLog()',
    'process.prependListener = undefined',
    /lacks the event 'exit' of `process`/,
  ],
  [
    'context',
    'auditLog({ context: true })',
    'AsyncLocalStorage.prototype.getStore = () => undefined',
    /Leave `context` out/,
  ],
  ['file()', "file('/tmp/x')", 'fs.writeSync = undefined', /lacks `writeSync` of node:fs/],
  ['fsync', "file('/tmp/x', { fsync: true })", 'fs.fdatasync = undefined', /Leave `fsync` out/],
  ['stdout()', 'stdout()', 'fs.writeSync = undefined', /lacks `writeSync` of node:fs/],
  [
    'reopenOn',
    "file('/tmp/x', { reopenOn: 'SIGHUP' })",
    "process.on = () => { throw new TypeError('Binding to signal is not allowed') }",
    /lacks a listener for SIGHUP: TypeError: Binding to signal is not allowed/,
  ],
])('%s', (_name, call, takeAway, message) => {
  it(`refuses to start where \`${takeAway}\``, async () => {
    expect(await errorOf(takeAway, call)).toEqual({
      code: 'ERR_AUDIT_RUNTIME',
      message: expect.stringMatching(message),
    })
  })
})

it('starts without what only an option needs, if the option is not used', async () => {
  const takeAway = 'AsyncLocalStorage.prototype.getStore = () => undefined; fs.fdatasync = undefined'
  expect(await errorOf(takeAway, "auditLog({ sink: file('/tmp/x') })")).toBeNull()
})

it('names the runtime, what is missing, who needs it and what to do', async () => {
  const error = await errorOf('fs.fdatasync = undefined', "file('/tmp/x', { fsync: true })")
  expect(error?.message).toBe(
    `Node.js ${process.versions.node} lacks \`fdatasync\` and \`fsyncSync\` of node:fs. ` +
      '`fsync` waits until records are on the disk. Leave `fsync` out, or run on Node.js',
  )
})

it.each([
  [{ node: '26.3.0' }, 'node', 'Node.js 26.3.0'],
  [{ node: '26.3.0', bun: '1.4.5' }, 'bun', 'Bun 1.4.5'],
  [{ node: '26.3.0', deno: '2.9.6' }, 'deno', 'Deno 2.9.6'],
])('finds the runtime of the versions %j', (versions, name, description) => {
  expect(findRuntime(versions as never)).toEqual({ name, description })
})

/** What a call throws in a process in which something was taken away before; `null` if it does not throw. */
async function errorOf(takeAway: string, call: string): Promise<{ code: string; message: string } | null> {
  const { stdout } = await runScript(`
    import { AsyncLocalStorage } from 'node:async_hooks'
    import fs from 'node:fs'
    import http from 'node:http'
    const { auditLog, file, stdout } = await import('http-audit-log')
    const koa = await import('http-audit-log/koa')
    const { writeSync } = fs
    ${takeAway}
    try {
      ${call}
      writeSync(1, 'null')
    } catch ({ code, message }) {
      writeSync(1, JSON.stringify({ code, message }))
    }
    process.exit()
  `)
  return JSON.parse(stdout)
}
