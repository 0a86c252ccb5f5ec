// Apps of every supported framework, so that one suite runs over all of them.
// `frameworks` serves the paths of routes.ts; `routedApps` has the routes that a test defines, in a real router.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import KoaRouter from '@koa/router'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import connect from 'connect'
import express5 from 'express'
import express4 from 'express-4'
import {
  type AuditedOptions,
  type AuditedRequest,
  type AuditLogger,
  type AuditOptions,
  audited,
  auditLog,
} from 'http-audit-log'
import { audited as auditedKoa, auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import { routes } from './routes.js'

/** The arguments of a route of routes.ts. */
export interface RouteContext {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly audit: AuditLogger
  /** Sends JSON by the means of the framework. */
  json(status: number, body: unknown): void
}

/** Functions among the options get a request or a Koa context; tests use only the properties that both have. */
export type AnyAuditOptions = AuditOptions<IncomingMessage>

export interface Framework {
  /** A request listener with the middleware first, then the routes. */
  build(options?: AnyAuditOptions): Promise<RequestListener>
}

function expressApp(express: typeof express5): Framework {
  return {
    async build(options) {
      const app = express()
      app.use(auditLog(options))
      app.use((req, res, next) => {
        const route = routes[req.path]
        if (route === undefined) return next()
        const json = (status: number, body: unknown) => void res.status(status).json(body)
        // Express 4 ignores the promise that a handler returns.
        Promise.resolve(route({ request: req, response: res, audit: req.audit, json })).catch(next)
      })
      return app
    },
  }
}

function koaApp(Koa: typeof Koa3): Framework {
  return {
    async build(options) {
      const app = new Koa()
      app.silent = true
      app.use(auditKoa(options as never))
      app.use(async (ctx, next) => {
        const route = routes[ctx.path]
        if (route === undefined) return next()
        let isAnswered = false
        const json = (status: number, body: unknown) => {
          isAnswered = true
          ctx.status = status
          ctx.body = body
        }
        await route({ request: ctx.req, response: ctx.res, audit: ctx.audit, json })
        // The route wrote to Node's response, or never answers: Koa must not answer for it.
        if (!isAnswered) ctx.respond = false
      })
      return app.callback()
    },
  }
}

const nodeHttp: Framework = {
  async build(options) {
    const audit = auditLog(options)
    return (request, response) => {
      audit(request, response, async () => {
        const json = (status: number, body: unknown) => {
          response
            .writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
            .end(JSON.stringify(body))
        }
        const route = routes[new URL(request.url ?? '', 'http://localhost').pathname]
        const { audit: logger } = request as AuditedRequest
        try {
          if (route === undefined) json(404, { error: 'Not found' })
          else await route({ request, response, audit: logger, json })
        } catch {
          if (response.headersSent) response.destroy()
          else json(500, { error: 'Internal' })
        }
      })
    }
  },
}

const connectApp: Framework = {
  async build(options) {
    const app = connect()
    app.use(auditLog(options))
    app.use((req, response, next) => {
      const request = req as IncomingMessage & { audit: AuditLogger }
      const route = routes[new URL(request.url ?? '', 'http://localhost').pathname]
      if (route === undefined) return next()
      const json = (status: number, body: unknown) => {
        response.statusCode = status
        response.setHeader('content-type', 'application/json; charset=utf-8')
        response.end(JSON.stringify(body))
      }
      Promise.resolve(route({ request, response, audit: request.audit, json })).catch(next)
    })
    return app
  },
}

@Module({})
class EmptyModule {}

const nest: Framework = {
  async build(options) {
    const app = await NestFactory.create(EmptyModule, { logger: false })
    app.use(auditLog(options))
    app.use((req: express5.Request, res: express5.Response, next: express5.NextFunction) => {
      const route = routes[req.path]
      if (route === undefined) return next()
      const json = (status: number, body: unknown) => void res.status(status).json(body)
      return route({ request: req, response: res, audit: req.audit, json })
    })
    await app.init()
    return app.getHttpAdapter().getInstance()
  },
}

export const frameworks: readonly (readonly [string, Framework])[] = [
  ['node:http', nodeHttp],
  ['Connect', connectApp],
  ['Express 4', expressApp(express4)],
  ['Express 5', expressApp(express5)],
  ['Koa 2', koaApp(Koa2)],
  ['Koa 3', koaApp(Koa3)],
  ['Nest on Express', nest],
]

/** The arguments of a route's handler. */
export interface HandlerContext {
  readonly audit: AuditLogger
  send(body: unknown, status?: number): void
}

export interface Route {
  readonly method: 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete'
  readonly path: string
  /** The object name for `audited`; without it the route does not use `audited`. */
  readonly objectName?: string
  readonly options?: AuditedOptions
  handle(context: HandlerContext): unknown
}

export type RoutedAppBuilder = (routes: readonly Route[], options?: AnyAuditOptions) => RequestListener

function routedExpress(express: typeof express5): RoutedAppBuilder {
  return (routes, options) => {
    const app = express()
    app.use(auditLog(options))
    for (const { method, path, objectName, options: auditedOptions, handle } of routes) {
      if (objectName !== undefined) app[method](path, audited(objectName, auditedOptions))
      app[method](path, (req, res, next) => {
        const send = (body: unknown, status = 200) => {
          if (body === undefined) res.status(status).end()
          else res.status(status).json(body)
        }
        Promise.resolve(handle({ audit: req.audit, send })).catch(next)
      })
    }
    // The error handler of Express itself prints the error to stderr.
    app.use((_error: unknown, _req: unknown, res: express5.Response, _next: unknown) => {
      res.status(500).json({ error: 'Internal' })
    })
    return app
  }
}

function routedKoa(Koa: typeof Koa3): RoutedAppBuilder {
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

export const routedApps: readonly (readonly [string, RoutedAppBuilder])[] = [
  ['Express 4', routedExpress(express4)],
  ['Express 5', routedExpress(express5)],
  ['Koa 2', routedKoa(Koa2)],
  ['Koa 3', routedKoa(Koa3)],
]
