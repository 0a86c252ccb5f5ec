// The GraphQL part of the bank, for graphql-yoga and for Apollo Server. The plugins of examples/graphql/ record the outcome.
import { GraphQLError } from 'graphql'
import type { AuditContext } from '../graphql/operation.js'
import type { Bank } from './bank.js'
import { BankError } from './errors.js'
import type { Employee } from './sign-in.js'

export const typeDefs = /* GraphQL */ `
  type Person { id: ID! last_name: String! }
  type Account { id: ID! balance: Int! isOpen: Boolean! }
  type Query { person(id: ID!): Person }
  type Mutation { closeAccount(id: ID!): Account }
`

export interface GraphQLContext extends AuditContext {
  /** Throws if nobody is signed in. */
  employee(): Employee
}

interface Arguments {
  readonly id: string
}

/** The resolvers know the object, so they replace the names of operation and field by an action and its target. */
export const createResolvers = (bank: Bank) => ({
  Query: {
    person(_parent: unknown, { id }: Arguments, { audit, employee }: GraphQLContext) {
      audit.setAction('retrieve', { type: 'Person', id })
      return withCodes(() => bank.readPerson(employee(), id))
    },
  },
  Mutation: {
    closeAccount(_parent: unknown, { id }: Arguments, { audit, employee }: GraphQLContext) {
      audit.setAction('close', { type: 'Account', id })
      const { before, after } = withCodes(() => bank.closeAccount(employee(), id))
      audit.setChanges(before, after)
      return after
    },
  },
})

const CODES: Record<number, string> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  422: 'BAD_USER_INPUT',
}

/** A GraphQL server shows clients only errors that are meant for them. */
function withCodes<Result>(call: () => Result): Result {
  try {
    return call()
  } catch (error) {
    if (!(error instanceof BankError)) throw error
    throw new GraphQLError(error.message, { extensions: { code: CODES[error.status] } })
  }
}
