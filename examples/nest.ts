// NestJS on Express: add the middleware to the application.
import 'reflect-metadata'
import { Controller, Get, Module, Req } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
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

const app = await NestFactory.create(AppModule, { logger: false })
app.use(auditLog())
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
console.error(`Listening on ${await app.getUrl()}`)
