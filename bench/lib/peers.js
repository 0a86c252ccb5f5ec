// The loggers that this package is compared with, and the least that a logger has to do.
import { createSameContentOptions } from './same-content.js'
import { writeLine } from './write-line.js'

/** One row of a table: koa-pino-logger is pino-http for Koa. */
const PINO = 'pino-http, koa-pino-logger'

const express = (mount) => ({ express: mount })
const koa = (mount) => ({ koa: mount })

/** Mounts a function of Node's `request` and `response`, which both frameworks have. */
const onBoth = (createLog) => ({
  async express(app) {
    const log = await createLog()
    app.use((req, res, next) => {
      log(req, res)
      next()
    })
  },
  async koa(app) {
    const log = await createLog()
    app.use((ctx, next) => {
      log(ctx.req, ctx.res)
      return next()
    })
  },
})

async function mountPinoHttp(app, options) {
  const { default: pinoHttp } = await import('pino-http')
  app.use(pinoHttp(options))
}

/**
 * By default pino collects lines and writes about thirty at once, in another thread. With this it writes each line before it goes on, as
 * this package does.
 */
async function createSynchronousOptions() {
  const { default: pino } = await import('pino')
  return { stream: pino.destination({ fd: 1, sync: true }) }
}

async function mountKoaPinoLogger(app, options) {
  const { default: logger } = await import('koa-pino-logger')
  app.use(logger(options))
}

async function mountMorgan(app, format) {
  const { default: morgan } = await import('morgan')
  app.use(morgan(format))
}

const formatMorganJson = (tokens, req, res) =>
  JSON.stringify({
    time: tokens.date(req, res, 'iso'),
    method: tokens.method(req, res),
    url: tokens.url(req, res),
    http_version: tokens['http-version'](req, res),
    status: Number(tokens.status(req, res)),
    content_length: tokens.res(req, res, 'content-length'),
    response_time: Number(tokens['response-time'](req, res)),
    remote_addr: tokens['remote-addr'](req, res),
    user_agent: tokens['user-agent'](req, res),
    referrer: tokens.referrer(req, res),
    headers: res.getHeaders(),
  })

/** The logger that applications write by hand: no redaction, no limits, no failure handling. */
async function createHandWrittenLog(write) {
  const { default: onHeaders } = await import('on-headers')
  const { default: onFinished } = await import('on-finished')
  return (req, res) => {
    const time = new Date()
    const startedAt = performance.now()
    let headers = {}
    onHeaders(res, () => {
      headers = res.getHeaders()
    })
    onFinished(res, () => {
      const record = {
        http_request: {
          method: req.method,
          url: `http://${req.headers.host}${req.originalUrl ?? req.url}`,
          user_agent: req.headers['user-agent'],
        },
        http_response: { status_code: res.statusCode, reason: res.statusMessage, headers },
        user: { ip: req.socket.remoteAddress },
        time: time.toISOString(),
        duration_ms: performance.now() - startedAt,
      }
      write(`${JSON.stringify(record)}\n`)
    })
  }
}

/** As long as the record of this package. */
const CONSTANT_LINE = Buffer.from(`${JSON.stringify({ audit: 'x'.repeat(950) })}\n`)

/** Lower bounds: a logger of one line per request does at least the work of these entries. */
export const FLOORS = {
  'floor: constant line': onBoth(() => (_req, res) => {
    res.on('finish', () => {})
    res.on('close', () => writeLine(CONSTANT_LINE))
  }),
  'floor: straight line': onBoth(async () => (await import('./straight-line.js')).logStraight),
}

export const PEERS = {
  'pino-http': { ...express((app) => mountPinoHttp(app, {})), row: PINO },
  'pino-http, same content': {
    ...express(async (app) => mountPinoHttp(app, await createSameContentOptions())),
    row: `${PINO}, same content`,
  },
  'pino-http, one write per line': {
    ...express(async (app) => mountPinoHttp(app, await createSynchronousOptions())),
    row: `${PINO}, one write per line`,
  },
  'pino-http, headers redacted': express((app) =>
    mountPinoHttp(app, {
      redact: ['req.headers.authorization', 'req.headers.cookie', 'res.headers["set-cookie"]'],
    }),
  ),
  'morgan combined (text)': express((app) => mountMorgan(app, 'combined')),
  'morgan JSON': express((app) => mountMorgan(app, formatMorganJson)),
  'ecs-pino-format': express(async (app) => {
    const { ecsFormat } = await import('@elastic/ecs-pino-format')
    await mountPinoHttp(app, ecsFormat({ convertReqRes: true }))
  }),
  'express-winston': express(async (app) => {
    const { default: expressWinston } = await import('express-winston')
    const { default: winston } = await import('winston')
    const { json, combine, timestamp } = winston.format
    app.use(
      expressWinston.logger({
        transports: [new winston.transports.Console()],
        format: combine(timestamp(), json()),
      }),
    )
  }),
  'koa-logger (text)': {
    ...koa(async (app) => {
      const { default: logger } = await import('koa-logger')
      app.use(logger())
    }),
    linesPerRequest: 2,
  },
  'koa-pino-logger': { ...koa((app) => mountKoaPinoLogger(app, {})), row: PINO },
  'koa-pino-logger, same content': {
    ...koa(async (app) => mountKoaPinoLogger(app, await createSameContentOptions())),
    row: `${PINO}, same content`,
  },
  'koa-pino-logger, one write per line': {
    ...koa(async (app) => mountKoaPinoLogger(app, await createSynchronousOptions())),
    row: `${PINO}, one write per line`,
  },
  '25 lines, stdout.write': onBoth(() => createHandWrittenLog((line) => process.stdout.write(line))),
  '25 lines, writeSync': onBoth(() => createHandWrittenLog(writeLine)),
}
