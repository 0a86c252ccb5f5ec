// auditLog observes the state of Koa contexts, and the application sees no difference.
import { afterEach, describe, expect, it } from '@jest/globals'
import { memory } from 'http-audit-log'
import { auditLog } from 'http-audit-log/koa'
import Koa from 'koa'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

function createApp(prepare: (app: Koa) => void = () => {}) {
  const app = new Koa()
  const sink = memory()
  prepare(app)
  app.use(auditLog({ sink }))
  const start = async () => (await startServer(app.callback())).url
  const listUserIds = async (count: number) => {
    const records = await sink.waitFor<{ audit: { user: { id?: string } } }>(count)
    return records.map(({ audit }) => audit.user.id)
  }
  return { app, start, listUserIds }
}

/** Logs the user out within the handler. */
const logOut: Koa.Middleware = async (context, next) => {
  context.state.user = { id: '1', email: 'a@example.org' }
  await next()
  delete context.state.user
}

describe('a user who is logged out by the handler', () => {
  it.each<[string, (app: Koa) => void]>([
    ['in any request', () => {}],
    ['if the app has a state for all contexts', (app) => void Object.assign(app.context, { state: {} })],
    [
      'if the contexts cannot be extended by their prototype',
      (app) => void Object.preventExtensions(app.context),
    ],
  ])('is recorded %s', async (_, prepare) => {
    const { app, start, listUserIds } = createApp(prepare)
    app.use(logOut)
    app.use((context) => {
      context.body = context.state.user.id
    })
    const url = await start()
    for (let count = 0; count < 3; count++) await (await fetch(url)).text()
    expect(await listUserIds(3)).toEqual(['1', '1', '1'])
  })

  it('is recorded in requests that arrived before the first one reached auditLog', async () => {
    const { app, start, listUserIds } = createApp((app) => {
      let waiting: (() => void)[] = []
      app.use(async (_context, next) => {
        await new Promise<void>((resolve) => {
          waiting.push(resolve)
          if (waiting.length < 3) return
          for (const resume of waiting) resume()
          waiting = []
        })
        return next()
      })
    })
    app.use(logOut)
    app.use((context) => {
      context.body = context.state.user.id
    })
    const url = await start()
    await Promise.all([1, 2, 3].map(async () => (await fetch(url)).text()))
    expect(await listUserIds(3)).toEqual(['1', '1', '1'])
  })
})

it('leaves the contexts of every request as Koa makes them', async () => {
  const { app, start } = createApp()
  const seen: unknown[] = []
  app.use((context) => {
    const copy = { ...context } as object
    const hadState = Object.hasOwn(context, 'state') && Object.keys(context).includes('state')
    Reflect.deleteProperty(context, 'state')
    seen.push([hadState, 'state' in copy, Object.getOwnPropertySymbols(copy).length, context.state])
    context.body = ''
  })
  const url = await start()
  for (let count = 0; count < 2; count++) await (await fetch(url)).text()
  expect(seen).toEqual([
    [true, true, 0, undefined],
    [true, true, 0, undefined],
  ])
})

it('lets the application use the prototype of its contexts after the first request', async () => {
  const { app, start } = createApp()
  app.use((context) => {
    context.body = context.state.own ?? 'none'
  })
  const url = await start()
  expect(await (await fetch(url)).text()).toBe('none')
  const derived = Object.create(app.context) as { state: object }
  derived.state = { own: 'derived' }
  expect(derived.state).toEqual({ own: 'derived' })
  expect(app.context.state).toBeUndefined()
  Object.assign(app.context, { state: { own: 'shared' } })
  expect(app.context.state).toEqual({ own: 'shared' })
  expect(await (await fetch(url)).text()).toBe('none')
})
