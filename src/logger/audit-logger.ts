import type { AuditUser, ExactUser } from '../http/user/user.js'
import type { Exact } from '../lib/exact.js'
import { isInstanceOfAnyCopy } from '../lib/instance-of.js'
import { readSafely } from '../lib/safe-read.js'
import type { AuditLoggerOptions } from '../options/options.js'
import { getSharedPipeline } from '../pipeline/shared-pipelines.js'
import type { AttributeName, AttributeValue } from './attributes.js'
import type { HttpRequestDescription, HttpResponseDescription } from './http-descriptions.js'
import { RecordBuilder } from './record-builder.js'
import { createStandaloneBuilder } from './standalone-record.js'
import type { AuditTarget } from './target.js'

/**
 * Gives `audited()` and `auditErrors()` the builder of any logger. The key is shared by the whole process, because the
 * ES module and the CommonJS build have a class each. The number changes with the methods of {@link RecordBuilder}.
 */
const builderKey = Symbol.for('http-audit-log/record-builder@1')

let builderOf: (logger: BuilderHolder) => RecordBuilder

/** Hides the builder, and with it everything internal, from users. */
class BuilderHolder {
  readonly #builder: RecordBuilder

  /** @internal */
  constructor(builder: RecordBuilder) {
    this.#builder = builder
  }

  static {
    builderOf = (logger) => {
      logger.#builder.onUse()
      return logger.#builder
    }
  }
}

/**
 * Fills one audit record. In a request it is `req.audit` or `ctx.audit`, and the middleware sends the record; without
 * HTTP, create a logger and call `sendLog()` yourself. Every method returns the logger, none is required, and none
 * throws: a value that JSON cannot represent is described instead. If a method is called twice, the last call wins. Of the
 * level methods the first call in a request is its message, and later ones are notes; beside an action that was not done all are
 * notes. Without HTTP the last call wins too.
 *
 * @example
 * new AuditLogger()
 *   .setHttpRequest({ method: 'GET', url: 'https://localhost', userAgent: 'Test' })
 *   .info('This is a log message')
 *   .sendLog()
 */
export class AuditLogger extends BuilderHolder {
  /**
   * @throws AuditLogError `ERR_AUDIT_OPTIONS`
   */
  constructor(options?: AuditLoggerOptions) {
    // `createLogger` passes a builder, which nobody else has.
    super(options instanceof RecordBuilder ? options : createStandaloneBuilder(getSharedPipeline(options)))
  }

  /** True for the loggers of every copy of this package, such as the CommonJS build beside the ES module. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a subclass inherits this method
    return isInstanceOfAnyCopy(value, this, AuditLogger, builderKey)
  }

  /** In a request, the middleware has called it already. */
  setHttpRequest<Request extends HttpRequestDescription>(
    request: Exact<Request, HttpRequestDescription>,
  ): this {
    builderOf(this).setHttpRequest(request)
    return this
  }

  /** In a request it has no effect, because the middleware records the response that was really sent. */
  setHttpResponse<Response extends HttpResponseDescription>(
    response: Exact<Response, HttpResponseDescription>,
  ): this {
    builderOf(this).setHttpResponse(response)
    return this
  }

  /** In a request, `ip` defaults to the address of the client. */
  setUser<User extends AuditUser>(user: ExactUser<User>): this {
    builderOf(this).setUser(user)
    return this
  }

  /**
   * Sets the type of object that was requested, and the filters that were used.
   *
   * @example logger.setFilter('Person', { last_name: 'Jansen' })
   */
  setFilter(objectName: string, kwargs: unknown = {}): this {
    builderOf(this).setFilter(objectName, kwargs)
    return this
  }

  /** Sets what was returned to the user. It is copied at once: later changes to `results` do not reach the record. */
  setResults(results: unknown = null): this {
    builderOf(this).setResults(results)
    return this
  }

  /**
   * Records name and message of an error. In Koa the middleware calls it for what a handler throws; in Express
   * `auditErrors()` does.
   *
   * @param error what was thrown, an `Error` or not; `null` and `undefined` stand for "no error"
   */
  setError(error: unknown): this {
    builderOf(this).setError(error)
    return this
  }

