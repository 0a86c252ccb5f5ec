// Apps with real routers, for what a middleware of one route does: Express 4 and 5, Koa 2 and 3 with @koa/router.
import type { RequestListener } from 'node:http'
import KoaRouter from '@koa/router'
import express5 from 'express'
import express4 from 'express-4'
import {
  type AuditedOptions,
  type AuditLogger,
  auditLog as auditExpress,
  audited as auditedExpress,
} from 'http-audit-log'
import { audited as auditedKoa, auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import type { AnyAuditOptions } from './frameworks.js'

/** What a handler gets, whatever the framework. */
export interface Handling {
  readonly audit: AuditLogger
  send(body: unknown, status?: number): void
}

export interface Route {
  readonly method: 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete'
  readonly path: string
  /** Without a name the route does without `audited`. */
  readonly objectName?: string
  readonly options?: AuditedOptions
  handle(handling: Handling): unknown
}

export type BuildRouted = (routes: readonly Route[], options?: AnyAuditOptions) => RequestListener

function buildExpress(express: typeof express5): BuildRouted {
  return (routes, options) => {
    const app = express()
    app.use(auditExpress(options))
    for (const { method, path, objectName, options: auditedOptions, handle } of routes) {
      if (objectName !== undefined) app[method](path, auditedExpress(objectName, auditedOptions))
      app[method](path, (req, res, next) => {
        const send = (body: unknown, status = 200) => {
          if (body === undefined) res.status(status).end()
          else res.status(status).json(body)
        }
        Promise.resolve(handle({ audit: req.audit, send })).catch(next)
      })
    }
    // Express's own says it on stderr.
    app.use((_error: unknown, _req: unknown, res: express5.Response, _next: unknown) => {
      res.status(500).json({ error: 'Internal' })
    })
    return app
  }
}

function buildKoa(Koa: typeof Koa3): BuildRouted {
  return (routes, options) => {
    const app = new Koa()
    app.silent = true
    const router = new KoaRouter()
    for (const { method, path, objectName, options: auditedOptions, handle } of routes) {
      if (objectName !== undefined) router[method](path, auditedKoa(objectName, auditedOptions))
      router[method](path, async (ctx) => {
        const send = (body: unknown, status = 200) => {
          ctx.status = status
          ctx.body = body
        }
        await handle({ audit: ctx.audit, send })
      })
    }
    app.use(auditKoa(options as never)).use(router.routes())
    return app.callback()
  }
}

export const routedApps: readonly (readonly [string, BuildRouted])[] = [
  ['Express 4', buildExpress(express4)],
  ['Express 5', buildExpress(express5)],
  ['Koa 2', buildKoa(Koa2)],
  ['Koa 3', buildKoa(Koa3)],
]
