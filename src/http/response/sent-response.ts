import type { ResponseRecord } from '../../record/record.js'
import type { JsonValue } from '../../serialize/json-value.js'
import { parseHeaderBlock, readStatus } from '../header-block.js'

/**
 * A response by the header block that Node wrote. Hot path: the headers are parsed when they are asked for, because the line of a
 * usual exchange is made of the block itself.
 */
export class SentResponse implements ResponseRecord {
  readonly status_code: number | null
  readonly #block: string
  readonly #omitsPolicies: boolean
  #parsed: ResponseRecord | undefined

  /** @param omitsPolicies leaves out the `BROWSER_POLICY_HEADERS` */
  constructor(block: string, omitsPolicies: boolean) {
    this.#block = block
    this.#omitsPolicies = omitsPolicies
    this.status_code = readStatus(block)
  }

  get block(): string {
    return this.#block
  }

  get omitsPolicies(): boolean {
    return this.#omitsPolicies
  }

  get reason(): string | null {
    return this.#parse().reason
  }

  get headers(): JsonValue {
    return this.#parse().headers
  }

  #parse(): ResponseRecord {
    this.#parsed ??= parseHeaderBlock(this.#block, this.#omitsPolicies)
    return this.#parsed
  }
}
