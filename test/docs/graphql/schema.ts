// The schema that the servers of graphql.test.ts have in common.
import { makeExecutableSchema } from '@graphql-tools/schema'
import { GraphQLError } from 'graphql'
import type { AuditContext } from '../../../examples/graphql/operation.js'

const typeDefs = /* GraphQL */ `
  type Query { person(id: ID!): String, persons: String }
  type Mutation { transfer(from: ID!, to: ID!): String, close(id: ID!): String, crash: String, refuse(code: String!): String }
`

class BalanceError extends Error {
  override name = 'BalanceError'
}

const resolvers = {
  Query: { person: (_: unknown, { id }: { id: string }) => `person ${id}`, persons: () => 'all' },
  Mutation: {
    close: () => 'closed',
    transfer(_: unknown, { from, to }: { from: string; to: string }, { audit }: AuditContext) {
      audit.setAction('transfer', [
        { type: 'Account', id: from },
        { type: 'Account', id: to },
      ])
      return 'done'
    },
    crash() {
      throw new BalanceError('balance too low')
    },
    refuse(_: unknown, { code }: { code: string }) {
      throw new GraphQLError('not your account', { extensions: { code } })
    },
  },
}

export const schema = makeExecutableSchema({ typeDefs, resolvers })
