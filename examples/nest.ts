// NestJS on Express: add the middleware to the application, and a filter that records what handlers and guards throw.
import 'reflect-metadata'
import { type ArgumentsHost, Catch, Controller, Get, Module, Req } from '@nestjs/common'
import { BaseExceptionFilter, NestFactory } from '@nestjs/core'
import type { Request } from 'express'
import { auditLog } from 'http-audit-log'

@Controller('persons')
class PersonsController {
  @Get()
  list(@Req() req: Request) {
    req.audit.setFilter('Person', req.query).info('List Person')
    return [{ id: 1, last_name: 'Jansen' }]
  }
}

@Module({ controllers: [PersonsController] })
class AppModule {}

@Catch()
class AuditExceptionFilter extends BaseExceptionFilter {
  override catch(exception: unknown, host: ArgumentsHost) {
    host.switchToHttp().getRequest<Request>().audit.setError(exception)
    super.catch(exception, host)
  }
}

const app = await NestFactory.create(AppModule, { logger: false })
app.use(auditLog()).useGlobalFilters(new AuditExceptionFilter(app.getHttpAdapter()))
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
console.error(`Listening on ${await app.getUrl()}`)
