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
  /** Whether a value is one of a header that is computed from the body, and is recorded as it is. */
  readonly isComputed: ((value: string) => boolean) | undefined
  /** The number of the last block that had a header with this name. */
  lastBlock: number
}

/** The part of a header line that is likely to be the same in the next response. */
interface LinePrefix {
  /** The whole line with its CRLF, or the name with the colon. */
  readonly text: string
  readonly name: HeaderName
  /** The line as a member of the JSON object; `undefined` if `text` is only the name. */
  readonly member: string | undefined
}

/** A part of a block: lines that are always the same, and the name of the header behind them, whose value differs. */
interface LayoutPart {
  /** The lines, and the name with the colon; in the last part the empty line at the end of the block. */
  text: string
  /** The lines as members of the JSON object. */
  members: string
  name: HeaderName | undefined
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
 * Writes the headers of a response as the members of a JSON object, straight from the header block. Hot path: most responses of an
 * application have the same headers in the same order, so the layouts of a few blocks are cached, with the JSON of their lines.
 * Values are cached only of headers that are never secret.
 */
export class HeaderMembers {
  readonly #harmless: HarmlessParts
  #layouts: Layout[] = []
  readonly #prefixes = new Map<string, LinePrefix>()
  readonly #names = new Map<string, HeaderName>()
  #blockCount = 0

  constructor(harmless: HarmlessParts) {
    this.#harmless = harmless
  }

  /**
   * @param start the index of the first header line
   * @param omitsPolicies leaves out the {@link BROWSER_POLICY_HEADERS}
   * @returns `undefined` if the headers have to be redacted, or if one of them was repeated
   */
  write(block: string, start: number, omitsPolicies: boolean): string | undefined {
    for (const layout of this.#layouts) {
      if (layout.omitsPolicies !== omitsPolicies) continue
      const members = this.#writeByLayout(layout, block, start)
      if (members !== undefined) return members
    }
    return this.#writeByLines(block, start, omitsPolicies)
  }

  /** `undefined` if the block has another layout. A layout has no header twice, so neither has the block. */
  #writeByLayout({ parts, omitsPolicies }: Layout, block: string, start: number): string | undefined {
    let written = ''
    let position = start
    for (const { text, members, name } of parts) {
      // Comparing a slice is faster than `startsWith`.
      if (block.slice(position, position + text.length) !== text) return undefined
      position += text.length
      written = join(written, members)
      if (name === undefined) continue
      const end = block.indexOf('\r\n', position)
      if (!(omitsPolicies && name.isPolicy)) {
        const member = this.#writeMember(name, block.slice(position, end).trim())
        if (member === undefined) return undefined
        written = join(written, member)
      }
      position = end + 2
    }
    return position === block.length ? written : undefined
  }

  #writeByLines(block: string, start: number, omitsPolicies: boolean): string | undefined {
    if (this.#names.size > MAX_NAMES || this.#prefixes.size > MAX_PREFIXES) this.#forget()
    this.#blockCount += 1
    const prefixes: LinePrefix[] = []
    let members = ''
    let position = start
    for (;;) {
      const prefix = this.#findPrefix(block, position)
      if (prefix === undefined) break
      prefixes.push(prefix)
      const { name } = prefix
      position += prefix.text.length
      const isOmitted = omitsPolicies && name.isPolicy
      let { member } = prefix
      if (member === undefined) {
        const end = block.indexOf('\r\n', position)
        if (!isOmitted) member = this.#writeMember(name, block.slice(position, end).trim())
        position = end + 2
      }
      if (isOmitted) continue
      // A header that was repeated has a list of values.
      if (member === undefined || name.lastBlock === this.#blockCount) return undefined
      name.lastBlock = this.#blockCount
      members = join(members, member)
    }
    if (!block.startsWith('\r\n', position)) return undefined
    if (position + 2 === block.length && block.length <= MAX_LAYOUT_LENGTH)
      this.#remember(prefixes, omitsPolicies)
    return members
  }

  /** The newest layout comes first: one with the `Date` of an earlier second never fits again. */
  #remember(prefixes: readonly LinePrefix[], omitsPolicies: boolean): void {
    const parts: LayoutPart[] = [{ text: '', members: '', name: undefined }]
    for (const { text, member, name } of prefixes) {
      const part = parts.at(-1) as LayoutPart
      part.text += text
      if (member === undefined) {
        part.name = name
        parts.push({ text: '', members: '', name: undefined })
      } else if (!(omitsPolicies && name.isPolicy)) part.members = join(part.members, member)
    }
    ;(parts.at(-1) as LayoutPart).text += '\r\n'
    for (const part of parts) {
      part.text = detachString(part.text)
      part.members = detachString(part.members)
    }
    this.#layouts = [{ parts, omitsPolicies }, ...this.#layouts.slice(0, MAX_LAYOUTS - 1)]
  }

  #writeMember(name: HeaderName, value: string): string | undefined {
    const isHarmless =
      name.isComputed?.(value) || (!name.isUnusual && this.#harmless.isHarmlessHeader(name.lowerCase, value))
    return isHarmless ? name.json + quoteText(value) : undefined
  }

  /** `undefined` at the end of the block, and for a line without a name, which Node never writes. */
  #findPrefix(block: string, position: number): LinePrefix | undefined {
    const end = block.indexOf('\r\n', position)
    const colon = block.indexOf(':', position)
    if (end <= position || colon === -1 || colon > end) return undefined
    const line = block.slice(position, end + 2)
    const nameAndColon = block.slice(position, colon + 1)
    return (
      this.#prefixes.get(line) ?? this.#prefixes.get(nameAndColon) ?? this.#createPrefix(line, nameAndColon)
    )
  }

  #createPrefix(line: string, nameAndColon: string): LinePrefix {
    const name = this.#findName(nameAndColon.slice(0, -1).toLowerCase())
    const value = line.slice(nameAndColon.length).trim()
    const member = isRepeatedHeader(name.lowerCase, value) ? this.#writeMember(name, value) : undefined
    const isCached = member !== undefined && line.length <= MAX_CACHED_LENGTH
    const prefix: LinePrefix = isCached
      ? { text: detachString(line), name, member: detachString(member) }
      : { text: detachString(nameAndColon), name, member: undefined }
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
      isComputed: this.#harmless.findComputedCheck(lowerCase),
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

function join(members: string, others: string): string {
  if (members === '') return others
  return others === '' ? members : `${members},${others}`
}
