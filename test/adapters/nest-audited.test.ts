// audited() as a middleware of Nest, which mounts it on a route of its own before that of the controller.
import { afterEach, describe, expect, it } from '@jest/globals'
import {
  type CanActivate,
  Controller,
  Delete,
  ForbiddenException,
  Get,
  type MiddlewareConsumer,
  Module,
  type NestModule,
  Param,
  RequestMethod,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { audited, auditLog, memory } from 'http-audit-log'
import { startServer, stopServers } from '../helpers/servers.js'

afterEach(stopServers)

class DenyingGuard implements CanActivate {
  canActivate() {
    return false
  }
}

class LoginGuard implements CanActivate {
  canActivate(): boolean {
    throw new UnauthorizedException()
  }
}

@Controller('persons')
class PersonsController {
  @Get()
  list() {
    return [{ id: 1 }, { id: 2 }]
  }
  @Get(':id')
  retrieve(@Param('id') id: string) {
    return { id, name: 'Jansen' }
  }
  @Delete(':id')
  @UseGuards(new DenyingGuard())
  destroy() {}
  @Get(':id/file')
  @UseGuards(new LoginGuard())
  file() {}
  @Delete(':id/file')
  destroyFile(): void {
    throw new ForbiddenException('not your client')
  }
}

type Mount = (consumer: MiddlewareConsumer) => void

const mounts: readonly (readonly [string, Mount])[] = [
  ['the controller', (consumer) => void consumer.apply(audited('Person')).forRoutes(PersonsController)],
  [
    'paths',
    (consumer) =>
      void consumer
        .apply(audited('Person'))
        .forRoutes(
          { path: 'persons', method: RequestMethod.GET },
          { path: 'persons/:id', method: RequestMethod.ALL },
          { path: 'persons/:id/file', method: RequestMethod.ALL },
        ),
  ],
]

describe.each(mounts)('audited() with forRoutes of %s', (_name, mount) => {
  async function recordOf(method: string, path: string) {
    @Module({ controllers: [PersonsController] })
    class PersonsModule implements NestModule {
      configure(consumer: MiddlewareConsumer) {
        mount(consumer)
      }
    }
    const sink = memory()
    const app = await NestFactory.create(PersonsModule, { logger: false })
    app.use(auditLog({ sink }))
    await app.init()
    const { url } = await startServer(app.getHttpAdapter().getInstance())
    await (await fetch(`${url}${path}`, { method })).text()
    return (await sink.waitFor(1))[0].audit
  }

  it('records an action that was done', async () => {
    expect(await recordOf('GET', '/persons/2')).toMatchObject({
      action: 'retrieve',
      target: [{ type: 'Person', id: '2' }],
      outcome: 'success',
      message: 'Retrieve Person',
      results: { id: '2' },
      route: '/persons/:id',
    })
    expect(await recordOf('GET', '/persons')).toMatchObject({ action: 'list', message: 'List Person' })
  })

  it.each([
    [
      'a guard that returns false',
      'DELETE',
      '/persons/2',
      'destroy',
      'denied',
      'Destroy Person: denied (403)',
    ],
    ['a guard that throws', 'GET', '/persons/2/file', 'retrieve', 'denied', 'Retrieve Person: denied (401)'],
    ['a handler', 'DELETE', '/persons/2/file', 'destroy', 'denied', 'Destroy Person: denied (403)'],
  ])('records an attempt that %s refuses', async (_case, method, path, action, outcome, message) => {
    expect(await recordOf(method, path)).toMatchObject({
      action,
      target: [{ type: 'Person', id: '2' }],
      outcome,
      message,
      results: null,
    })
  })

  it('records nothing of a route that does not exist', async () => {
    const record = await recordOf('GET', '/companies/2')
    expect(record).toMatchObject({ http_response: { status_code: 404 }, message: '' })
    expect(record).not.toHaveProperty('action')
  })
})
