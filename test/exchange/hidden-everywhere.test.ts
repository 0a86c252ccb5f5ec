import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { memory } from 'http-audit-log'
import { type Route, routedApps } from '../helpers/frameworks.js'
import { listenOn, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

describe.each(routedApps)('%s', (_framework, build) => {
  async function recordOf(path: string, route: Omit<Route, 'method' | 'handle'>) {
    const sink = memory()
    const handle: Route['handle'] = ({ send }) => send({ id: 1, note: 'x7Gh29aKq1' })
    const server = createServer(build([{ method: 'get', handle, ...route }], { sink }))
    const { url } = await listenOn(server)
    await (await fetch(`${url}${path}`)).text()
    return sink.records()[0].audit
  }

  it.each([undefined, 'Reset'])(
    'hides a route parameter with a sensitive name in the URL (%s)',
    async (objectName) => {
      const route = { path: '/people/:token/:id', ...(objectName && { objectName }) }
      const { http_request } = await recordOf('/people/ab/7?lang=nl', route)
      expect(http_request.url).toMatch(/\/people\/\[REDACTED\]\/7\?lang=nl$/)
      const encoded = await recordOf('/people/x7%20Gh29a%2FKq1/7', route)
      expect(encoded.http_request.url).toMatch(/\/people\/\[REDACTED\]\/7$/)
    },
  )

  it('hides a parameter of the query in the filter and the results that audited() records', async () => {
    const route: Omit<Route, 'method' | 'handle'> = {
      path: '/people',
      objectName: 'Person',
      options: { fields: 'all' },
    }
    const audit = await recordOf('/people?token=x7Gh29aKq1&q=x7Gh29aKq1', route)
    expect(audit.filter.kwargs).toEqual({ token: '[REDACTED]', q: '[REDACTED]' })
    expect(audit.results).toEqual({ id: 1, note: '[REDACTED]' })
  })
})
