// The identifier that links a record to the logs of the application and of other services.
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { readProperty, readSafely, suppressRejection } from '../lib/safe-read.js'
import { createUuid } from '../lib/uuid.js'
import { isObject } from '../lib/validate.js'
import { getPath } from './path.js'

/** The header that most proxies, clients and middleware use. */
export const DEFAULT_REQUEST_ID_HEADER = 'x-request-id'

const WELL_FORMED = /^[\w.~:@=+/-]{1,128}$/
/** A token that grants access is no identifier: the first part of a JSON Web Token is an encoded JSON object. */
const JSON_WEB_TOKEN = /^eyJ[\w-]*\.[\w-]*\./

/** A value as a request id, or `undefined` if it is none. Counters, such as those of pino-http, are ids too. */
export function toRequestId(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? String(value) : undefined
  if (typeof value !== 'string') return void suppressRejection(value)
  return WELL_FORMED.test(value) && !JSON_WEB_TOKEN.test(value) ? value : undefined
}

/** The route parameters and the request target, in which a value that names an object is found. */
export interface PathSource {
  readonly params?: unknown
  readonly originalUrl?: unknown
  readonly url?: unknown
}

/**
 * A property of the request as a request id, unless it is a part of the path: `app.param('id')` may set `req.id`, which then
 * names an object and is the same for every request about it. The parts of the path are compared as well, because a router
 * that passes an error on takes its parameters back.
 */
export function toOwnRequestId(value: unknown, source: PathSource): string | undefined {
  // Hot path: most applications leave none.
  const id = value === undefined ? undefined : toRequestId(value)
  if (id === undefined) return undefined
  const target = readProperty(source, 'originalUrl') ?? readProperty(source, 'url')
  const path = typeof target === 'string' ? getPath(target) : ''
  const segments = (readSafely(() => decodeURIComponent(path)) ?? path).split('/')
  const params = readProperty(source, 'params')
  const routeParams: unknown[] = isObject(params) ? Object.values(params).map(suppressRejection) : []
  const isPartOfPath = [...segments, ...routeParams].some((part) => isSameId(part, id))
  return isPartOfPath ? undefined : id
}

/** An application may have parsed the number. */
function isSameId(part: unknown, id: string): boolean {
  if (part === id) return true
  return typeof part === 'string' && part !== '' && /^\d+$/.test(id) && Number(part) === Number(id)
}

/** The request id that the client sent, or else a new UUID. */
export function readClientRequestId({ headers }: IncomingMessage, header: string): string {
  return toRequestId(headers[header]) ?? createUuid()
}

/** The part of a response that {@link readResponseId} uses. */
interface HeaderHolder {
  getHeader(name: string): OutgoingHttpHeaders[string]
}

/** The request id that the application sends to the client. */
export function readResponseId(response: HeaderHolder, header: string): string | undefined {
  return toRequestId(response.getHeader(header))
}
