// The loggers that are compared, by name. Each has a function per framework that mounts it on an app. All of them write one
// line per request, except koa-logger, which writes two.
import { generateKeyPairSync } from 'node:crypto'
import { FLOORS, PEERS } from './lib/peers.js'

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

/** Replaces `fileOptions` by a `file()` sink, for which stdout stays empty, and `isSealed` by a seal. */
async function withFileSink({ fileOptions, isSealed, ...options }) {
  const { file } = await importForExpress()
  return {
    ...options,
    ...(fileOptions && { sink: file(process.env.BENCH_FILE, fileOptions) }),
    ...(isSealed && { seal: await createSeal() }),
  }
}

async function createSeal() {
  const { seal } = await import(`${BUILD}seal.js`)
  const { privateKey } = generateKeyPairSync('ed25519')
  return seal({ key: { name: 'bench', privateKey } })
}

const auditedRoute = {
  express: async () => (await importForExpress()).audited('Person'),
  koa: async () => (await importForKoa()).audited('Person'),
}

/**
 * `row`: the label in tables, where two candidates share a row. `hasOwnFile`: writes to a file of its own instead of stdout. `audited`: creates a middleware for the route, and the route
 * responds with 1 KB. `otherLines`: the lines that are not of a request.
 *
 * @type {Record<string, {
 *   express?: (app: object) => unknown, koa?: (app: object) => unknown,
 *   row?: string, linesPerRequest?: number, otherLines?: RegExp, hasOwnFile?: boolean, isOurs?: boolean,
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
  'http-audit-log, sealed': { ...thisPackage({ isSealed: true }), otherLines: /"(?:run_event|checkpoint)":/ },
  ...FLOORS,
  ...PEERS,
}
