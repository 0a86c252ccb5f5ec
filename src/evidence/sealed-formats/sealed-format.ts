// What a line of a format has to do with its entry in the tree: which members are sealed, and where index and hash stand.
import type { JsonValue } from '../../serialize/json-value.js'

export type JsonObject = { [name: string]: JsonValue }

/**
 * Which members of an object are sealed: all, none, or by name. `others` applies to members that are not named. Shippers move or
 * rewrite some members, and add others.
 */
export type SealedMembers =
  | boolean
  | { readonly others: boolean; readonly named: ReadonlyMap<string, SealedMembers> }

/** @example sealAllBut({ id: false })   // everything but `id` */
export function sealAllBut(named: Readonly<Record<string, SealedMembers>>): SealedMembers {
  return { others: true, named: new Map(Object.entries(named)) }
}

/** @example sealOnly({ user_agent: sealOnly({ original: true }) })   // nothing but `user_agent.original` */
export function sealOnly(named: Readonly<Record<string, SealedMembers>>): SealedMembers {
  return { others: false, named: new Map(Object.entries(named)) }
}

/** Whether a member is sealed. */
export function findSealed(members: SealedMembers, name: string): SealedMembers {
  if (typeof members === 'boolean') return members
  return members.named.get(name) ?? (members.others || isSealedPath(members, name))
}

/** Elasticsearch reads `user.id` like `user: { id }`, so a name with dots must not bring in a sealed member under another name. */
function isSealedPath(members: SealedMembers, name: string): boolean {
  if (typeof members === 'boolean') return members
  const dot = name.indexOf('.')
  if (dot === -1) return (members.named.get(name) ?? members.others) !== false
  return isSealedPath(members.named.get(name.slice(0, dot)) ?? members.others, name.slice(dot + 1))
}

/** Whether an object has a name with dots by which it brings in a sealed member. No format writes one, but those that are listed. */
export function hasDottedPath(value: JsonObject, members: SealedMembers): boolean {
  if (typeof members === 'boolean') return false
  return Object.keys(value).some(
    (name) => name.includes('.') && !members.named.has(name) && isSealedPath(members, name),
  )
}

/** Stand in a formatted record for what is known only when the line is handed to the sink. */
export const HASH_PLACE: unique symbol = Symbol('hash')
export const INDEX_PLACE: unique symbol = Symbol('index')
/** The index as a text. */
export const INDEX_TEXT_PLACE: unique symbol = Symbol('index as text')

/** The run, index and hash that a record states. They are not verified. */
export interface StatedPlace {
  readonly run: string
  readonly index: number
  /** SHA-256 in base64url: 43 characters. */
  readonly hash: string
}

/** What the verifier reads of a record, apart from its place. The values are not checked: they come from a file. */
export interface SealedFacts {
  readonly seq: unknown
  readonly id: unknown
  readonly time: unknown
  readonly run_event: unknown
  readonly checkpoint: unknown
  readonly previous_checkpoints: unknown
  readonly lost: unknown
  readonly message: unknown
  readonly action: unknown
}

/** A format that can be sealed. */
export interface SealedFormat {
  /** The members of a line that are sealed. */
  readonly members: SealedMembers
  /** The members that are the same in all records that the seal writes itself within a run: start, checkpoints and stop. */
  readonly frame: SealedMembers
  /** Adds the places of hash and index to a formatted record. */
  addPlaces(formatted: object, run: string): object
  /** The place that a parsed line states; `undefined` if it has none that could be one. */
  readPlace(parsed: JsonObject): StatedPlace | undefined
  readFacts(parsed: JsonObject): SealedFacts
  /** Whether a parsed line is a record of this format, sealed or not. */
  isRecord(parsed: JsonObject): boolean
  /** Whether the times of a record that the seal writes itself agree. @default always */
  hasUsualTimes?(parsed: JsonObject): boolean
  /** Undoes what shippers do to names. */
  normalize?(parsed: JsonObject): JsonObject
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a member is there, as an object, as a list of objects, or by a name with dots: Elasticsearch takes all for the same. */
export function hasMember(parsed: JsonObject, name: string): boolean {
  if (typeof parsed[name] === 'object' && parsed[name] !== null) return true
  const prefix = `${name}.`
  return Object.keys(parsed).some((key) => key.startsWith(prefix))
}

/** The members of an object, or none if it is something else. */
export function membersOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : NO_MEMBERS
}

const NO_MEMBERS: JsonObject = Object.freeze(Object.create(null))

/** More entries than a run can write. */
const MAX_ENTRIES = 2 ** 48

/** `undefined` unless all parts have their form. */
export function toPlace(run: unknown, index: unknown, hash: unknown): StatedPlace | undefined {
  if (typeof run !== 'string' || run === '' || run.length > MAX_RUN_LENGTH || typeof hash !== 'string')
    return undefined
  if (!Number.isSafeInteger(index) || (index as number) < 0 || (index as number) >= MAX_ENTRIES)
    return undefined
  return { run, index: index as number, hash }
}

/** A run is a UUID. */
const MAX_RUN_LENGTH = 100
