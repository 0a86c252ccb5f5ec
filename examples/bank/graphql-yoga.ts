import type { Request, RequestHandler } from 'express'
import { createSchema, createYoga } from 'graphql-yoga'
import { auditPlugin } from '../graphql/yoga-plugin.js'
import type { Bank } from './bank.js'
import { createResolvers, type GraphQLContext, typeDefs } from './graphql.js'
import type { Employee } from './sign-in.js'

export function createGraphQL(bank: Bank, employeeOf: (req: Request) => Employee): RequestHandler {
  const yoga = createYoga<GraphQLContext>({
    schema: createSchema<GraphQLContext>({ typeDefs, resolvers: createResolvers(bank) }),
    plugins: [auditPlugin],
    graphiql: false,
    landingPage: false,
    logging: false,
  })
  return (req, res) => yoga.handle(req, res, { audit: req.audit, employee: () => employeeOf(req) })
}
