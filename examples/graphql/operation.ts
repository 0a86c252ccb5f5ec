import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import type { AuditLogger } from 'http-audit-log'

export interface AuditContext {
  audit: AuditLogger
}

const usedLoggers = new WeakSet<AuditLogger>()

/** The logger of the request for its first operation, and one of its own for each further operation of a batch. */
export function findLogger(audit: AuditLogger): AuditLogger {
  if (usedLoggers.has(audit)) return audit.child()
  usedLoggers.add(audit)
  return audit
}

/** Action and targets are made of names of the schema only, because a client can put anything into the names of its own. */
export function recordOperation(
  audit: AuditLogger,
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
): void {
  const operation = getOperationAST(document, operationName)
  if (operation == null) return
  const kind = operation.operation
  const type = schema.getRootType(kind)
  const known = { ...type?.getFields(), __schema: true, __type: true }
  const fields = listFields(document, operation).filter((field) => Object.hasOwn(known, field))
  audit.setAction(
    fields.length === 1 ? `${kind} ${fields[0]}` : kind,
    fields.map((field) => ({ type: `${type?.name ?? kind}.${field}` })),
  )
  if (operation.name !== undefined) audit.set('operation_name', operation.name.value)
}

/** The fields of an operation, also those in fragments. */
function listFields({ definitions }: DocumentNode, operation: OperationDefinitionNode): string[] {
  const fragments = definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
  const unvisited = new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
  const fields = new Set<string>()
  const pending = [operation.selectionSet]
  for (const { selections } of pending) {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        fields.add(selection.name.value)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        pending.push(selection.selectionSet)
      } else {
        const fragment = unvisited.get(selection.name.value)
        unvisited.delete(selection.name.value)
        if (fragment !== undefined) pending.push(fragment.selectionSet)
      }
    }
  }
  return [...fields]
}

const DENIALS = ['UNAUTHENTICATED', 'FORBIDDEN']

/** The status is 200 also if an operation failed. */
export function recordErrors(audit: AuditLogger, errors: readonly GraphQLError[] = []): void {
  const denial = errors.find(({ extensions }) => DENIALS.includes(String(extensions.code)))
  const error = denial ?? errors[0]
  if (error === undefined) return
  const { message, originalError, extensions } = error
  if (denial !== undefined) audit.deny(`${extensions.code}: ${message}`)
  else if (extensions.code !== undefined) audit.fail(`${extensions.code}: ${message}`)
  // An error without a code is not one of the application's answers, but what a resolver happened to throw.
  else audit.setError(originalError).fail(originalError ?? message)
}
