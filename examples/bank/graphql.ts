// The GraphQL part of the bank, for graphql-yoga and for Apollo Server.
import type { GraphQLError } from 'graphql'
import type { AuditLogger } from 'http-audit-log'
import type { Bank } from './bank.js'
import { BankError, recordRefusal } from './errors.js'
import type { Employee } from './sign-in.js'

export const typeDefs = /* GraphQL */ `
  type Person { id: ID! last_name: String! }
  type Account { id: ID! balance: Int! isOpen: Boolean! }
  type Query { person(id: ID!): Person }
  type Mutation { closeAccount(id: ID!): Account }
`

export interface GraphQLContext {
  readonly audit: AuditLogger
  /** Throws if nobody is signed in. */
  employee(): Employee
}

interface Arguments {
  readonly id: string
}

export const createResolvers = (bank: Bank) => ({
  Query: {
    person(_parent: unknown, { id }: Arguments, { audit, employee }: GraphQLContext) {
      audit.setAction('retrieve', { type: 'Person', id })
      return bank.readPerson(employee(), id)
    },
  },
  Mutation: {
    closeAccount(_parent: unknown, { id }: Arguments, { audit, employee }: GraphQLContext) {
      audit.setAction('close', { type: 'Account', id })
      const { before, after } = bank.closeAccount(employee(), id)
      audit.setChanges(before, after)
      return after
    },
  },
})

export function recordGraphQLErrors(audit: AuditLogger, errors: readonly GraphQLError[] = []): void {
  for (const { originalError, message } of errors) {
    if (originalError instanceof BankError) recordRefusal(audit, originalError)
    else audit.fail(message)
  }
}
