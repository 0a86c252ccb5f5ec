// Finds the records in a line: as this package has written it, or as a container runtime, a shipper or an export has wrapped it.
import { SEALED_FORMATS } from '../evidence/sealed-formats/index.js'
import {
  isJsonObject,
  type JsonObject,
  type SealedFacts,
  type SealedFormat,
  type StatedPlace,
} from '../evidence/sealed-formats/sealed-format.js'
import { hashParsedLine } from '../evidence/sealed-line.js'
import type { JsonValue } from '../serialize/json-value.js'
import { hasDuplicateKeys } from './duplicate-keys.js'

/** A record that has a place in a tree. */
export interface SealedInput {
  readonly kind: 'sealed'
  readonly place: StatedPlace
  readonly facts: SealedFacts
  /** The hash of the record as it is now. */
  readonly leaf: string
  /** An object of the line has a key twice. */
  readonly hasDuplicateKeys: boolean
  /** In a bundle of `prove`: how the record leads to a checkpoint. */
  readonly proof: unknown
  /** The parsed line. */
  readonly parsed: JsonObject
  readonly format: SealedFormat
}

/** What is wrong with a record by itself; `undefined` if it is as its hash has it. */
export function findFault({ place, facts, leaf, hasDuplicateKeys }: SealedInput): string | undefined {
  if (leaf !== place.hash) return 'its content does not match its hash'
  if (hasDuplicateKeys) return 'it has the same key twice, so that readers see different values'
  // Not sealed, because shippers move it.
  if ((facts.id ?? undefined) !== undefined && facts.id !== `${place.run}-${facts.seq}`)
    return 'its id does not match its run and seq'
  return undefined
}

export type InputRecord =
  | SealedInput
  /** A record without a seal. */
  | { readonly kind: 'unsealed' }
  /** A line of something else. */
  | { readonly kind: 'foreign' }
  /** It begins like a record, but is no JSON, or too deep. */
  | { readonly kind: 'unreadable' }

const FOREIGN: InputRecord = { kind: 'foreign' }
const UNSEALED: InputRecord = { kind: 'unsealed' }
const UNREADABLE: InputRecord = { kind: 'unreadable' }
const FORMATS: readonly SealedFormat[] = Object.values(SEALED_FORMATS)

/** What containerd writes before a line (CRI): time, stream, and whether the line is whole. */
const CRI_PREFIX = /^\S+ std(?:out|err) [FP] /
/** How deep records are looked for: hits of a response within a line. */
const MAX_DEPTH = 4

/** A crash of the machine may leave zeros where a line was to be written. */
const ZEROS = /^[\s\0]+/
/** Objects that are printed for people, such as `{ a: 1 }`, do not begin like this. */
const LIKE_JSON = /^\{\s*"/

/** The records of a line. Most lines have one. */
export function readRecords(line: string): readonly InputRecord[] {
  return readText(line, () => false, 0)
}

/** @param isAmbiguous whether an object around the text has a key twice */
function readText(line: string, isAmbiguous: () => boolean, depth: number): readonly InputRecord[] {
  const text = line.startsWith('{') ? line : line.replace(ZEROS, '').replace(CRI_PREFIX, '').trim()
  if (text === '') return []
  if (!text.startsWith('{')) return [FOREIGN]
  const parsed = parse(text)
  if (parsed === undefined) return [LIKE_JSON.test(text) ? UNREADABLE : FOREIGN]
  // Once for a text, however many records it has: a response of `_search` has thousands.
  let hasDuplicates: boolean | undefined
  const isDuplicate = () => (hasDuplicates ??= isAmbiguous() || hasDuplicateKeys(text, parsed))
  return findRecords(parsed, isDuplicate, depth)
}

/** The records of an object that was parsed by somebody else, such as a document of Elasticsearch. */
export function readParsed(parsed: JsonObject): readonly InputRecord[] {
  return findRecords(parsed, () => false, 0)
}

function findRecords(
  parsed: JsonObject,
  hasDuplicates: () => boolean,
  depth: number,
): readonly InputRecord[] {
  const formats = FORMATS.filter(({ isRecord }) => isRecord(parsed))
  if (formats.length > 0) return readFormats(parsed, formats, hasDuplicates)
  if (depth >= MAX_DEPTH) return [FOREIGN]
  const { _source: source, hits, log, message } = parsed
  if (isJsonObject(source)) return findRecords(source, hasDuplicates, depth + 1)
  // A response of `_search`, whole.
  if (isJsonObject(hits) && Array.isArray(hits.hits))
    return hits.hits.flatMap((hit: JsonValue) =>
      isJsonObject(hit) ? findRecords(hit, hasDuplicates, depth + 1) : [FOREIGN],
    )
  // Docker's log files, and Filebeat where it does not decode JSON.
  const inner = [log, message].filter((text) => typeof text === 'string' && text.includes('{'))
  if (inner.length === 0) return [FOREIGN]
  return inner.flatMap((text) => readText(text as string, hasDuplicates, depth + 1))
}

/** A line that is a record in several formats is read in each of them: its readers must not find an unsealed one beside the other. */
function readFormats(
  parsed: JsonObject,
  formats: readonly SealedFormat[],
  hasDuplicates: () => boolean,
): readonly InputRecord[] {
  const records = formats.map((format) => readRecord(parsed, format, hasDuplicates))
  if (!records.some(({ kind }) => kind === 'sealed')) return records.slice(0, 1)
  // A shipper may have added a field that has the name of another format and nothing else of it.
  return records.filter(
    ({ kind }, index) => kind === 'sealed' || hasContent(formats[index] as SealedFormat, parsed),
  )
}

function hasContent({ readFacts }: SealedFormat, parsed: JsonObject): boolean {
  const { seq, id, time, message, action } = readFacts(parsed)
  return [seq, id, time, message, action].some((fact) => fact !== undefined)
}

function readRecord(parsed: JsonObject, format: SealedFormat, hasDuplicates: () => boolean): InputRecord {
  const place = format.readPlace(parsed)
  if (place === undefined) return UNSEALED
  return {
    kind: 'sealed',
    place,
    facts: addId(format.readFacts(parsed), place.run),
    leaf: hashParsedLine(parsed, format),
    hasDuplicateKeys: hasDuplicates(),
    proof: isProof(parsed.proof) ? parsed.proof : undefined,
    parsed,
    format,
  }
}

/** A shipper may have a field of this name. */
function isProof(proof: unknown): boolean {
  return isJsonObject(proof) && ('note' in proof || 'path' in proof)
}

/** Filebeat moves the id to the `_id` of the document. It is run and `seq`. */
function addId(facts: SealedFacts, run: string): SealedFacts {
  return (facts.id ?? undefined) === undefined && Number.isSafeInteger(facts.seq)
    ? { ...facts, id: `${run}-${facts.seq}` }
    : facts
}

/** Deeper than any record: such a line would exhaust the stack of what follows. */
const MAX_NESTING = 200

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (!isJsonObject(value)) return undefined
    return hasFewOpenings(text) || isShallow(value, MAX_NESTING) ? value : undefined
  } catch {
    return undefined
  }
}

/** Hot path: a text with few brackets cannot be nested deeply. */
function hasFewOpenings(text: string): boolean {
  let count = 0
  for (const bracket of ['{', '['])
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1))
      if (++count > MAX_NESTING) return false
  return true
}

function isShallow(value: JsonValue, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  for (const key in value) if (!isShallow((value as JsonObject)[key] as JsonValue, depth - 1)) return false
  return true
}
