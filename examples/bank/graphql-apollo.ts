import { ApolloServer } from '@apollo/server'
import { koaMiddleware } from '@as-integrations/koa'
import type { Context, Middleware } from 'koa'
import { auditPlugin } from '../graphql/apollo-plugin.js'
import type { Bank } from './bank.js'
import { createResolvers, type GraphQLContext, typeDefs } from './graphql.js'
import type { Employee } from './sign-in.js'

export async function createGraphQL(bank: Bank, employeeOf: (ctx: Context) => Employee): Promise<Middleware> {
  const server = new ApolloServer<GraphQLContext>({
    typeDefs,
    resolvers: createResolvers(bank),
    plugins: [auditPlugin],
    includeStacktraceInErrorResponses: false,
  })
  await server.start()
  return koaMiddleware(server, {
    context: async ({ ctx }) => ({ audit: ctx.audit, employee: () => employeeOf(ctx as Context) }),
  })
}
