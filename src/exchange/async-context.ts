// The logger of the current request, from any depth. AsyncLocalStorage costs time at every await, so an option enables it.
import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage } from 'node:http'
import { createReporter } from '../lib/reporter.js'
import type { AuditLogger } from '../logger/audit-logger.js'
import { createNoopLogger } from '../logger/noop-logger.js'

interface AuditContext {
  /** Created by the first middleware with `context: true`. */
  storage?: AsyncLocalStorage<AuditLogger>
  isMissReported?: boolean
}

/** Shared by the whole process, so that the ES module and the CommonJS build of this package use one storage. */
const contextKey = Symbol.for('http-audit-log/context@1')
const processGlobals = globalThis as { [contextKey]?: AuditContext }

function getAuditContext(): AuditContext {
  processGlobals[contextKey] ??= {}
  return processGlobals[contextKey]
}

/** Calls `next`, which runs everything after the middleware, and returns its result. */
export type NextRunner = <Result>(logger: AuditLogger, request: IncomingMessage, next: () => Result) => Result

/** Chosen once per middleware, so that an application without the context does not pay for it. */
export function createNextRunner(hasContext: boolean): NextRunner {
  if (!hasContext) return (_logger, _request, next) => next()
  const context = getAuditContext()
  context.storage ??= new AsyncLocalStorage()
  const { storage } = context
  return (logger, request, next) => {
    bindEvents(request, logger, storage)
    return storage.run(logger, next)
  }
}

/** Node emits the events of a request's body in the async context of the connection, which is older than the request. */
function bindEvents(
  request: IncomingMessage,
  logger: AuditLogger,
  storage: AsyncLocalStorage<AuditLogger>,
): void {
  const { emit } = request
  function emitInContext(...event: Parameters<IncomingMessage['emit']>): boolean {
    // Most events are emitted in the right context already.
    return storage.getStore() === logger
      ? emit.apply(request, event)
      : storage.run(logger, () => emit.apply(request, event))
  }
  request.emit = emitInContext
}

/**
 * Returns the logger of the current request, from any depth: across awaits, timers and event emitters. It needs a
 * middleware with `context: true`. Outside a request it returns a logger that records nothing.
 *
 * @example
 * app.use(auditLog({ context: true }))
 * // anywhere below:
 * currentAudit().setFilter('Person', { id })
 */
export function currentAudit(): AuditLogger {
  const context = getAuditContext()
  if (context.storage === undefined) reportMissingContext(context)
  return context.storage?.getStore() ?? createNoopLogger()
}

function reportMissingContext(context: AuditContext): void {
  if (context.isMissReported) return
  context.isMissReported = true
  createReporter().reportOnce(
    'ERR_AUDIT_CONTEXT',
    'currentAudit() returns a logger that records nothing, because no middleware has the option `context`. ' +
      'Use auditLog({ context: true })',
  )
}
