// How an error that nobody caught leaves its records, and the process its last words.
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { killDoomed, type Remains, recordsIn, startDoomed } from '../helpers/doomed-server.js'
import { closeRequests, openRequests } from '../helpers/open-requests.js'

jest.setTimeout(60_000)
afterEach(closeRequests)
afterEach(killDoomed)

const crashed = { ended: 'crashed', outcome: 'unknown', http_response: { status_code: null } }

describe.each(['node:http', 'express', 'koa'])('%s', (framework) => {
  it.each([
    ['an uncaught exception', '/throw'],
    ['an unhandled rejection', '/reject'],
  ])(
    'records 20 requests in flight as crashed at %s, and dies as it would without us',
    async (_case, path) => {
      const env = { FRAMEWORK: framework }
      const server = await startDoomed('stdout to a pipe', env)
      await (await fetch(`${server.url}/answered`)).text()
      await openRequests(server, '/never', 19)
      await fetch(`${server.url}${path}`).catch(() => {})
      const remains = await server.remains()
      const records = recordsIn(remains)
      expect(records.filter(({ ended }) => ended === 'crashed')).toMatchObject(Array(20).fill(crashed))
      expect(
        records.filter(({ http_request }) => /\/(answered|stats)$/.test(http_request?.url ?? '')),
      ).toEqual(records.filter(({ ended }) => ended === 'completed'))
      expect(records.map(({ seq }) => seq)).toEqual(records.map((_, index) => index + 1))

      const bare = await startDoomed('stdout to a pipe', { ...env, BARE: '1' })
      await fetch(`${bare.url}${path}`).catch(() => {})
      const without = await bare.remains()
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
      const server = await startDoomed('stdout to a file', env as Record<string, string>)
      await fetch(`${server.url}/throw`).catch(() => {})
      return server.remains()
    }),
  )
  expect(withoutPort(withUs as Remains)).toBe(withoutPort(without as Remains))
})

it("leaves the last word to the application's own handler of uncaught exceptions", async () => {
  const server = await startDoomed('stdout to a pipe', { CATCH: '1' })
  await openRequests(server, '/never', 2)
  await fetch(`${server.url}/throw`).catch(() => {})
  const remains = await server.remains()
  expect(remains).toMatchObject({ code: 3, signal: null, stderr: expect.not.stringContaining('uncaught') })
  expect(recordsIn(remains).filter(({ ended }) => ended === 'crashed')).toMatchObject(Array(3).fill(crashed))
})

it('records no request as crashed at an error that the application survives', async () => {
  const server = await startDoomed('stdout to a pipe', { CATCH: 'survive' })
  await openRequests(server, '/never', 2)
  await openRequests(server, '/throw', 1)
  expect(await (await fetch(`${server.url}/answered`)).text()).toBe('ok')
  server.process.kill('SIGKILL')
  expect(recordsIn(await server.remains()).filter(({ ended }) => ended !== 'completed')).toEqual([])
})

function deathOf(remains: Remains) {
  return { code: remains.code, signal: remains.signal, lastWords: lastWords(remains) }
}

/** Without the frames of a rejection's stack, among which the middleware that called the handler is. */
function lastWords(remains: Remains): string {
  return withoutPort(remains).replaceAll(/^ {4}at .*\n/gm, '')
}

function withoutPort({ stderr }: Remains): string {
  return stderr.replace(/^Listening on .*\n/, '')
}
