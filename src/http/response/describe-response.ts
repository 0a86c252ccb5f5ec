// Describes the response that was actually sent. The source is the header block that Node wrote: `getHeaders()` lacks
// what a handler passed to `writeHead`, as well as Date and Connection. Reading them in a wrapper of `writeHead`
// would need to know every form in which it takes headers.
import type { ServerResponse } from 'node:http'
import { Dictionary } from '../../lib/dictionary.js'
import { getDefaultReason } from '../../lib/http-module.js'
import { getHeaderBlock } from '../../lib/node-internals.js'
import { readSafely } from '../../lib/safe-read.js'
import { BROWSER_POLICY_HEADERS } from '../../record/header-names.js'
import type { ResponseRecord, SentHeaders } from '../../record/record.js'
import { addHeader, parseStatus } from '../header-block.js'
import { SentResponse } from './sent-response.js'

/**
 * The response by the header block that Node has created, or will create from the properties of the response.
 *
 * @param omitsPolicies leaves out the {@link BROWSER_POLICY_HEADERS}
 * @param observed where the runtime does not show the block
 */
export function describeResponse(
  response: ServerResponse,
  omitsPolicies = false,
  observed?: ResponseRecord,
): ResponseRecord {
  const block = getHeaderBlock(response)
  if (block !== undefined) return new SentResponse(block, omitsPolicies)
  if (observed !== undefined) return observed
  const properties = describeProperties(response, omitsPolicies)
  const { status_code, reason } = properties
  return status_code === null || reason
    ? properties
    : { ...properties, reason: getDefaultReason(status_code) }
}

/**
 * The response by its properties, from which a header is made later: by Node, or by whatever a stand-in hands the response
 * over to. Any of them may be missing or hostile, because tests and adapters bring response objects of their own.
 */
export function describeProperties(response: ServerResponse, omitsPolicies = false): ResponseRecord {
  const status_code = parseStatus(readSafely(() => response.statusCode))
  const reason = readSafely(() => response.statusMessage)
  const headers = copyHeaders(
    readSafely(() => response.getHeaders()),
    omitsPolicies,
  )
  if (status_code === null) return { status_code, reason: null, headers }
  return { status_code, reason: typeof reason === 'string' ? reason : '', headers }
}

/** Headers from an object of names and values, such as `getHeaders()` returns. */
export function copyHeaders(source: unknown, omitsPolicies = false): SentHeaders {
  const headers: SentHeaders = new Dictionary()
  if (typeof source !== 'object' || source === null) return headers
  for (const name of Object.keys(source)) {
    if (omitsPolicies && BROWSER_POLICY_HEADERS.has(name.toLowerCase())) continue
    const value = readSafely(() => (source as Record<string, unknown>)[name])
    for (const single of Array.isArray(value) ? value : [value]) {
      if (isHeaderValue(single)) addHeader(headers, name.toLowerCase(), String(single))
    }
  }
  return headers
}

/** Node accepts other values as well, but only these have a text that the client can have received. */
function isHeaderValue(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
