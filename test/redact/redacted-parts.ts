import { expect } from '@jest/globals'
import { AuditLogger } from '#src/logger/audit-logger.js'
import type { AuditLoggerOptions } from '#src/options/options.js'
import { memory } from '#src/sinks/memory.js'
import type { Where } from './secret-corpus.js'

/** The line of a record with this value in that part. */
export function lineOf(where: Where, value: unknown, options: AuditLoggerOptions = {}): string {
  const sink = memory()
  const logger = new AuditLogger({ ...options, sink })
  const fill: Record<Where, () => unknown> = {
    results: () => logger.setResults(value),
    kwargs: () => logger.setFilter('Person', value),
    url: () => logger.setHttpRequest({ method: 'GET', url: value as string }),
    headers: () => logger.setHttpResponse({ statusCode: 200, reason: 'OK', headers: value as never }),
  }
  fill[where]()
  logger.sendLog()
  expect(sink.lines).toHaveLength(1)
  const [line] = sink.lines as [string]
  expect(() => JSON.parse(line)).not.toThrow()
  return line
}

/** The part of a record in which a value of the corpus stands. */
const PARTS: Record<Where, string> = {
  results: 'results',
  kwargs: 'filter',
  url: 'http_request',
  headers: 'http_response',
}

export const partOf = (where: Where, value: unknown, options?: AuditLoggerOptions) =>
  JSON.stringify(JSON.parse(lineOf(where, value, options)).audit[PARTS[where]])
export const kwargsOf = (kwargs: unknown, options?: AuditLoggerOptions) =>
  JSON.parse(lineOf('kwargs', kwargs, options)).audit.filter.kwargs
export const urlOf = (url: string) => JSON.parse(lineOf('url', url)).audit.http_request.url
export const headersOf = (headers: object) =>
  JSON.parse(lineOf('headers', headers)).audit.http_response.headers
