import type { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { AuditLogger } from 'http-audit-log'
import { type AuditContext, findLogger, recordErrors, recordOperation } from './operation.js'

const thrownErrors = new WeakMap<AuditLogger, readonly GraphQLError[]>()

/** Mount auditLog() first, and give `audit` to yoga: `yoga.handle(req, res, { audit: req.audit })`. */
export const auditPlugin: Plugin<AuditContext, AuditContext> = {
  onParams({ context }) {
    context.audit = findLogger(context.audit)
  },
  onValidate({ context, params }) {
    recordOperation(context.audit, params.schema, params.documentAST, context.params.operationName)
  },
  onExecute({ context }) {
    return {
      // Before yoga replaces unexpected errors by "Unexpected error."
      onExecuteDone({ result }) {
        if ('errors' in result && result.errors !== undefined) thrownErrors.set(context.audit, result.errors)
      },
    }
  },
  onExecutionResult({ context, result }) {
    if (result === undefined || !('errors' in result)) return
    recordErrors(context.audit, thrownErrors.get(context.audit) ?? result.errors)
  },
}
