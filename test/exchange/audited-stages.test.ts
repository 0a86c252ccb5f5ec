// The lines of the option `stages` on a route with audited(): what is certain before the exchange has ended.
import { afterEach, describe, expect, it } from '@jest/globals'
import { memory } from 'http-audit-log'
import { type Route, routedApps } from '../helpers/frameworks.js'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

describe.each(routedApps)('%s', (_name, build) => {
  async function linesOf(route: Partial<Route> & Pick<Route, 'handle'>, path: string) {
    const sink = memory()
    const routes = [{ method: 'get' as const, path: '/persons/:id', objectName: 'Person', ...route }]
    const { url } = await startServer(build(routes, { sink, stages: ['started'] }))
    await (await fetch(`${url}${path}`, { method: (route.method ?? 'get').toUpperCase() })).text()
    return (await sink.waitFor(2)).map(({ audit }) => audit)
  }

  it('names action and target of the route in the line started', async () => {
    const handle: Route['handle'] = ({ send }) => send({ id: 2, name: 'Jan' })
    const [started, completed] = await linesOf({ handle }, '/persons/2')
    expect(started).toMatchObject({
      stage: 'started',
      outcome: 'unknown',
      action: 'retrieve',
      target: [{ type: 'Person', id: '2' }],
      message: 'Retrieve Person: started (200)',
      results: null,
    })
    expect(completed).toMatchObject({ stage: 'completed', action: 'retrieve', message: 'Retrieve Person' })
  })

  it('names the attempt that was refused', async () => {
    const handle: Route['handle'] = ({ audit, send }) => {
      audit.info('looked up')
      send({}, 403)
    }
    const [started, completed] = await linesOf({ method: 'delete', handle }, '/persons/2')
    const fields = {
      action: 'destroy',
      target: [{ type: 'Person', id: '2' }],
      outcome: 'denied',
      type: 'WARNING',
      message: 'Destroy Person: denied (403)',
      notes: [{ type: 'INFO', message: 'looked up' }],
    }
    expect(started).toMatchObject({ stage: 'started', ...fields })
    expect(completed).toMatchObject({ stage: 'completed', ...fields })
  })

  it('states no id that only the body has', async () => {
    const handle: Route['handle'] = ({ send }) => send({ id: 7 }, 201)
    const [started, completed] = await linesOf({ method: 'post', path: '/persons', handle }, '/persons')
    expect(started).toMatchObject({ action: 'create', message: 'Create Person: started (201)' })
    expect(started.target).toEqual([{ type: 'Person' }])
    expect(completed.target).toEqual([{ type: 'Person', id: '7' }])
  })

  it('names no action that only the end shows', async () => {
    const handle: Route['handle'] = ({ send }) => send({ count: 0 })
    const [started, completed] = await linesOf({ path: '/persons', handle }, '/persons')
    expect(started).toMatchObject({ target: [{ type: 'Person' }], message: '' })
    expect(started).not.toHaveProperty('action')
    expect(completed).toMatchObject({ action: 'retrieve' })
  })

  it('gives the line started what the handler has set', async () => {
    const handle: Route['handle'] = ({ audit, send }) => {
      audit.setAction('export', { type: 'Report', id: 9 })
      send({ id: 2 })
    }
    const [started] = await linesOf({ handle }, '/persons/2')
    expect(started).toMatchObject({
      action: 'export',
      target: [{ type: 'Report', id: '9' }],
      message: 'export Report 9: started (200)',
    })
  })
})
