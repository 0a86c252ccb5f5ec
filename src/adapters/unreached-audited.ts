// A middleware in front of audited(), such as authorization, may end a request. The route that the request is in shows that it has
// an audited() all the same, so the record of the attempt has its action and its target.
import { INTERFACE_VERSION } from '../http/attachment.js'
import { readSafely } from '../lib/safe-read.js'

/** Marks the middleware of either build of this package. */
const suggestKey = Symbol.for(`http-audit-log/unreached-audited@${INTERFACE_VERSION}`)

/** Suggests the parts of the record of a request that has not reached the middleware. */
type SuggestUnreached<Context> = (context: Context) => void

interface AuditedMiddleware<Context> {
  readonly [suggestKey]?: SuggestUnreached<Context>
}

export function markAudited<Context>(middleware: object, suggest: SuggestUnreached<Context>): void {
  Object.defineProperty(middleware, suggestKey, { value: suggest })
}

/** Suggests by the last `audited()` of a list of handlers, because the inner one counts. */
export function suggestByLast<Context>(handlers: readonly unknown[], context: Context): void {
  const middleware = handlers.findLast(isAudited) as AuditedMiddleware<Context> | undefined
  if (middleware !== undefined) readSafely(() => middleware[suggestKey]?.(context))
}

export function isAudited(handler: unknown): boolean {
  return typeof handler === 'function' && Object.hasOwn(handler, suggestKey)
}
