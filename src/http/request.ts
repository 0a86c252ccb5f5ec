// Reads the facts of a request. Everything comes from the client, so it is validated before it is recorded.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { detachString, MAX_CACHED_LENGTH } from '../lib/bounded-cache.js'
import { suppressRejection } from '../lib/safe-read.js'
import { createDraft, type RecordDraft } from '../record/record-draft.js'
import { ReceivedRequest } from './received-request.js'
import { readTraceContext } from './trace-context.js'
import { restoreTarget } from './websocket.js'

/** Origin and target of a request, as the framework determines them (`trust proxy`, `app.proxy`). */
export interface RequestSource {
  readonly scheme: string
  /** The Host header, or `X-Forwarded-Host` of a trusted proxy. */
  readonly host: string | undefined
  /** The request target as the client sent it. */
  readonly target: string
  readonly ip: string | undefined
}

/** The source according to the connection and the request alone, without the rules of a framework. */
export function readConnectionSource(request: IncomingMessage): RequestSource {
  const { headers } = request
  const socket = request.socket as Socket | undefined
  return {
    // By its value, because on Bun every socket has the property.
    scheme: (socket as { encrypted?: unknown } | undefined)?.encrypted ? 'https' : 'http',
    host: headers[':authority']?.toString() ?? headers.host,
    target: restoreTarget(request, (request as { originalUrl?: string }).originalUrl ?? request.url ?? ''),
    ip: socket?.remoteAddress,
  }
}

/** Replaces values of a wrong type, because an application may have overridden the getters of its framework. */
export function normalizeSource(source: RequestSource, request: IncomingMessage): RequestSource {
  const { scheme, host, target, ip } = source as { [Name in keyof RequestSource]: unknown }
  // Hot path: nearly every source is as it should be.
  if (isString(scheme) && isString(target) && isOptionalString(host) && isOptionalString(ip)) return source
  return {
    scheme: asString(scheme) ?? 'http',
    host: asString(host),
    target: asString(target) ?? request.url ?? '',
    ip: asString(ip),
  }
}

function isString(value: unknown): boolean {
  return typeof value === 'string'
}

function isOptionalString(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : void suppressRejection(value)
}

const SCHEME = /^[a-z][a-z0-9+.-]*$/i
const ABSOLUTE = /^[a-z][a-z0-9+.-]*:\/\//i
/** RFC 3986 section 3.2, without user info, which recipients should treat as an error (RFC 9110 section 4.2.4). */
const HOST = /^(?:\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::\d{1,5})?$/i

/**
 * The request, with the absolute URL that the client requested. Without a valid Host header it has the address that the client
 * connected to (RFC 9112 section 3.3).
 *
 * @example
 * const source = { scheme: 'https', host: 'example.org', target: '/persons?q=1', ip }
 * describeReceivedRequest(source, 'GET', request).url   // 'https://example.org/persons?q=1'
 */
export function describeReceivedRequest(
  source: RequestSource,
  method: string,
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
): ReceivedRequest {
  const { target } = source
  const userAgent = headers['user-agent'] ?? ''
  // Hot path: most targets start with a slash, which is cheaper to test than the pattern.
  if (!target.startsWith('/') && ABSOLUTE.test(target))
    return new ReceivedRequest(method, '', target, userAgent)
  return new ReceivedRequest(method, buildOrigin(source, socket), toPath(target), userAgent)
}

/** Hot path: nearly all requests of an application are sent to one origin. */
let lastOrigin: { readonly scheme: string; readonly host: string; readonly text: string } | undefined

function buildOrigin({ scheme, host }: RequestSource, socket: Socket | undefined): string {
  if (lastOrigin !== undefined && host === lastOrigin.host && scheme === lastOrigin.scheme)
    return lastOrigin.text
  const validScheme = scheme === 'http' || scheme === 'https' || SCHEME.test(scheme) ? scheme : 'http'
  if (host === undefined || !HOST.test(host)) return `${validScheme}://${describeLocalAddress(socket)}`
  const origin = `${validScheme}://${host}`
  if (validScheme !== scheme || origin.length > MAX_CACHED_LENGTH) return origin
  const text = detachString(origin)
  // Copies: V8 compares a part of a longer text more slowly.
  lastOrigin = { scheme: detachString(scheme), host: detachString(host), text }
  return text
}

/**
 * Ensures a leading slash. Without it the target could change the host: `GET @evil.example/`. `OPTIONS *` is about the server as a
 * whole, so its URL has no path (RFC 9112 section 3.3).
 */
function toPath(target: string): string {
  if (target === '*') return ''
  return target.startsWith('/') ? target : `/${target}`
}

function describeLocalAddress(socket: Socket | undefined): string {
  const { localAddress: address = 'localhost', localPort } = socket ?? {}
  const host = address.includes(':') ? `[${address}]` : address
  return localPort === undefined ? host : `${host}:${localPort}`
}

/** Starts a record with the facts that are known when the request arrives. */
export function createRequestDraft({
  request,
  source,
  method = request.method ?? '',
  time = Date.now(),
}: {
  readonly request: IncomingMessage
  readonly source: RequestSource
  /** The method that the client sent, if `request.method` may have been replaced. */
  readonly method?: string
  readonly time?: number
}): RecordDraft {
  const draft = createDraft(time)
  draft.http_request = describeReceivedRequest(source, method, request)
  const { trace_id, span_id } = readTraceContext(request.headers)
  draft.trace_id = trace_id
  draft.span_id = span_id
  return draft
}
