// The method that the client sent. A middleware such as method-override replaces `req.method`, so that a DELETE would be
// recorded, and judged by the policy, as the GET it was turned into.
import { subscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { readSafely, suppressRejection } from '../lib/safe-read.js'
import { ATTACHMENT_KEY } from './attachment.js'

interface RequestWithMethod {
  [ATTACHMENT_KEY]?: string | { readonly method: string } | undefined
}

let isTracking = false

/** Notes the method of each request of `node:http` before any middleware runs. Node publishes to the channel since 16.17. */
export function trackWireMethods(): void {
  if (isTracking) return
  isTracking = true
  subscribe('http.server.request.start', noteMethod)
}

function noteMethod(message: unknown): void {
  const { request } = message as { request: IncomingMessage & RequestWithMethod }
  request[ATTACHMENT_KEY] = request.method
}

/**
 * To be called when the request arrives. Where Node does not publish the request (Bun, upgrades, requests that were not
 * parsed by `node:http`), this is `originalMethod`, which method-override and koa-methodoverride set, or the current method.
 *
 * @param context the request of Express or the context of Koa
 */
export function readWireMethod(request: IncomingMessage & RequestWithMethod, context: unknown): string {
  const attached = request[ATTACHMENT_KEY]
  if (attached !== undefined) return typeof attached === 'string' ? attached : attached.method
  return (
    readPseudoHeader(request.rawHeaders) ??
    readSafely(() => readOriginalMethod(request)) ??
    readSafely(() => readOriginalMethod((context as { request?: object }).request)) ??
    request.method ??
    ''
  )
}

/** HTTP/2 sends the method as a header. `request.method = 'GET'` changes `headers`, and leaves `rawHeaders` unchanged. */
function readPseudoHeader(rawHeaders: readonly string[] | undefined): string | undefined {
  // Pseudo-headers come first (RFC 9113 section 8.3).
  for (let index = 0; rawHeaders?.[index]?.startsWith(':'); index += 2) {
    if (rawHeaders[index] === ':method') return rawHeaders[index + 1]
  }
  return undefined
}

/** A token of RFC 9110 section 5.6.2. */
const METHOD = /^[\w!#$%&'*+.^`|~-]{1,64}$/

function readOriginalMethod(holder: object | undefined): string | undefined {
  const method = (holder as { originalMethod?: unknown } | undefined)?.originalMethod
  return typeof method === 'string' && METHOD.test(method) ? method : undefined
}

/** The method that `request.method` shows now, by which a framework chooses the handler. */
export function readRoutedMethod(request: IncomingMessage): string | undefined {
  const method = readSafely((): unknown => suppressRejection(request.method))
  return typeof method === 'string' ? method : undefined
}

/** The headers that method-override and koa-methodoverride document. */
const OVERRIDE_HEADERS = ['x-http-method-override', 'x-http-method', 'x-method-override'] as const

/** Whether a middleware that runs later may replace the method, because the client asks for another one. */
export function mayBeOverridden({ headers }: IncomingMessage, target: string): boolean {
  return OVERRIDE_HEADERS.some((name) => headers[name] !== undefined) || target.includes('_method')
}
