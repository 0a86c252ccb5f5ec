// Errors that a framework, a stream or an error handler of the application keeps from auditLog.
import type { ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { PassThrough, pipeline, Readable } from 'node:stream'
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  Get,
  Module,
  Param,
  ParseIntPipe,
  UseGuards,
} from '@nestjs/common'
import { BaseExceptionFilter, NestFactory } from '@nestjs/core'
import express from 'express'
import { auditLog, type MemorySink, memory } from 'http-audit-log'
import { auditErrors, auditLog as auditKoa } from 'http-audit-log/koa'
import Koa3 from 'koa'
import Koa2 from 'koa-2'
import mount from 'koa-mount'
import { RawClient } from '../helpers/raw-client.js'
import { listenOn, startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

class OutOfPaper extends Error {
  override name = 'OutOfPaper'
}
const ERROR = { name: 'OutOfPaper', message: 'Tray 2 is empty' }
const outOfPaper = () => new OutOfPaper('Tray 2 is empty')

/** A stream that fails after its first chunk has been read. */
function failingStream(error: Error = outOfPaper()): Readable {
  let isFirst = true
  return new Readable({
    read() {
      if (isFirst) this.push('half of it')
      else setImmediate(() => this.destroy(error))
      isFirst = false
    },
  })
}

async function recordOf(sink: MemorySink, listener: Parameters<typeof startServer>[0]) {
  const { url } = await startServer(listener)
  await fetch(url)
    .then((response) => response.text())
    .catch(() => {})
  const [record] = await sink.waitFor(1)
  return record.audit
}

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa3],
])('%s', (_name, Koa) => {
  function build() {
    const sink = memory()
    const app = new Koa()
    app.silent = true
    app.use(auditKoa({ sink }))
    return { app, sink }
  }

  it('records the error of a body stream that fails after all middleware has returned', async () => {
    const { app, sink } = build()
    app.use((ctx) => {
      ctx.body = failingStream()
      // Koa 2 leaves the response open.
      app.once('error', () => setImmediate(() => ctx.res.destroy()))
    })
    expect(await recordOf(sink, app.callback())).toMatchObject({
      http_response: { status_code: 200 },
      ended: 'aborted',
      error: ERROR,
    })
  })

  it('records the error of a body stream that fails before its first chunk', async () => {
    const { app, sink } = build()
    app.use((ctx) => {
      const body = new PassThrough()
      ctx.body = body
      setImmediate(() => body.destroy(outOfPaper()))
    })
    expect((await recordOf(sink, app.callback())).error).toEqual(ERROR)
  })

  it('records what an error handler of the application emits on the app', async () => {
    const { app, sink } = build()
    app.use(async (ctx, next) => {
      try {
        await next()
      } catch (error) {
        ctx.status = 500
        ctx.body = { error: 'Internal' }
        ctx.app.emit('error', error, ctx)
      }
    })
    app.use(
      mount(
        '/',
        new Koa().use(() => Promise.reject(outOfPaper())),
      ),
    )
    expect(await recordOf(sink, app.callback())).toMatchObject({
      http_response: { status_code: 500 },
      error: ERROR,
    })
  })

  it('records what auditErrors() sees behind an error handler that emits nothing', async () => {
    const { app, sink } = build()
    app.use(async (ctx, next) => {
      await next().catch(() => {})
      ctx.status = 503
    })
    app.use(auditErrors()).use(() => Promise.reject(outOfPaper()))
    expect(await recordOf(sink, app.callback())).toMatchObject({
      http_response: { status_code: 503 },
      error: ERROR,
    })
  })

  it('reports auditErrors that was not called, and lets the request pass', async () => {
    const { app, sink } = build()
    const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true)
    app.use(auditErrors as never).use((ctx) => {
      ctx.body = 'ok'
    })
    expect((await recordOf(sink, app.callback())).http_response.status_code).toBe(200)
    stderr.mockRestore()
  })

  it('keeps the error that the handler has set', async () => {
    const { app, sink } = build()
    app.use((ctx) => {
      ctx.audit.setError(new Error('set by the handler'))
      ctx.app.emit('error', outOfPaper(), ctx)
      ctx.body = 'ok'
    })
    expect((await recordOf(sink, app.callback())).error).toEqual({
      name: 'Error',
      message: 'set by the handler',
    })
  })

  it("leaves Koa's own listener, which prints errors, in place", async () => {
    const sink = memory()
    const app = new Koa().use(auditKoa({ sink }))
    const printed = jest.spyOn(console, 'error').mockReturnValue(undefined)
    app.use((ctx) => {
      if (ctx.query.ok === undefined) throw outOfPaper()
      ctx.body = 'ok'
    })
    const { url } = await startServer(app.callback())
    for (const query of ['?ok', '', '?ok', '']) await (await fetch(`${url}/${query}`)).text()
    await sink.waitFor(4)
    expect(printed).toHaveBeenCalledTimes(2)
    expect(printed).toHaveBeenCalledWith(expect.stringContaining('Tray 2 is empty'))
    printed.mockRestore()
  })

  it("leaves an application's own listener alone, and adds one of its own for all requests", async () => {
    const { app, sink } = build()
    const errors: unknown[] = []
    app.on('error', (error) => errors.push(error.message))
    app.use(() => Promise.reject(outOfPaper()))
    const { url } = await startServer(app.callback())
    for (let count = 0; count < 20; count++) await (await fetch(url)).text()
    await sink.waitFor(20)
    expect(errors).toEqual(Array(20).fill('Tray 2 is empty'))
    expect(app.listenerCount('error')).toBe(2)
  })

  it('does not record the disconnect of a client as an error of the application', async () => {
    const { app, sink } = build()
    app.use((ctx) => {
      ctx.body = new PassThrough()
      ;(ctx.body as PassThrough).write('half of it')
    })
    const { port } = await startServer(app.callback())
    const client = new RawClient(port).request('/')
    await client.waitFor(/half of it/)
    client.socket.resetAndDestroy()
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ ended: 'aborted' })
    expect(record.audit).not.toHaveProperty('error')
  })
})

