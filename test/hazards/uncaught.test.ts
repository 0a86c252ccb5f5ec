// How an error that nobody caught leaves its records, and the process its last words.
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
    'records 20 requests in flight as crashed at %s, and dies as it would without us',
    async (_case, path) => {
      const env = { FRAMEWORK: framework }
      const server = await startServerWritingTo('stdout to a pipe', env)
      await (await fetch(`${server.url}/answered`)).text()
      await openRequests(server, '/never', 19)
      await fetch(`${server.url}${path}`).catch(() => {})
      const remains = await server.waitForExit()
      const records = parseRecords(remains.output)
      expect(records.filter(({ ended }) => ended === 'crashed')).toMatchObject(Array(20).fill(crashed))
      expect(
        records.filter(({ http_request }) => /\/(answered|stats)$/.test(http_request?.url ?? '')),
      ).toEqual(records.filter(({ ended }) => ended === 'completed'))
      expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1))

      const bare = await startServerWritingTo('stdout to a pipe', { ...env, BARE: '1' })
      await fetch(`${bare.url}${path}`).catch(() => {})
      const without = await bare.waitForExit()
      expect(without.output).toBe('')
      expect(without.code).toBe(1)
      expect(lastWords(remains)).toContain('Error: an un')
      expect(deathOf(remains)).toEqual(deathOf(without))
    },
  )
})

it('prints an uncaught exception to the last byte as it would without us', async () => {
  const [withUs, without] = await Promise.all(
    [{}, { BARE: '1' }].map(async (env) => {
      const server = await startServerWritingTo('stdout to a file', env as Record<string, string>)
      await fetch(`${server.url}/throw`).catch(() => {})
      return server.waitForExit()
    }),
  )
  expect(withoutPort(withUs as RecordedExit)).toBe(withoutPort(without as RecordedExit))
})

it("leaves the last word to the application's own handler of uncaught exceptions", async () => {
  const server = await startServerWritingTo('stdout to a pipe', { CATCH: '1' })
  await openRequests(server, '/never', 2)
  await fetch(`${server.url}/throw`).catch(() => {})
  const remains = await server.waitForExit()
  expect(remains).toMatchObject({ code: 3, signal: null, stderr: expect.not.stringContaining('uncaught') })
  expect(parseRecords(remains.output).filter(({ ended }) => ended === 'crashed')).toMatchObject(
    Array(3).fill(crashed),
  )
})

it('records no request as crashed at an error that the application survives', async () => {
  const server = await startServerWritingTo('stdout to a pipe', { CATCH: 'survive' })
  await openRequests(server, '/never', 2)
  await openRequests(server, '/throw', 1)
  expect(await (await fetch(`${server.url}/answered`)).text()).toBe('ok')
  server.child.kill('SIGKILL')
  expect(
    parseRecords((await server.waitForExit()).output).filter(({ ended }) => ended !== 'completed'),
  ).toEqual([])
})

function deathOf(remains: RecordedExit) {
  return { code: remains.code, signal: remains.signal, lastWords: lastWords(remains) }
}

/** Without the frames of a rejection's stack, among which the middleware that called the handler is. */
function lastWords(remains: RecordedExit): string {
  return withoutPort(remains).replaceAll(/^ {4}at .*\n/gm, '')
}

function withoutPort({ stderr }: RecordedExit): string {
  return stderr.replace(/^Listening on .*\n/, '')
}
