import { readStatus } from '../http/header-block.js'
import { detachString, MAX_CACHED_LENGTH } from '../lib/bounded-cache.js'
import { BROWSER_POLICY_HEADERS, isRepeatedHeader } from '../record/header-names.js'
import type { HarmlessParts } from '../redact/harmless-parts.js'
import { quoteText } from '../serialize/quote-text.js'

interface HeaderName {
  readonly lowerCase: string
  /** In quotes, with a colon. */
  readonly json: string
  readonly isPolicy: boolean
  /**
   * Left to the general path: object keys that are numbers come first in JSON, set-cookie has a list of values, and a name that is too
   * long for the cache would not be recognized when it is repeated.
   */
  readonly isUnusual: boolean
  /** The form of a value that is computed from the body, and is recorded as it is. */
  readonly computedForm: RegExp | undefined
  /** The number of the last block that had a header with this name. */
  lastBlock: number
}

/** The part of a header line that is likely to be the same in the next response. */
interface LinePrefix {
  /** The whole line with its CRLF, or the name with the colon and the space behind it. */
  readonly text: string
  readonly name: HeaderName
  /** The value as JSON; `undefined` if `text` is only the name. */
  readonly value: string | undefined
}

/** A part of a block: lines that are always the same, and the name of the header behind them, whose value differs. */
interface LayoutPart {
  /** The lines, and the beginning of the next one; in the last part the empty line at the end of the block. */
  text: string
  /** The lines as JSON, and the name of the header if it is recorded; in the last part the end of the object. */
  json: string
  /** `undefined` in the last part. */
  name: HeaderName | undefined
  /** Whether the value of the header is recorded. */
  isRecorded: boolean
}

/** The parts of a block that was written before. */
interface Layout {
  readonly parts: readonly LayoutPart[]
  readonly omitsPolicies: boolean
}

const UNUSUAL_NAME = /^(?:\d*|set-cookie)$/
/** Bounds of the caches: an application may make up names of headers. */
const MAX_NAMES = 500
const MAX_PREFIXES = 1000
const MAX_LAYOUTS = 8
const MAX_LAYOUT_LENGTH = 4096

/**
 * Writes responses as JSON, straight from the header block. Hot path: most responses of an application have the same status and the
 * same headers in the same order, so the layouts of a few blocks are cached, with the JSON of their lines. Values are cached only of
 * headers that are never secret.
 */
export class HeaderBlocks {
  readonly #harmless: HarmlessParts
  #layouts: readonly Layout[] = []
  readonly #prefixes = new Map<string, LinePrefix>()
  readonly #names = new Map<string, HeaderName>()
  #blockCount = 0

  constructor(harmless: HarmlessParts) {
    this.#harmless = harmless
  }

  /**
   * @param omitsPolicies leaves out the {@link BROWSER_POLICY_HEADERS}
   * @returns `undefined` if the headers have to be redacted, or if one of them was repeated
   */
  write(block: string, omitsPolicies: boolean): string | undefined {
    for (const layout of this.#layouts) {
      if (layout.omitsPolicies !== omitsPolicies) continue
      const json = this.#writeByLayout(layout.parts, block)
      if (json !== undefined) return json
    }
    const parts = this.#findLayout(block, omitsPolicies)
    if (parts === undefined) return undefined
    const json = this.#writeByLayout(parts, block)
    if (json !== undefined && block.length <= MAX_LAYOUT_LENGTH) this.#remember(parts, omitsPolicies)
    return json
  }

