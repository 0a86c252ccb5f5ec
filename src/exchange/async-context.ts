// The logger of the request one is in, from any depth. It costs something on every await, so it is switched on by an
// option. Both builds of this package share one storage, hence the key that the whole process knows.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage } from 'node:http'
import { createReporter } from '../lib/reporter.js'
import type { AuditLogger } from '../logger/audit-logger.js'
import { createNoopLogger } from '../logger/noop-logger.js'

interface AuditContext {
  /** There once a middleware has `context: true`. */
  storage?: AsyncLocalStorage<AuditLogger>
  isMissTold?: boolean
}

const key = Symbol.for('http-audit-log/context')
const shared = globalThis as { [key]?: AuditContext }

function auditContext(): AuditContext {
  shared[key] ??= {}
  return shared[key]
}

/** Runs what comes after the middleware, and gives what that gives. */
export type ContextRunner = <Result>(
  logger: AuditLogger,
  request: IncomingMessage,
  next: () => Result,
) => Result

/** Chosen once, so that whoever does without the context does not pay for it. */
export function createContextRunner(hasContext: boolean): ContextRunner {
  if (!hasContext) return (_logger, _request, next) => next()
  const context = auditContext()
  context.storage ??= new AsyncLocalStorage()
  const { storage } = context
  return (logger, request, next) => {
    bindEvents(request, logger, storage)
    return storage.run(logger, next)
  }
}

/** The body of a request arrives in the context of its connection, which is older than the request. */
function bindEvents(
  request: IncomingMessage,
  logger: AuditLogger,
  storage: AsyncLocalStorage<AuditLogger>,
): void {
  const { emit } = request
  function emitWithin(...event: Parameters<IncomingMessage['emit']>): boolean {
    // Most come from within already.
    return storage.getStore() === logger
      ? emit.apply(request, event)
      : storage.run(logger, () => emit.apply(request, event))
  }
  request.emit = emitWithin
}

/**
 * The logger of the request that is being handled, from any depth, across awaits, timers and event emitters.
 * Needs a middleware with `context: true`. Outside a request it is a logger that writes nothing.
 *
 * @example
 * app.use(auditLog({ context: true }))
 * // anywhere below:
 * currentAudit().setFilter('Person', { id })
 */
export function currentAudit(): AuditLogger {
  const context = auditContext()
  if (context.storage === undefined) tellMiss(context)
  return context.storage?.getStore() ?? createNoopLogger()
}

function tellMiss(context: AuditContext): void {
  if (context.isMissTold) return
  context.isMissTold = true
  createReporter().reportOnce(
    'ERR_AUDIT_CONTEXT',
    'currentAudit() gives a logger that writes nothing',
    'no middleware has `context: true`',
  )
}
