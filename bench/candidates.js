// Who is measured: each gives what it mounts. All of them leave one line for each request, but koa-logger, which leaves two.
import { fillBarely, recordBarely, recordToFill, writeAtOnce } from './lib/floor.js'

/** What users get, or what profile.js can tell apart. */
export const BUILD = new URL(`../dist/${process.env.BENCH_BUILD ?? 'esm'}/`, import.meta.url).href

const ours = (options = {}) => ({
  async express(app) {
    const { auditLog } = await import(`${BUILD}index.js`)
    app.use(auditLog(await withSink(options)))
  },
  async koa(app) {
    const { auditLog } = await import(`${BUILD}koa.js`)
    app.use(auditLog(await withSink(options)))
  },
})

/** A switch that nobody uses costs less than one that is used. */
const oursInContext = {
  async express(app) {
    await ours({ context: true }).express(app)
    const { currentAudit } = await import(`${BUILD}index.js`)
    app.use((_req, _res, next) => {
      currentAudit().info('Retrieve Person')
      next()
    })
  },
  async koa(app) {
    await ours({ context: true }).koa(app)
    const { currentAudit } = await import(`${BUILD}koa.js`)
    app.use((_ctx, next) => {
      currentAudit().info('Retrieve Person')
      return next()
    })
  },
}

/** A file is the sink itself, and stdout stays empty: the promise of `failClosed` is about what the sink accepts. */
async function withSink({ toFile, ...options }) {
  const { file } = await import(`${BUILD}index.js`)
  return toFile ? { ...options, sink: file(process.env.BENCH_FILE, toFile) } : options
}

const ourAudited = {
  express: async () => (await import(`${BUILD}index.js`)).audited('Person'),
  koa: async () => (await import(`${BUILD}koa.js`)).audited('Person'),
}

/** The same of the floor. */
const bareAudited = {
  express: () => (req, res, next) => {
    const { json } = res
    function toldJson(body) {
      fillBarely(req, { ...req.params, ...req.query }, body)
      return json.call(res, body)
    }
    res.json = toldJson
    next()
  },
  koa: () => async (ctx, next) => {
    await next()
    fillBarely(ctx.req, { ...ctx.query }, ctx.body)
  },
}

/** Of one framework alone. */
const express = (mount) => ({ express: mount })
const koa = (mount) => ({ koa: mount })

async function pinoHttp(app, options) {
  const { default: pinoHttp } = await import('pino-http')
  app.use(pinoHttp(options))
}

async function morgan(app, format) {
  const { default: morgan } = await import('morgan')
  app.use(morgan(format))
}

const MORGAN_JSON = (tokens, req, res) =>
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

/** What people write themselves: no protection, no bound, nothing that waits. */
async function naive(write) {
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

/** What sees `req` and `res` of Node, in both frameworks. */
const both = (makeLog) => ({
  async express(app) {
    const log = await makeLog()
    app.use((req, res, next) => {
      log(req, res)
      next()
    })
  },
  async koa(app) {
    const log = await makeLog()
    app.use((ctx, next) => {
      log(ctx.req, ctx.res)
      return next()
    })
  },
})

/** The same, on an Express that is made quick. */
const quickly = (makeLog) => ({
  ...both(makeLog),
  async express(app) {
    const { makeQuick } = await import('../dist/modules/http/quick-express.js')
    app.use((req, res, next) => {
      makeQuick(req, res)
      next()
    })
    await both(makeLog).express(app)
  },
})

/** As long as our record: the least that a logger costs that writes its line before the connection's next request. */
const CONSTANT = Buffer.from(`${JSON.stringify({ audit: 'x'.repeat(950) })}\n`)

/**
 * @type {Record<string, {
 *   express?: (app: object) => unknown, koa?: (app: object) => unknown,
 *   linesEach?: number, isToFile?: boolean, isOurs?: boolean,
 *   audited?: { express: () => unknown, koa: () => unknown }
 * }>}
 */
export const CANDIDATES = {
  bare: { express() {}, koa() {}, linesEach: 0 },
  'http-audit-log': { ...ours(), isOurs: true },
  'http-audit-log, datapunt': { ...ours({ format: 'datapunt' }), isOurs: true },
  'http-audit-log, ecs': { ...ours({ format: 'ecs' }), isOurs: true },
  'http-audit-log, ocsf': { ...ours({ format: 'ocsf' }), isOurs: true },
  'http-audit-log, currentAudit()': { ...oursInContext, isOurs: true },
  'http-audit-log, audited() with 1 KB': { ...ours(), isOurs: true, audited: ourAudited },
  'http-audit-log, pseudonyms': {
    ...ours({
      pseudonymize: {
        key: '0123456789abcdef',
        keyId: '1',
        fields: ['user.ip', 'user.email', 'filter.kwargs.id'],
      },
    }),
    isOurs: true,
  },
  'http-audit-log, file()': { ...ours({ toFile: {} }), isOurs: true, isToFile: true },
  'http-audit-log, failClosed': { ...ours({ toFile: {}, failClosed: true }), isOurs: true, isToFile: true },
  'http-audit-log, failClosed, fsync': {
    ...ours({ toFile: { fsync: true }, failClosed: true }),
    isOurs: true,
    isToFile: true,
  },
  // What we do to Express besides, and what it saves.
  'floor: Express made quick': { express: quickly(() => () => {}).express, linesEach: 0 },
  'floor: two listeners': {
    ...both(() => (_req, res) => {
      res.on('finish', () => {})
      res.on('close', () => {})
    }),
    linesEach: 0,
  },
  'floor: and a constant line': both(() => (_req, res) => {
    res.on('finish', () => {})
    res.on('close', () => writeAtOnce(CONSTANT))
  }),
  'floor: the record, unprotected': quickly(() => recordBarely),
  'floor: and 1 KB of results': { ...quickly(() => recordToFill), audited: bareAudited },
  'pino-http': express((app) => pinoHttp(app, {})),
  'pino-http, headers redacted': express((app) =>
    pinoHttp(app, {
      redact: ['req.headers.authorization', 'req.headers.cookie', 'res.headers["set-cookie"]'],
    }),
  ),
  'morgan combined (text)': express((app) => morgan(app, 'combined')),
  'morgan JSON': express((app) => morgan(app, MORGAN_JSON)),
  'ecs-pino-format': express(async (app) => {
    const { ecsFormat } = await import('@elastic/ecs-pino-format')
    await pinoHttp(app, ecsFormat({ convertReqRes: true }))
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
    linesEach: 2,
  },
  'koa-pino-logger': koa(async (app) => {
    const { default: logger } = await import('koa-pino-logger')
    app.use(logger())
  }),
  '25 lines, stdout.write': both(() => naive((line) => process.stdout.write(line))),
  '25 lines, writeSync': both(() => naive(writeAtOnce)),
}
