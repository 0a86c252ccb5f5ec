// Notices when the status and the headers of a response are final, which is when `writeHead` has returned: Node calls it for a
// header that the handler did not write itself, too. The header leaves later.
import type { ServerResponse } from 'node:http'
import { lazy } from '../../lib/lazy.js'
import { loadOnHeaders } from '../../lib/lazy-dependencies.cjs'
import type { Reporter } from '../../lib/reporter.js'

type WriteHead = ServerResponse['writeHead']

/**
 * `undefined` where on-headers cannot be loaded: esbuild cannot give a CommonJS package its `require('http')` in an ES module. Every
 * call then goes past it, and the moment is the same.
 */
const findOnHeaders = lazy(() => {
  try {
    return loadOnHeaders()
  } catch {
    return undefined
  }
})

/** Loads what {@link listenForHeader} needs, at start-up instead of in the first request. */
export function prepareHeaderListener(reporter: Pick<Reporter, 'reportOnce'>): void {
  try {
    loadOnHeaders()
  } catch (error) {
    // Not if it is there and a bundler has broken it: the user cannot do anything about that, and nothing is lost.
    if ((error as NodeJS.ErrnoException | null)?.code !== 'MODULE_NOT_FOUND') return
    const message =
      'The package on-headers could not be loaded. The lines `started` are written without it. Install the dependencies of ' +
      'http-audit-log again, or leave `started` out of `stages`'
    reporter.reportOnce('ERR_AUDIT_RUNTIME', message, error)
  }
}

/**
 * Calls `onHeader` once, after the header of the response was made.
 *
 * on-headers 1.1.0 turns headers that are given to `writeHead` into calls of `setHeader`: of
 * `[['set-cookie', 'a'], ['set-cookie', 'b']]` the first cookie is lost, and wrappers of `writeHead` below it get other
 * arguments. Such a call goes past it, to the method that it would have called.
 */
export function listenForHeader(response: ServerResponse, onHeader: () => void): void {
  const original: unknown = response.writeHead
  if (typeof original !== 'function') return
  let isHeard = false
  let isOver = false
  const onHeaders = findOnHeaders()
  onHeaders?.(response, () => {
    isHeard = true
  })
  const observed = response.writeHead
  // A proxy, because a test may expect its own mock function in `response.writeHead`.
  response.writeHead = new Proxy(original as WriteHead, {
    apply(_target, self: ServerResponse, args: unknown[]) {
      if (isOver) return Reflect.apply(original, self, args)
      const isUnchanged = onHeaders !== undefined && leavesCallUnchanged(self, args)
      const result: unknown = Reflect.apply(isUnchanged ? observed : original, self, args)
      // Only now: a call for which Node throws writes no header.
      isOver = isHeard || !isUnchanged
      if (isOver) onHeader()
      return result
    },
  })
}

/** Whether on-headers passes a call on as it is. It assigns `statusCode` before Node has checked the call. */
function leavesCallUnchanged(response: ServerResponse, args: readonly unknown[]): boolean {
  const [status, reason] = args
  if (args.length > 2 || (args.length === 2 && typeof reason !== 'string')) return false
  try {
    const { headersSent, stream } = response as ServerResponse & { stream?: { destroyed?: boolean } }
    if (headersSent || stream?.destroyed) return false
  } catch {
    // A stand-in whose properties throw.
    return false
  }
  return Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599
}
