// The same routes on every framework, so that one suite can hold all of them to the same promises.
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import connect from 'connect'
import express5 from 'express'
import express4 from 'express-4'
import { type AuditedRequest, type AuditLogger, type AuditOptions, auditLog } from 'http-audit-log'
import { auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import { routes } from './routes.js'

/** What a route gets, whatever the framework. */
export interface RouteContext {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly audit: AuditLogger
  /** Answers as the framework's users would. */
  json(status: number, body: unknown): void
}

/** The functions among the options get a request or a Koa context; the tests use what both have. */
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
        // Express 4 does not look at the promise that a handler returns.
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
        // A route that wrote to node's own response, or never answers, is none of Koa's business.
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

const running = new Set<Server>()

/** Starts a server on a free port of 127.0.0.1. {@link stopAll} ends it. */
export async function start(
  listener: RequestListener,
): Promise<{ server: Server; port: number; url: string }> {
  const server = createServer(listener)
  running.add(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { server, port, url: `http://127.0.0.1:${port}` }
}

export async function stopAll(): Promise<void> {
  await Promise.all(
    [...running].map((server) => {
      running.delete(server)
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      return closed
    }),
  )
}
