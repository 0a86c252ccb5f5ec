// The loggers that are compared, by name. Each has a function per framework that mounts it on an app. All of them write one
// line per request, except koa-logger, which writes two.
import {
  logMinimally,
  logMinimallyWithResults,
  setResultsMinimally,
  writeLine,
} from './lib/minimal-logger.js'

/**
 * The build of this package that is measured: a folder of dist/ or an absolute path, from BENCH_BUILD. The default is the
 * bundle that users install; `modules` has one file per module, which profile.js needs.
 */
const BUILD = new URL(`${process.env.BENCH_BUILD ?? 'esm'}/`, new URL('../dist/', import.meta.url)).href

const importForExpress = () => import(`${BUILD}index.js`)
const importForKoa = () => import(`${BUILD}koa.js`)

const thisPackage = (options = {}) => ({
  async express(app) {
    const { auditLog } = await importForExpress()
    app.use(auditLog(await withFileSink(options)))
  },
  async koa(app) {
    const { auditLog } = await importForKoa()
    app.use(auditLog(await withFileSink(options)))
  },
  isOurs: true,
})

/** With a middleware that calls `currentAudit()`, because the `context` option costs more when it is used. */
const withCurrentAudit = {
  async express(app) {
    await thisPackage({ context: true }).express(app)
    const { currentAudit } = await importForExpress()
    app.use((_req, _res, next) => {
      currentAudit().info('Retrieve Person')
      next()
    })
  },
  async koa(app) {
    await thisPackage({ context: true }).koa(app)
    const { currentAudit } = await importForKoa()
    app.use((_ctx, next) => {
      currentAudit().info('Retrieve Person')
      return next()
    })
  },
  isOurs: true,
}

/** Replaces `fileOptions` by a `file()` sink; stdout stays empty. */
async function withFileSink({ fileOptions, ...options }) {
  const { file } = await importForExpress()
  return fileOptions ? { ...options, sink: file(process.env.BENCH_FILE, fileOptions) } : options
}

const auditedRoute = {
  express: async () => (await importForExpress()).audited('Person'),
  koa: async () => (await importForKoa()).audited('Person'),
}

/** The equivalent of `auditedRoute` for the minimal logger. */
const minimalAuditedRoute = {
  express: () => (req, res, next) => {
    const { json } = res
    // A named function, because V8 allocates an anonymous one that is assigned to a property in old space.
    function recordingJson(body) {
      setResultsMinimally(req, { ...req.params, ...req.query }, body)
      return json.call(res, body)
    }
    res.json = recordingJson
    next()
  },
  koa: () => async (ctx, next) => {
    await next()
    setResultsMinimally(ctx.req, { ...ctx.query }, ctx.body)
  },
}

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

/** Lower bounds: every logger that writes one line per request has to do at least the work of these entries. */
const FLOORS = {
  'floor: two listeners': {
    ...onBoth(() => (_req, res) => {
      res.on('finish', () => {})
      res.on('close', () => {})
    }),
    linesPerRequest: 0,
  },
  'floor: constant line': onBoth(() => (_req, res) => {
    res.on('finish', () => {})
    res.on('close', () => writeLine(CONSTANT_LINE))
  }),
  'floor: record without redaction': onBoth(() => logMinimally),
  'floor: record with 1 KB of results': {
    ...onBoth(() => logMinimallyWithResults),
    audited: minimalAuditedRoute,
  },
}

const PEERS = {
  'pino-http': express((app) => mountPinoHttp(app, {})),
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
  'koa-pino-logger': koa(async (app) => {
    const { default: logger } = await import('koa-pino-logger')
    app.use(logger())
  }),
  '25 lines, stdout.write': onBoth(() => createHandWrittenLog((line) => process.stdout.write(line))),
  '25 lines, writeSync': onBoth(() => createHandWrittenLog(writeLine)),
}

/**
 * `hasOwnFile`: writes to a file of its own instead of stdout. `audited`: creates a middleware for the route, and the route
 * responds with 1 KB.
 *
 * @type {Record<string, {
 *   express?: (app: object) => unknown, koa?: (app: object) => unknown,
 *   linesPerRequest?: number, hasOwnFile?: boolean, isOurs?: boolean,
 *   audited?: { express: () => unknown, koa: () => unknown }
 * }>}
 */
export const CANDIDATES = {
  bare: { express() {}, koa() {}, linesPerRequest: 0 },
  'http-audit-log': thisPackage(),
  'http-audit-log, datapunt': thisPackage({ format: 'datapunt' }),
  'http-audit-log, ecs': thisPackage({ format: 'ecs' }),
  'http-audit-log, ocsf': thisPackage({ format: 'ocsf' }),
  'http-audit-log, currentAudit()': withCurrentAudit,
  'http-audit-log, audited() with 1 KB': { ...thisPackage(), audited: auditedRoute },
  'http-audit-log, pseudonyms': thisPackage({
    pseudonymize: {
      key: '0123456789abcdef',
      keyId: '1',
      fields: ['user.ip', 'user.email', 'filter.kwargs.id'],
    },
  }),
  'http-audit-log, file()': { ...thisPackage({ fileOptions: {} }), hasOwnFile: true },
  'http-audit-log, failClosed': { ...thisPackage({ fileOptions: {}, failClosed: true }), hasOwnFile: true },
  'http-audit-log, failClosed, fsync': {
    ...thisPackage({ fileOptions: { fsync: true }, failClosed: true }),
    hasOwnFile: true,
  },
  ...FLOORS,
  ...PEERS,
}