  /**
   * Sets the action that is performed or attempted, and the objects it is performed on. Call it before the action, so that a
   * refused or failed attempt has both as well.
   *
   * @param action a verb of your own, or one of `audited()`: list, retrieve, create, update, partial_update, destroy
   * @param target an object or several; leave it out to keep those that were set before
   * @example req.audit.setAction('destroy', { type: 'Person', id: 2 })
   * @example req.audit.setAction('transfer', [{ type: 'Account', id: 'A' }, { type: 'Account', id: 'B' }])
   */
  setAction(action: string, target?: AuditTarget | readonly AuditTarget[]): this {
    builderOf(this).setAction(action, target)
    return this
  }

  /**
   * States that the action was done, although the response is no success: its client has left, or another action of the same
   * request has failed. A job does not need it: an action that neither was denied nor has failed is a success.
   *
   * @example req.audit.child().setAction('lock', { type: 'User', id: '1' }).succeed()
   */
  succeed(): this {
    builderOf(this).setVerdict('success', '')
    return this
  }

  /**
   * States that the action was refused, whatever the status of the response is. A status of 401 or 403 states it without this.
   *
   * @param reason a text, or what was thrown, of which an error has its name and message recorded
   * @example req.audit.deny('not your patient')
   */
  deny(reason: unknown = ''): this {
    builderOf(this).setVerdict('denied', reason)
    return this
  }

  /**
   * States that the action has failed, whatever the status of the response is, as for the errors of GraphQL in a response of
   * status 200.
   *
   * @param reason as of {@link deny}
   * @example req.audit.fail('insufficient funds')
   */
  fail(reason: unknown = ''): this {
    builderOf(this).setVerdict('failure', reason)
    return this
  }

  /**
   * Records what the action changed: the properties in which `after` differs from `before`, with their old and new values.
   * Both are copied at once.
   *
   * @param before `null` for an object that did not exist
   * @param after `null` for an object that does not exist any more
   * @example
   * const before = structuredClone(person) // the same object twice is not compared
   * req.audit.setChanges(before, await save(person, req.body))
   */
  setChanges(before: unknown, after: unknown): this {
    builderOf(this).setChanges(before, after)
    return this
  }

  /**
   * Sets a custom field, in `attributes` of the record. `undefined` removes it. Declare the names and their types by extending
   * {@link AuditAttributes}.
   *
   * @example req.audit.set('case_number', '2026/17')
   */
  set<Name extends AttributeName>(name: Name, value: AttributeValue<Name> | undefined): this {
    builderOf(this).setAttribute(name, value)
    return this
  }

  /**
   * Creates the logger of a further action in the same exchange. Its record has the request, the user and the response of this
   * one, an `id` of its own, and the `id` of this one as `parent`. It is sent when the exchange ends.
   *
   * @example
   * for (const account of accounts) req.audit.child().setAction('close', { type: 'Account', id: account.id })
   */
  child(): AuditLogger {
    const builder = builderOf(this).createChild()
    const logger = createLogger(builder)
    builder.onLogger(logger)
    return logger
  }

  /** Sets the message, and the type DEBUG. If the request has a message, or an action that was not done, it is a note. */
  debug(message: string): this {
    builderOf(this).setMessage('DEBUG', message)
    return this
  }

  /** As {@link debug}, with the type INFO. */
  info(message: string): this {
    builderOf(this).setMessage('INFO', message)
    return this
  }

  /** As {@link debug}, with the type WARNING. */
  warning(message: string): this {
    builderOf(this).setMessage('WARNING', message)
    return this
  }

  /** As {@link debug}, with the type ERROR. */
  error(message: string): this {
    builderOf(this).setMessage('ERROR', message)
    return this
  }

  /** As {@link debug}, with the type CRITICAL. */
  critical(message: string): this {
    builderOf(this).setMessage('CRITICAL', message)
    return this
  }

  /**
   * Sends the record. Only the first call has an effect. In a request the middleware calls it when the response has
   * ended; if you call it earlier, the record is sent at that moment, with what is known then.
   */
  sendLog(): void {
    builderOf(this).send()
  }
}

// Not enumerable, and with a symbol as its key: users do not see it.
Object.defineProperty(AuditLogger.prototype, builderKey, {
  get(this: AuditLogger) {
    return builderOf(this)
  },
})

/** Creates the logger of a builder. */
export function createLogger(builder: RecordBuilder): AuditLogger {
  return new AuditLogger(builder as AuditLoggerOptions)
}

/** The builder of a logger from either build of this package; `undefined` if `value` is no logger. */
export function findBuilder(value: unknown): RecordBuilder | undefined {
  const builder = readSafely(() => (value as { [builderKey]?: RecordBuilder } | undefined)?.[builderKey])
  return readSafely(() => typeof builder?.suggest) === 'function' ? builder : undefined
}
