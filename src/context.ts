import { AsyncLocalStorage } from 'node:async_hooks'
import { AuditLogger } from './audit-logger.js'
import { emptyDraft } from './record.js'
import { createReporter } from './report.js'

// One storage for the whole process, also when both builds of this package are loaded side by side.
const key = Symbol.for('http-audit-log/context')
const shared = globalThis as { [key]?: AsyncLocalStorage<AuditLogger> }
shared[key] ??= new AsyncLocalStorage<AuditLogger>()
const storage: AsyncLocalStorage<AuditLogger> = shared[key]

const reporter = createReporter()
let isSwitchedOn = false

/**
 * The logger of the request one is in, from any depth: across awaits, timers and event emitters. It needs the
 * option `context: true` of the middleware. Outside a request it can be called as well, and writes nothing.
 *
 * @example
 * app.use(auditLog({ context: true }))
 * async function findPersons(filter) {
 *   currentAudit().setFilter('Person', filter)
 *   return database.query(...)
 * }
 */
export function currentAudit(): AuditLogger {
  const logger = storage.getStore()
  if (logger !== undefined) return logger
  if (!isSwitchedOn) {
    const hint = new Error('no auditLog({ context: true }) is in use')
    reporter.failOnce('ERR_AUDIT_CONTEXT', 'currentAudit() was called and knows of no request', hint)
  }
  return new AuditLogger(emptyDraft(new Date()), () => {}, '')
}

/** Picks, once, how the rest of a request is run: with its logger at hand, or just so. */
export function createContext(isOn: boolean): <Result>(logger: AuditLogger, run: () => Result) => Result {
  isSwitchedOn ||= isOn
  return isOn ? (logger, run) => storage.run(logger, run) : (_logger, run) => run()
}
