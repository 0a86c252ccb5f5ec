// Reads all documents of an index: a point in time with `search_after`, so that documents that arrive meanwhile change nothing.

import { isDeepStrictEqual } from 'node:util'
import { isJsonObject, type JsonObject, membersOf } from '../evidence/sealed-formats/sealed-format.js'
import { AuditLogError } from '../lib/errors.js'
import { describeCause } from '../lib/inspect.js'
import { type Checks, checkInteger, checkOptions, isObject } from '../lib/validate.js'
import type { JsonValue } from '../serialize/json-value.js'
import type { DocumentSource } from './read-input.js'

export interface ElasticsearchOptions {
  /** The address of the server. */
  readonly url: string
  /** Index, alias or data stream. */
  readonly index: string
  /** Only documents of this time, ISO 8601. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** @default '@timestamp' */
  readonly timeField?: string | undefined
  /**
   * Where credentials are: `ELASTIC_API_KEY`, or `ELASTIC_USERNAME` and `ELASTIC_PASSWORD`.
   * @default process.env
   */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined
  /** Documents of one answer. @default 1000 */
  readonly pageSize?: number | undefined
}

const isText = (value: unknown) => typeof value === 'string' && value !== ''
const isTime = (value: unknown) => typeof value === 'string' && !Number.isNaN(Date.parse(value))

const CHECKS: Checks<ElasticsearchOptions> = {
  url: {
    expected:
      'an address such as https://elastic:9200, without credentials, which are read from the environment',
    accepts: isHttpUrl,
    isRequired: true,
    isSecret: true,
  },
  index: { expected: 'the name of an index, an alias or a data stream', accepts: isText, isRequired: true },
  from: { expected: 'a time, ISO 8601', accepts: isTime },
  to: { expected: 'a time, ISO 8601', accepts: isTime },
  timeField: { expected: 'the name of a field', accepts: isText },
  env: { expected: 'an object of texts', accepts: isObject, isSecret: true },
  pageSize: checkInteger(1, 10_000),
}

function isHttpUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, username, password } = new URL(value)
  return ['http:', 'https:'].includes(protocol) && username === '' && password === ''
}

const MAX_ATTEMPTS = 6
/** Doubled with each attempt, milliseconds. */
const RETRY_MS = 250
const TIMEOUT_MS = 60_000
/** Far above a page of the largest records. */
const MAX_ANSWER_BYTES = 256 * 2 ** 20
/** How long the server keeps the point in time between two pages. */
const KEEP_ALIVE = '2m'

/**
 * The documents of an index, for `verify()`.
 *
 * @throws AuditLogError `ERR_AUDIT_OPTIONS`
 * @example
 * await verify({ keys, inputs: [elasticsearch({ url: 'https://elastic:9200', index: 'logs-http_audit-default' })] })
 */
export function elasticsearch(options: ElasticsearchOptions): DocumentSource {
  return createSource(options, RETRY_MS)
}

/** @param retryMs how long to wait before the second attempt; for tests */
export function createSource(options: ElasticsearchOptions, retryMs: number): DocumentSource {
  const checked = checkOptions<ElasticsearchOptions>(options, CHECKS)
  const client = new Client(checked, retryMs)
  const { origin, pathname } = new URL(checked.url)
  return { name: `${origin}${pathname}`.replace(/\/$/, ''), readDocuments: () => client.readDocuments() }
}

class Client {
  readonly #base: string
  readonly #headers: Record<string, string>
  readonly #options: ElasticsearchOptions

  readonly #retryMs: number

