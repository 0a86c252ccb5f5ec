// What setHttpRequest() and setHttpResponse() take. Nothing here throws.
import type { RequestRecord, ResponseRecord } from '../record/record.js'
import { toJson } from '../serialize/to-json.js'
import { toText } from '../serialize/to-text.js'

export interface HttpRequestDescription {
  readonly method: string
  readonly url: string
  /** @default '' */
  readonly userAgent?: string | undefined
}

export interface HttpResponseDescription {
  readonly statusCode: number
  readonly reason: string
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | null | undefined
}

export const REQUEST_PROPERTIES = ['method', 'url', 'userAgent'] as const
export const RESPONSE_PROPERTIES = ['statusCode', 'reason', 'headers'] as const

export function describeRequest({ method, url, userAgent }: Partial<HttpRequestDescription>): RequestRecord {
  return { method: toText(method), url: toText(url), user_agent: toText(userAgent) }
}

export function describeResponse(description: Partial<HttpResponseDescription>): ResponseRecord {
  const { statusCode, reason, headers } = description
  return {
    status_code: parseStatus(statusCode),
    reason: toText(reason),
    headers: headers === undefined ? null : toJson(headers),
  }
}

/** A status code has three digits (RFC 9110 section 15); 0 is what some clients report if there was no response. */
function parseStatus(statusCode: unknown): number | null {
  const status = typeof statusCode === 'string' && /^\d+$/.test(statusCode) ? Number(statusCode) : statusCode
  return Number.isInteger(status) && Number(status) >= 0 && Number(status) <= 999 ? (status as number) : null
}
