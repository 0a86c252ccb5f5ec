import type { Request, RequestHandler } from 'express'
import { createSchema, createYoga, type Plugin } from 'graphql-yoga'
import type { Bank } from './bank.js'
import { createResolvers, type GraphQLContext, recordGraphQLErrors, typeDefs } from './graphql.js'
import type { Employee } from './sign-in.js'

export function createGraphQL(bank: Bank, employeeOf: (req: Request) => Employee): RequestHandler {
  const yoga = createYoga<{ req: Request }, GraphQLContext>({
    schema: createSchema<{ req: Request } & GraphQLContext>({ typeDefs, resolvers: createResolvers(bank) }),
    context: ({ req }) => ({ audit: req.audit, employee: () => employeeOf(req) }),
    plugins: [recordErrors],
    maskedErrors: { maskError: (error) => error as Error },
    graphiql: false,
    landingPage: false,
    logging: false,
  })
  return (req, res) => yoga(req, res)
}

/** A GraphQL response has the status 200 also if the operation failed. */
const recordErrors: Plugin<GraphQLContext> = {
  onExecute({ args }) {
    const { audit } = args.contextValue as GraphQLContext
    return {
      onExecuteDone({ result }) {
        if ('errors' in result) recordGraphQLErrors(audit, result.errors)
      },
    }
  },
}