  constructor(options: ElasticsearchOptions, retryMs: number) {
    const { origin, pathname } = new URL(options.url)
    this.#base = `${origin}${pathname}`.replace(/\/$/, '')
    this.#headers = {
      'content-type': 'application/json',
      ...authorize(options.env ?? process.env),
    }
    this.#options = options
    this.#retryMs = retryMs
  }

  async *readDocuments(): AsyncGenerator<readonly JsonObject[]> {
    const { index, pageSize = 1000 } = this.#options
    const path = `/${encodeURIComponent(index)}/_pit?keep_alive=${KEEP_ALIVE}`
    let { id } = await this.#request('POST', path)
    try {
      for (let searchAfter: JsonValue = null; ; ) {
        const page = await this.#request('POST', '/_search', {
          size: pageSize,
          query: this.#createQuery(),
          pit: { id: id ?? null, keep_alive: KEEP_ALIVE },
          sort: [{ _shard_doc: 'asc' }],
          track_total_hits: false,
          ...(searchAfter !== null && { search_after: searchAfter }),
        })
        const hits = readHits(page)
        if (hits.length === 0) return
        yield hits
        id = page.pit_id ?? id
        const previous = searchAfter
        searchAfter = (hits.at(-1) as JsonObject).sort ?? null
        if (searchAfter === null)
          throw new Error('Elasticsearch sent hits without sort values, so the next page cannot be asked for')
        if (isDeepStrictEqual(searchAfter, previous))
          throw new Error(
            'Elasticsearch sent the same page twice, so its documents cannot be read to their end',
          )
      }
    } finally {
      // It would be closed later by itself.
      await this.#request('DELETE', '/_pit', { id: id ?? null }).catch(() => {})
    }
  }

  #createQuery(): JsonObject {
    const { from, to, timeField = '@timestamp' } = this.#options
    if (from === undefined && to === undefined) return { match_all: {} }
    return { range: { [timeField]: { ...(from && { gte: from }), ...(to && { lt: to }) } } }
  }

  /** Tried again while the server is busy or away. */
  async #request(method: string, path: string, body?: JsonObject): Promise<JsonObject> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#try(method, path, body)
      if (!('retry' in answer)) return answer.body
      if (attempt === MAX_ATTEMPTS) throw answer.retry
      await new Promise((resolve) => setTimeout(resolve, this.#retryMs * 2 ** (attempt - 1)))
    }
  }

  async #try(
    method: string,
    path: string,
    body?: JsonObject,
  ): Promise<{ readonly body: JsonObject } | { readonly retry: Error }> {
    let status: number
    let text: string
    try {
      const response = await fetch(`${this.#base}${path}`, {
        method,
        headers: this.#headers,
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      status = response.status
      text = await readText(response)
    } catch (error) {
      if (error instanceof AuditLogError) throw error
      const cause = (error as Error).cause ?? error
      return { retry: new Error(`Elasticsearch could not be reached: ${describeCause(cause)}`) }
    }
    if (status === 429 || status >= 500)
      return { retry: new Error(`Elasticsearch answered ${status}${quote(text)}`) }
    if (status === 401 || status === 403) {
      const advice =
        'Set ELASTIC_API_KEY, or ELASTIC_USERNAME and ELASTIC_PASSWORD, of a user who may read the index'
      throw new AuditLogError('ERR_AUDIT_VERIFY', `Elasticsearch answered ${status}. ${advice}`)
    }
    if (status >= 400)
      throw new AuditLogError('ERR_AUDIT_VERIFY', `Elasticsearch answered ${status}${quote(text)}`)
    const parsed = parse(text)
    // An answer that was cut off is no answer.
    if (parsed === undefined)
      return { retry: new Error('Elasticsearch sent an answer that is cut off or no JSON') }
    return { body: parsed }
  }
}

/** @throws AuditLogError `ERR_AUDIT_VERIFY` for an answer without an end */
async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) {
      const limit = `${MAX_ANSWER_BYTES / 2 ** 20} MiB`
      throw new AuditLogError('ERR_AUDIT_VERIFY', `Elasticsearch sent an answer of more than ${limit}`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function authorize(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  if (env.ELASTIC_API_KEY) return { authorization: `ApiKey ${env.ELASTIC_API_KEY}` }
  if (!env.ELASTIC_USERNAME) return {}
  const credentials = `${env.ELASTIC_USERNAME}:${env.ELASTIC_PASSWORD ?? ''}`
  return { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` }
}

/** @throws if the server has not searched all of the index: what is not found must not count as missing */
function readHits(page: JsonObject): JsonObject[] {
  const { failed } = membersOf(page._shards)
  if (page.timed_out === true || (typeof failed === 'number' && failed > 0))
    throw new Error('Elasticsearch could not search all shards of the index. Try again when it is healthy')
  const { hits } = membersOf(page.hits)
  if (!Array.isArray(hits)) throw new Error('Elasticsearch sent an answer without hits')
  return hits.filter(isJsonObject)
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const MAX_QUOTED = 200

function quote(text: string): string {
  const reason = membersOf(membersOf(parse(text)).error).reason
  return typeof reason === 'string' ? `: ${reason.slice(0, MAX_QUOTED)}` : ''
}
