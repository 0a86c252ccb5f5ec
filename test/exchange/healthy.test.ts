import type { RequestListener } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import { auditLog } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa from 'koa'
import { Counter, Gauge, Registry } from 'prom-client'
import { ControllableSink } from '../helpers/controllable-sink.js'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

const READY = '/ready'

/** An application with a readiness probe, on each framework. */
const apps: Record<string, (sink: ControllableSink) => RequestListener> = {
  Express(sink) {
    const audit = auditLog({ sink, failClosed: true, exempt: [READY] })
    const app = express().use(audit)
    app.get(READY, (_req, res) => void res.sendStatus(audit.healthy ? 200 : 503))
    return app.get('/', (_req, res) => void res.end())
  },
  Koa(sink) {
    const audit = auditKoa({ sink, failClosed: true, exempt: [READY] })
    return new Koa()
      .use(audit)
      .use((ctx) => {
        ctx.status = ctx.path !== READY || audit.healthy ? 200 : 503
      })
      .callback()
  },
  'node:http'(sink) {
    const audit = auditLog({ sink, failClosed: true, exempt: [READY] })
    return (request, response) =>
      audit(request, response, () => {
        response.statusCode = request.url !== READY || audit.healthy ? 200 : 503
        response.end()
      })
  },
}

describe.each(Object.entries(apps))('healthy in %s', (_name, create) => {
  it('is false exactly while requests are refused', async () => {
    const sink = new ControllableSink()
    const { url } = await startServer(create(sink))
    const status = async (path: string) => (await fetch(url + path)).status
    const both = async () => [await status('/'), await status(READY)]
    expect(await both()).toEqual([200, 200])
    sink.mode = 'throw'
    expect(await both()).toEqual([503, 503])
    sink.mode = 'accept'
    // No other request has to come for the sink to be tried again.
    for (let attempt = 0; attempt < 1000 && (await status(READY)) !== 200; attempt++) await nextTurn()
    expect(await both()).toEqual([200, 200])
  })
})

it('is true after an outage in which records were lost', async () => {
  const sink = new ControllableSink()
  const audit = auditLog({ sink, maxBufferBytes: 1 })
  const app = express().use(audit)
  app.get('/', (_req, res) => void res.end())
  const { url } = await startServer(app)
  sink.mode = 'throw'
  for (const _ of [1, 2, 3]) await (await fetch(url)).text()
  await sink.waitForReceived(1)
  while (audit.stats().waiting + audit.stats().lost < 3) await nextTurn()
  expect(audit.healthy).toBe(false)
  expect(audit.stats()).toMatchObject({ waiting: 1, lost: 2 })
  sink.mode = 'accept'
  await audit.flush()
  expect(audit.healthy).toBe(true)
  const { lost } = await sink.waitFor({ type: 'CRITICAL' })
  expect(lost?.count).toBe(2)
  expect(audit.stats()).toMatchObject({ written: 2, waiting: 0, lost: 2 })
  await audit.close()
  expect(audit.healthy).toBe(false)
})

it('is false as soon as close() is called', async () => {
  const audit = auditLog({ sink: new ControllableSink() })
  expect(audit.healthy).toBe(true)
  const closed = audit.close()
  expect(audit.healthy).toBe(false)
  await closed
  expect(audit.healthy).toBe(false)
})

// The recipe of docs/failure-handling.md.
it('is scraped by Prometheus with the counters of stats()', async () => {
  const sink = new ControllableSink()
  const audit = auditLog({ sink, exempt: ['/metrics'] })
  const register = new Registry()
  const registers = [register]
  new Gauge({
    name: 'audit_healthy',
    help: 'h',
    registers,
    collect() {
      this.set(audit.healthy ? 1 : 0)
    },
  })
  new Gauge({
    name: 'audit_records_waiting',
    help: 'h',
    registers,
    collect() {
      this.set(audit.stats().waiting)
    },
  })
  new Gauge({
    name: 'audit_requests_in_flight',
    help: 'h',
    registers,
    collect() {
      this.set(audit.stats().inFlight)
    },
  })
  for (const name of ['written', 'lost'] as const) {
    new Counter({
      name: `audit_records_${name}_total`,
      help: 'h',
      registers,
      collect() {
        this.reset()
        this.inc(audit.stats()[name])
      },
    })
  }
  const app = express().use(audit)
  app.get('/metrics', async (_req, res) => void res.type(register.contentType).send(await register.metrics()))
  app.get('/', (_req, res) => void res.end())
  const { url } = await startServer(app)
  const scrape = async () => {
    const text = await (await fetch(`${url}/metrics`)).text()
    return Object.fromEntries(
      [...text.matchAll(/^(audit_\w+) (\d+)$/gm)].map(([, name, value]) => [name, Number(value)]),
    )
  }
  for (const _ of [1, 2]) await (await fetch(url)).text()
  await sink.waitFor(2)
  const up = { audit_healthy: 1, audit_records_waiting: 0, audit_requests_in_flight: 0 }
  expect(await scrape()).toEqual({ ...up, audit_records_written_total: 2, audit_records_lost_total: 0 })
  expect(await scrape()).toEqual({ ...up, audit_records_written_total: 2, audit_records_lost_total: 0 })
  sink.mode = 'throw'
  await (await fetch(url)).text()
  await sink.waitForReceived(3)
  expect(await scrape()).toMatchObject({ audit_healthy: 0, audit_records_waiting: 1 })
})
