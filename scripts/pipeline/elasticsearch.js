// The requests of sealed-records.js to an Elasticsearch server.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const TIMEOUT_MS = 60_000
const POLL_MS = 250
/** Types from modules that are not on Maven Central, and the types that replace them. */
const SUBSTITUTE_TYPES = { wildcard: 'keyword', match_only_text: 'text' }

export class Elasticsearch {
  constructor(url) {
    this.url = url
  }

  async request(method, path, body) {
    return JSON.parse(await this.requestText(method, path, body))
  }

  /** @param body an object, or lines for `_bulk` */
  async requestText(method, path, body) {
    const isLines = typeof body === 'string'
    const response = await fetch(`${this.url}/${path}`, {
      method,
      headers: { 'content-type': isLines ? 'application/x-ndjson' : 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body: isLines ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) {
      const message = `${method} ${path}: ${response.status} ${text.slice(0, 500)}`
      throw Object.assign(new Error(message), { status: response.status })
    }
    return text
  }

  /** Installs an index template of deploy/, without what this server lacks. */
  async installTemplate(format) {
    const path = join(import.meta.dirname, `../../deploy/elasticsearch/index-template-${format}.json`)
    const template = JSON.parse(readFileSync(path, 'utf8'), (key, value) =>
      key === 'type' && typeof value === 'string' ? (SUBSTITUTE_TYPES[value] ?? value) : value,
    )
    delete template.template.settings['index.lifecycle.name']
    await this.request('PUT', `_index_template/${format}`, template)
  }

  /** Resolves when the index has as many documents. @throws when the time is over, or if it has more */
  async waitForDocuments(index, count, timeoutMs) {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const found = await this.count(index)
      if (found === count) return
      if (found > count || Date.now() > deadline)
        throw new Error(`${index} has ${found} documents, expected ${count}`)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  async count(index) {
    try {
      await this.request('POST', `${index}/_refresh`)
      return (await this.request('GET', `${index}/_count`)).count
    } catch (error) {
      // The data stream is created with its first document, and is not ready at once.
      if (error.status === 404 || error.status === 503) return 0
      throw error
    }
  }

  /** The answers of `_search` to its end, as texts. */
  async *search(index, { sort, size }) {
    const { id } = await this.request('POST', `${index}/_pit?keep_alive=1m`)
    for (let after = {}; ; ) {
      const pit = { id, keep_alive: '1m' }
      const text = await this.requestText('POST', '_search', { size, sort, pit, ...after })
      const { hits } = JSON.parse(text).hits
      if (hits.length === 0) break
      yield { text, hits }
      after = { search_after: hits.at(-1).sort }
    }
    await this.request('DELETE', '_pit', { id })
  }

  /** Merges a part into documents. Elasticsearch rewrites each of them. */
  async update(hits, part) {
    const lines = hits.flatMap(({ _id, _index }) => [{ update: { _id, _index } }, { doc: part }])
    await this.#bulk(lines)
  }

  async delete({ _id, _index }) {
    await this.#bulk([{ delete: { _id, _index } }])
  }

  async #bulk(lines) {
    const body = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`
    const { errors, items } = await this.request('POST', '_bulk?refresh=true', body)
    if (errors)
      throw new Error(
        `_bulk: ${JSON.stringify(items.find((item) => Object.values(item)[0].error)).slice(0, 500)}`,
      )
  }
}
