import { readStatus } from '../http/header-block.js'
import { detachString, MAX_CACHED_LENGTH } from '../lib/bounded-cache.js'
import { BROWSER_POLICY_HEADERS, isRepeatedHeader } from '../record/header-names.js'
import type { HarmlessParts } from '../redact/harmless-parts.js'
import { quoteText } from '../serialize/quote-text.js'

/** How the members of an object follow each other: as in the default format, or by name, as in a sealed log. */
export type MemberOrder = 'default' | 'sorted'

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
  /** The header, if its value is recorded; `undefined` in the last part. */
  name: HeaderName | undefined
  /** Whether a value follows, recorded or not. */
  hasValue: boolean
}

/** A header of the record: with its value if that is always the same, else with the number of the value that differs. */
interface RecordedHeader {
  readonly name: HeaderName
  readonly value: string | number
}

/** A piece of the JSON, and the number of the value that follows it; -1 in the last one. */
interface JsonPiece {
  readonly text: string
  readonly value: number
}

/** How to read and to write a block like one that was written before. */
interface Layout {
  readonly parts: readonly LayoutPart[]
  readonly json: readonly JsonPiece[]
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
  readonly #order: MemberOrder
  #blockCount = 0

  constructor(harmless: HarmlessParts, order: MemberOrder) {
    this.#harmless = harmless
    this.#order = order
  }

  /**
   * @param omitsPolicies leaves out the {@link BROWSER_POLICY_HEADERS}
   * @returns `undefined` if the headers have to be redacted, or if one of them was repeated
   */
  write(block: string, omitsPolicies: boolean): string | undefined {
    for (const layout of this.#layouts) {
      if (layout.omitsPolicies !== omitsPolicies) continue
      const json = this.#writeByLayout(layout, block)
      if (json !== undefined) return json
    }
    const layout = this.#findLayout(block, omitsPolicies)
    if (layout === undefined) return undefined
    const json = this.#writeByLayout(layout, block)
    if (json !== undefined && block.length <= MAX_LAYOUT_LENGTH) this.#remember(layout)
    return json
  }

  /** `undefined` if the block has another layout. A layout has no header twice, so neither has the block. */
  #writeByLayout({ parts, json }: Layout, block: string): string | undefined {
    const values: string[] = []
    let position = 0
    for (const { text, name, hasValue } of parts) {
      // Comparing a slice is faster than `startsWith`.
      if (block.slice(position, position + text.length) !== text) return undefined
      position += text.length
      if (!hasValue) continue
      const end = block.indexOf('\r\n', position)
      if (name !== undefined) {
        const value = this.#writeValue(name, block.slice(position, end))
        if (value === undefined) return undefined
        values.push(value)
      }
      position = end + 2
    }
    if (position !== block.length) return undefined
    let written = ''
    for (const { text, value } of json) written += value === -1 ? text : text + values[value]
    return written
  }

  /** `undefined` if a header was repeated, which has a list of values. The layout of a block that Node never writes does not fit it. */
  #findLayout(block: string, omitsPolicies: boolean): Layout | undefined {
    if (this.#names.size > MAX_NAMES || this.#prefixes.size > MAX_PREFIXES) this.#forget()
    this.#blockCount += 1
    const statusEnd = block.indexOf('\r\n')
    let position = statusEnd + 2
    let part = createPart(block.slice(0, position))
    const parts = [part]
    const headers: RecordedHeader[] = []
    let valueCount = 0
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
        headers.push({ name, value: value ?? valueCount })
      }
      if (value !== undefined) continue
      part.hasValue = true
      if (isRecorded) {
        part.name = name
        valueCount += 1
      }
      position = block.indexOf('\r\n', position) + 2
      part = createPart('')
      parts.push(part)
    }
    part.text += '\r\n'
    const status = { code: readStatus(block), reason: quoteText(block.slice(13, statusEnd)) }
    return { parts, json: writePieces(headers, status, this.#order), omitsPolicies }
  }

  /** The newest layout comes first: one with the `Date` of an earlier second never fits again. */
  #remember({ parts, json, omitsPolicies }: Layout): void {
    for (const part of parts) part.text = detachString(part.text)
    const pieces = json.map(({ text, value }) => ({ text: detachString(text), value }))
    this.#layouts = [{ parts, json: pieces, omitsPolicies }, ...this.#layouts.slice(0, MAX_LAYOUTS - 1)]
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

function createPart(text: string): LayoutPart {
  return { text, name: undefined, hasValue: false }
}

/** The JSON of a response, in pieces between the values that differ. */
function writePieces(
  headers: readonly RecordedHeader[],
  { code, reason }: { readonly code: number | null; readonly reason: string },
  order: MemberOrder,
): JsonPiece[] {
  const isSorted = order === 'sorted'
  const pieces: JsonPiece[] = []
  let text = isSorted ? '{"headers":{' : `{"status_code":${code},"reason":${reason},"headers":{`
  let comma = ''
  for (const { name, value } of isSorted ? headers.toSorted(compareNames) : headers) {
    text += comma + name.json
    comma = ','
    if (typeof value === 'string') text += value
    else {
      pieces.push({ text, value })
      text = ''
    }
  }
  text += isSorted ? `},"reason":${reason},"status_code":${code}}` : '}}'
  pieces.push({ text, value: -1 })
  return pieces
}

function compareNames({ name: one }: RecordedHeader, { name: other }: RecordedHeader): number {
  return one.lowerCase < other.lowerCase ? -1 : 1
}
