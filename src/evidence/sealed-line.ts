// A line with its place in the tree. When a record is serialized its index is not known yet: it may wait in memory, and the sink may
// refuse it. So a template is made of the record, once, and the line and the entry are made of the template.
import type { JsonValue } from '../serialize/json-value.js'
import { toWellFormed } from '../serialize/well-formed.js'
import { canonicalizeWithoutNull, quoteForLine, quoteKey, sortKeys, unescapeLine } from './canonical-json.js'
import { LEAF_PREFIX } from './merkle-tree.js'
import {
  findSealed,
  HASH_PLACE,
  INDEX_PLACE,
  INDEX_TEXT_PLACE,
  type JsonObject,
  type SealedFormat,
  type SealedMembers,
} from './sealed-formats/sealed-format.js'
import { hashText } from './sha256.js'

// Marks in a template. JSON never has these characters as they are.
const HASH_MARK = '\u0000'
const INDEX_MARK = '\u0001'
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the marks
const PLACE_MARKS = /[\u0000\u0001]/
/** Stand around what is in the line and not in the entry: members that are `null`, or not sealed. */
const LINE_ONLY = '\u0003'
const END_OF_LINE_ONLY = '\u0004'
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the marks
const LINE_ONLY_MARKS = /[\u0003\u0004]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the marks
const LINE_ONLY_PARTS = /\u0003[^\u0004]*\u0004/g

/** A line with places for its hash and its index, and its entry with a place for the index. */
export interface LineTemplate {
  /** The line up to its first place, between both, and behind the second. Ends in a line break. */
  readonly lineStart: string
  readonly lineMiddle: string
  readonly lineEnd: string
  /** Whether the first place is that of the hash. */
  readonly isHashFirst: boolean
  /** The entry up to the index, with the prefix of a leaf (RFC 6962 section 2.1), and behind it. */
  readonly entryStart: string
  readonly entryEnd: string
}

/** A line as it is written, and its leaf in the tree. */
export interface SealedLine {
  readonly line: string
  /** The hash of the leaf in base64url. */
  readonly hash: string
}

/**
 * A draft of the template of a record: its canonical form (RFC 8785) with marks for what is known later, and around what only the line
 * has. A record may have to be shortened until its line fits, so a draft is about as long as the line.
 */
export function draftTemplate(formatted: object, format: SealedFormat, run: string): string {
  return `${writeValue(format.addPlaces(formatted, run), format.members)}\n`
}

/** Makes the template of a draft. */
export function finishTemplate(draft: string): LineTemplate {
  const line = draft.replace(LINE_ONLY_MARKS, '')
  const [lineStart = '', lineMiddle = '', lineEnd = ''] = line.split(PLACE_MARKS)
  const entry = unescapeLine(draft.slice(0, -1).replace(LINE_ONLY_PARTS, ''))
  const [entryStart = '', entryEnd = ''] = entry.split(INDEX_MARK)
  const isHashFirst = line.indexOf(HASH_MARK) < line.indexOf(INDEX_MARK)
  return { lineStart, lineMiddle, lineEnd, isHashFirst, entryStart: LEAF_PREFIX + entryStart, entryEnd }
}

/** @example sealLine(template, 41).line   // '{"audit":{...,"integrity":{"hash":"...","index":41},...}}\n' */
export function sealLine(template: LineTemplate, index: number): SealedLine {
  const { lineStart, lineMiddle, lineEnd, isHashFirst, entryStart, entryEnd } = template
  const hash = hashText(entryStart + index + entryEnd)
  const line = isHashFirst
    ? lineStart + hash + lineMiddle + index + lineEnd
    : lineStart + index + lineMiddle + hash + lineEnd
  return { line, hash }
}

/** The hash of the leaf of a line that was parsed, in base64url: of its sealed members as they are now. */
export function hashParsedLine(parsed: JsonObject, { members, normalize }: SealedFormat): string {
  return hashText(LEAF_PREFIX + writeEntry(normalize?.(parsed) ?? parsed, members))
}

function writeEntry(value: JsonObject, sealed: SealedMembers): string {
  if (sealed === true) return canonicalizeWithoutNull(value)
  let members = ''
  for (const key of sortKeys(value)) {
    const member = value[key] as JsonValue
    const inner = member === null ? false : findSealed(sealed, key)
    if (inner === false) continue
    const text = inner === true ? canonicalizeWithoutNull(member) : writeInnerEntry(member, inner)
    members += `${members === '' ? '' : ','}${quoteKey(key)}${text}`
  }
  return `{${members}}`
}

/** What has another type than the format writes is sealed whole, so that its hash cannot be that of the record. */
function writeInnerEntry(value: JsonValue, sealed: SealedMembers): string {
  if (Array.isArray(value))
    return `[${value.map((item) => writeInnerEntry(item as JsonValue, sealed)).join(',')}]`
  return typeof value === 'object' && value !== null
    ? writeEntry(value as JsonObject, sealed)
    : canonicalizeWithoutNull(value)
}

/** The values of a record are JSON, or `undefined`, which is left out, and have the places of hash and index. */
function writeValue(value: unknown, sealed: SealedMembers): string {
  if (typeof value === 'string') return quoteForLine(value)
  if (value === INDEX_PLACE) return INDEX_MARK
  if (value === HASH_PLACE) return `"${HASH_MARK}"`
  if (value === INDEX_TEXT_PLACE) return `"${INDEX_MARK}"`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map((item) => writeValue(item ?? null, sealed)).join(',')}]`
  return `{${writeMembers(withWellFormedKeys(value), sealed)}}`
}

/** Commas belong to what follows them in the entry: a member of the line only has its comma within its marks. */
function writeMembers(object: object, sealed: SealedMembers): string {
  let written = ''
  /** Members of the line only, before the first one of the entry. */
  let before = ''
  let hasSealed = false
  for (const key of sortKeys(object)) {
    const value = readMember(object, key)
    if (value === undefined) continue
    const inner = value === null ? false : findSealed(sealed, key)
    const member = `${quoteForLine(key)}:${writeValue(value, inner === false ? true : inner)}`
    if (inner !== false) {
      written += `${hasSealed ? ',' : ''}${member}`
      hasSealed = true
    } else {
      const text = removeMarks(member)
      if (hasSealed) written += `${LINE_ONLY},${text}${END_OF_LINE_ONLY}`
      else before += before === '' ? text : `,${text}`
    }
  }
  if (before === '') return written
  return `${LINE_ONLY}${before}${hasSealed ? ',' : ''}${END_OF_LINE_ONLY}${written}`
}

/** JSON has `null` for numbers that are not finite. */
function readMember(object: object, key: string): unknown {
  const value = (object as Record<string, unknown>)[key]
  return typeof value === 'number' && !Number.isFinite(value) ? null : value
}

/** Parts of the line only do not nest. */
function removeMarks(text: string): string {
  return text.replace(LINE_ONLY_MARKS, '')
}

/** Two keys that differ in their lone surrogates only are one key in UTF-8: the last one counts, as in a parser. */
function withWellFormedKeys(object: object): object {
  const keys = Object.keys(object)
  if (keys.every(isWellFormed)) return object
  const copy: Record<string, unknown> = Object.create(null)
  for (const key of keys) copy[toWellFormed(key)] = (object as Record<string, unknown>)[key]
  return copy
}

/** Hot path: nearly all keys are plain names. */
const PLAIN_NAME = /^[\w$.-]*$/

function isWellFormed(key: string): boolean {
  return PLAIN_NAME.test(key) || toWellFormed(key) === key
}
