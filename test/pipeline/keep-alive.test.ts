// A process that waits for this package must not end in the middle of an `await`, with exit code 13 and without a word.
import { describe, expect, it } from '@jest/globals'
import { runScript } from '../helpers/child-process.js'

const IMPORTS = "import { AuditLogger, auditLog, memory } from 'http-audit-log'"

describe('a script that has nothing else to do', () => {
  it('waits for waitFor() until its time is up', async () => {
    const { stdout } = await runScript(`
      ${IMPORTS}
      await memory().waitFor(1, 100).catch((error) => console.log(error.message))
    `)
    expect(stdout).toBe('Expected 1 audit records within 100 ms, got 0\n')
  })

  it('ends as soon as waitFor() has its records', async () => {
    const { stdout } = await runScript(`
      ${IMPORTS}
      const sink = memory()
      const startedAt = performance.now()
      const waiting = sink.waitFor(1, 15_000)
      new AuditLogger({ sink }).sendLog()
      await waiting
      process.on('exit', () => console.log(performance.now() - startedAt < 10_000))
    `)
    expect(stdout).toBe('true\n')
  })

  it.each(['flush', 'close'])('waits for %s() of a sink that does not answer', async (method) => {
    const { stdout, stderr } = await runScript(`
      ${IMPORTS}
      import { createServer } from 'node:http'
      const sink = { write: () => new Promise(() => {}), close: () => new Promise(() => {}) }
      const audit = auditLog({ sink, sinkTimeoutMs: 200 })
      const server = createServer((req, res) => audit(req, res, () => res.end())).listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      await fetch('http://127.0.0.1:' + server.address().port, { headers: { connection: 'close' } })
      await new Promise((resolve) => server.close(resolve))
      await audit.${method}()
      console.log('done')
    `)
    expect(stdout).toBe('done\n')
    expect(stderr).toMatch(/the sink has not answered for 200 ms/)
    if (method === 'close')
      expect(stderr).toMatch(/could not be closed: Error: its close\(\) has not answered for 200 ms/)
  })

  it('waits in close() for requests in flight, until its time is up', async () => {
    const { stdout } = await runScript(`
      ${IMPORTS}
      import { IncomingMessage, ServerResponse } from 'node:http'
      const audit = auditLog({ sink: memory() })
      const request = new IncomingMessage(null)
      request.socket = { remoteAddress: '127.0.0.1', on() {}, once() {}, off() {}, removeListener() {} }
      audit(request, new ServerResponse(request))
      await audit.close({ timeoutMs: 100 })
      console.log('done', audit.stats().inFlight)
    `)
    expect(stdout).toBe('done 1\n')
  })
})

it('waitFor() rejects missing and wrong arguments', async () => {
  const { memory } = await import('http-audit-log')
  for (const values of [[], ['1'], [-1], [Number.NaN], [1, -1], [1, '5']]) {
    const call = () => (memory().waitFor as (...given: unknown[]) => unknown)(...values)
    expect(call).toThrow(expect.objectContaining({ code: 'ERR_AUDIT_OPTIONS' }))
  }
})