describe('node:http', () => {
  it.each<[string, (response: ServerResponse) => void]>([
    ['a failed pipeline', (response) => pipeline(failingStream(), response, () => {})],
    ['response.destroy(error)', (response) => response.destroy(outOfPaper())],
  ])('records the error of %s', async (_case, respond) => {
    const sink = memory()
    const audit = auditLog({ sink })
    const record = await recordOf(sink, (request, response) => {
      audit(request, response)
      respond(response)
    })
    expect(record).toMatchObject({ ended: 'aborted', error: ERROR })
  })

  it('does not record the disconnect of a client as an error of the application', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    const source = new PassThrough()
    source.write('half of it')
    const { port } = await startServer((request, response) => {
      audit(request, response)
      pipeline(source, response, () => {})
    })
    const client = new RawClient(port).request('/')
    await client.waitFor(/half of it/)
    client.socket.resetAndDestroy()
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ ended: 'aborted' })
    expect(record.audit).not.toHaveProperty('error')
  })
})

describe('node:http2', () => {
  it('records the error of a failed pipeline', async () => {
    const sink = memory()
    const audit = auditLog({ sink })
    const server = createHttp2Server((request, response) => {
      audit(request, response)
      pipeline(failingStream(), response, () => {})
    })
    const { url } = await listenOn(server)
    const session = connectHttp2(url)
    const stream = session.request({ ':path': '/' }).on('error', () => {})
    stream.resume()
    await new Promise((resolve) => stream.once('close', resolve))
    session.close()
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ ended: 'aborted', error: ERROR })
  })
})

describe('Nest on Express', () => {
  /** The filter of the documentation. */
  @Catch()
  class AuditExceptionFilter extends BaseExceptionFilter {
    override catch(exception: unknown, host: ArgumentsHost) {
      host.switchToHttp().getRequest<express.Request>().audit.setError(exception)
      super.catch(exception, host)
    }
  }
  class DenyingGuard implements CanActivate {
    canActivate() {
      return false
    }
  }
  @Controller('persons')
  class PersonsController {
    @Get('fails')
    fails() {
      throw outOfPaper()
    }
    @Get('denied')
    @UseGuards(new DenyingGuard())
    denied() {}
    @Get('parsed/:id')
    parsed(@Param('id', new ParseIntPipe()) id: number) {
      return { id }
    }
  }
  @Module({ controllers: [PersonsController] })
  class PersonsModule {}

  it.each([
    ['a handler', '/persons/fails', 500, ERROR],
    ['a guard', '/persons/denied', 403, { name: 'ForbiddenException', message: 'Forbidden resource' }],
    ['a pipe', '/persons/parsed/x', 400, { name: 'BadRequestException' }],
    ['no route', '/nothing', 404, { name: 'NotFoundException' }],
  ])('records what %s throws, by a filter', async (_case, path, status, error) => {
    const sink = memory()
    const app = await NestFactory.create(PersonsModule, { logger: false })
    app.use(auditLog({ sink })).useGlobalFilters(new AuditExceptionFilter(app.getHttpAdapter()))
    await app.init()
    const { url } = await startServer(app.getHttpAdapter().getInstance())
    expect((await fetch(url + path)).status).toBe(status)
    const [record] = await sink.waitFor(1)
    expect(record.audit).toMatchObject({ http_response: { status_code: status }, error })
  })
})

describe('Express', () => {
  it('records no error that an error handler of the application answers without auditErrors()', async () => {
    const sink = memory()
    const app = express()
    app.use(auditLog({ sink })).use(() => {
      throw outOfPaper()
    })
    app.use((_error: unknown, _req: unknown, res: express.Response, _next: unknown) => {
      res.status(500).json({})
    })
    const record = await recordOf(sink, app)
    expect(record).toMatchObject({ http_response: { status_code: 500 }, outcome: 'failure' })
    expect(record).not.toHaveProperty('error')
  })
})
