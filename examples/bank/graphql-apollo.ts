import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import { koaMiddleware } from '@as-integrations/koa'
import type { Context, Middleware } from 'koa'
import type { Bank } from './bank.js'
import { createResolvers, type GraphQLContext, recordGraphQLErrors, typeDefs } from './graphql.js'
import type { Employee } from './sign-in.js'

export async function createGraphQL(bank: Bank, employeeOf: (ctx: Context) => Employee): Promise<Middleware> {
  const server = new ApolloServer<GraphQLContext>({
    typeDefs,
    resolvers: createResolvers(bank),
    plugins: [recordErrors],
    includeStacktraceInErrorResponses: false,
  })
  await server.start()
  return koaMiddleware(server, {
    context: async ({ ctx }) => ({ audit: ctx.audit, employee: () => employeeOf(ctx as Context) }),
  })
}

/** A GraphQL response has the status 200 also if the operation failed. */
const recordErrors: ApolloServerPlugin<GraphQLContext> = {
  async requestDidStart() {
    return {
      async didEncounterErrors({ contextValue, errors }) {
        recordGraphQLErrors(contextValue.audit, errors)
      },
    }
  },
}
