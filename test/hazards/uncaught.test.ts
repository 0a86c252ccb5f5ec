// The records and the stderr output of a process that ends by an uncaught error.
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { parseRecords } from '../helpers/audit-lines.js'
import {
  openRequests,
  type RecordedExit,
  startServerWritingTo,
  stopServerProcesses,
} from '../helpers/hazard-process.js'

jest.setTimeout(60_000)
afterEach(stopServerProcesses)

const crashed = { ended: 'crashed', outcome: 'unknown', http_response: { status_code: null } }

describe.each(['node:http', 'express', 'koa'])('%s', (framework) => {
  it.each([
    ['an uncaught exception', '/throw'],
    ['an unhandled rejection', '/reject'],
  ])(
    'records 20 requests in flight as crashed at %s, and ends as it would without the package',
    async (_case, path) => {
      const env = { FRAMEWORK: framework }
      const server = await startServerWritingTo('stdout to a pipe', env)
      await (await fetch(`${server.url}/answered`)).text()
      await openRequests(server, '/never', 19)
      await fetch(`${server.url}${path}`).catch(() => {})
      const exit = await server.waitForExit()
      const records = parseRecords(exit.output)
      expect(records.filter(({ ended }) => ended === 'crashed')).toMatchObject(Array(20).fill(crashed))
      expect(
        records.filter(({ http_request }) => /\/(answered|stats)$/.test(http_request?.url ?? '')),
      ).toEqual(records.filter(({ ended }) => ended === 'completed'))
      expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1))

      const bare = await startServerWritingTo('stdout to a pipe', { ...env, BARE: '1' })
      await fetch(`${bare.url}${path}`).catch(() => {})
      const bareExit = await bare.waitForExit()
      expect(bareExit.output).toBe('')
      expect(bareExit.code).toBe(1)
      expect(stderrWithoutFrames(exit)).toContain('Error: an un')
      expect(outcomeOf(exit)).toEqual(outcomeOf(bareExit))
    },
  )
})

it('prints an uncaught exception byte for byte as it would without the package', async () => {
  const [audited, bare] = await Promise.all(
    [{}, { BARE: '1' }].map(async (env) => {
      const server = await startServerWritingTo('stdout to a file', env as Record<string, string>)
      await fetch(`${server.url}/throw`).catch(() => {})
      return server.waitForExit()
    }),
  )
  expect(withoutPort(audited as RecordedExit)).toBe(withoutPort(bare as RecordedExit))
})

it("leaves exit code and output to the application's own uncaughtException handler", async () => {
  const server = await startServerWritingTo('stdout to a pipe', { CATCH: '1' })
  await openRequests(server, '/never', 2)
  await fetch(`${server.url}/throw`).catch(() => {})
  const exit = await server.waitForExit()
  expect(exit).toMatchObject({ code: 3, signal: null, stderr: expect.not.stringContaining('uncaught') })
  expect(parseRecords(exit.output).filter(({ ended }) => ended === 'crashed')).toMatchObject(
    Array(3).fill(crashed),
  )
})

it('records no request as crashed when the application survives an uncaught error', async () => {
  const server = await startServerWritingTo('stdout to a pipe', { CATCH: 'survive' })
  await openRequests(server, '/never', 2)
  await openRequests(server, '/throw', 1)
  expect(await (await fetch(`${server.url}/answered`)).text()).toBe('ok')
  server.child.kill('SIGKILL')
  expect(
    parseRecords((await server.waitForExit()).output).filter(({ ended }) => ended !== 'completed'),
  ).toEqual([])
})

function outcomeOf(exit: RecordedExit) {
  return { code: exit.code, signal: exit.signal, stderrWithoutFrames: stderrWithoutFrames(exit) }
}

/** Without the stack frames, since those of a rejection include the middleware that called the handler. */
function stderrWithoutFrames(exit: RecordedExit): string {
  return withoutPort(exit).replaceAll(/^ {4}at .*\n/gm, '')
}

function withoutPort({ stderr }: RecordedExit): string {
  return stderr.replace(/^Listening on .*\n/, '')
}