  /** `undefined` if the block has another layout. A layout has no header twice, so neither has the block. */
  #writeByLayout(parts: readonly LayoutPart[], block: string): string | undefined {
    let written = ''
    let position = 0
    for (const { text, json, name, isRecorded } of parts) {
      // Comparing a slice is faster than `startsWith`.
      if (block.slice(position, position + text.length) !== text) return undefined
      position += text.length
      written += json
      if (name === undefined) continue
      const end = block.indexOf('\r\n', position)
      const value = isRecorded ? this.#writeValue(name, block.slice(position, end)) : ''
      if (value === undefined) return undefined
      written += value
      position = end + 2
    }
    return position === block.length ? written : undefined
  }

  /** `undefined` if a header was repeated, which has a list of values. The layout of a block that Node never writes does not fit it. */
  #findLayout(block: string, omitsPolicies: boolean): readonly LayoutPart[] | undefined {
    if (this.#names.size > MAX_NAMES || this.#prefixes.size > MAX_PREFIXES) this.#forget()
    this.#blockCount += 1
    let position = block.indexOf('\r\n') + 2
    let part = createPart(block.slice(0, position), writeStatus(block, position - 2))
    const parts = [part]
    let comma = ''
    for (;;) {
      const prefix = this.#findPrefix(block, position)
      if (prefix === undefined) break
      const { text, name, value } = prefix
      const isRecorded = !(omitsPolicies && name.isPolicy)
      position += text.length
      part.text += text
      if (isRecorded) {
        if (name.lastBlock === this.#blockCount) return undefined
        name.lastBlock = this.#blockCount
        part.json += `${comma}${name.json}${value ?? ''}`
        comma = ','
      }
      if (value !== undefined) continue
      part.name = name
      part.isRecorded = isRecorded
      position = block.indexOf('\r\n', position) + 2
      part = createPart('', '')
      parts.push(part)
    }
    part.text += '\r\n'
    part.json += '}}'
    return parts
  }

  /** The newest layout comes first: one with the `Date` of an earlier second never fits again. */
  #remember(parts: readonly LayoutPart[], omitsPolicies: boolean): void {
    for (const part of parts) {
      part.text = detachString(part.text)
      part.json = detachString(part.json)
    }
    this.#layouts = [{ parts, omitsPolicies }, ...this.#layouts.slice(0, MAX_LAYOUTS - 1)]
  }

  /** @param text may have white space around the value */
  #writeValue({ lowerCase, computedForm, isUnusual }: HeaderName, text: string): string | undefined {
    if (computedForm?.test(text)) return quoteText(text)
    const value = text.trim()
    const isHarmless = !isUnusual && this.#harmless.isHarmlessHeader(lowerCase, value)
    return isHarmless ? quoteText(value) : undefined
  }

  /** `undefined` at the end of the block, and for a line without a name, which Node never writes. */
  #findPrefix(block: string, position: number): LinePrefix | undefined {
    const end = block.indexOf('\r\n', position)
    const colon = block.indexOf(':', position)
    if (end <= position || colon === -1 || colon > end) return undefined
    const line = block.slice(position, end + 2)
    const beginning = block.slice(position, block[colon + 1] === ' ' ? colon + 2 : colon + 1)
    return (
      this.#prefixes.get(line) ??
      this.#prefixes.get(beginning) ??
      this.#createPrefix(line, beginning, block.slice(position, colon))
    )
  }

  #createPrefix(line: string, beginning: string, originalName: string): LinePrefix {
    const name = this.#findName(originalName.toLowerCase())
    const text = line.slice(beginning.length).trim()
    const value = isRepeatedHeader(name.lowerCase, text) ? this.#writeValue(name, text) : undefined
    const isCached = value !== undefined && line.length <= MAX_CACHED_LENGTH
    const prefix: LinePrefix = isCached
      ? { text: detachString(line), name, value: detachString(value) }
      : { text: detachString(beginning), name, value: undefined }
    if (prefix.text.length <= MAX_CACHED_LENGTH) this.#prefixes.set(prefix.text, prefix)
    return prefix
  }

  #findName(text: string): HeaderName {
    const known = this.#names.get(text)
    if (known !== undefined) return known
    const lowerCase = detachString(text)
    const name: HeaderName = {
      lowerCase,
      json: `${quoteText(lowerCase)}:`,
      isPolicy: BROWSER_POLICY_HEADERS.has(lowerCase),
      isUnusual: lowerCase.length > MAX_CACHED_LENGTH || UNUSUAL_NAME.test(lowerCase),
      computedForm: this.#harmless.findComputedForm(lowerCase),
      lastBlock: 0,
    }
    if (lowerCase.length <= MAX_CACHED_LENGTH) this.#names.set(lowerCase, name)
    return name
  }

  /** Not in the middle of a block, in which a header may be repeated. */
  #forget(): void {
    this.#prefixes.clear()
    this.#names.clear()
  }
}

function createPart(text: string, json: string): LayoutPart {
  return { text, json, name: undefined, isRecorded: false }
}

/** Status and reason by the status line, and the beginning of the headers. */
function writeStatus(block: string, end: number): string {
  return `{"status_code":${readStatus(block)},"reason":${quoteText(block.slice(13, end))},"headers":{`
}
