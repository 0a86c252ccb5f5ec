import type { ApolloServerPlugin } from '@apollo/server'
import { type AuditContext, findLogger, recordErrors, recordOperation } from './operation.js'

/** Mount auditLog() first, and give `audit` to Apollo: `context: async ({ req }) => ({ audit: req.audit })`. */
export const auditPlugin: ApolloServerPlugin<AuditContext> = {
  async requestDidStart({ contextValue }) {
    const audit = findLogger(contextValue.audit)
    // Apollo copies the context for each operation of a batch.
    contextValue.audit = audit
    return {
      async validationDidStart({ schema, document, request }) {
        recordOperation(audit, schema, document, request.operationName)
      },
      // A document that was sent before is not validated again.
      async didResolveOperation({ schema, document, request }) {
        recordOperation(audit, schema, document, request.operationName)
      },
      async didEncounterErrors({ errors }) {
        recordErrors(audit, errors)
      },
    }
  },
}
