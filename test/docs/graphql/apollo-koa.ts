import { ApolloServer } from '@apollo/server'
import { koaMiddleware } from '@as-integrations/koa'
import { auditLog } from 'http-audit-log/koa'
import Koa from 'koa'
import { auditPlugin } from '../../../examples/graphql/apollo-plugin.js'
import type { AuditContext } from '../../../examples/graphql/operation.js'
import { listen } from '../../../examples/listen.js'
import { schema } from './schema.js'

const server = new ApolloServer<AuditContext>({
  schema,
  plugins: [auditPlugin],
  allowBatchedHttpRequests: true,
  logger: { debug() {}, info() {}, warn() {}, error() {} },
})
await server.start()

const app = new Koa()
app.use(auditLog())
app.use(async (ctx, next) => {
  const chunks: Buffer[] = []
  for await (const chunk of ctx.req) chunks.push(chunk)
  Object.assign(ctx.request, { body: JSON.parse(Buffer.concat(chunks).toString()) })
  return next()
})
app.use(koaMiddleware(server, { context: async ({ ctx }) => ({ audit: ctx.audit }) }))
listen(app.callback())
