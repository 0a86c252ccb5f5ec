/** Which application speaks, in formats that have a place for it. All of it may be left out. */
export interface ServiceOptions {
  /** @example 'persons-api' */
  readonly name?: string | undefined
  /** @example '2.4.1' */
  readonly version?: string | undefined
  /** @example 'production' */
  readonly environment?: string | undefined
  /**
   * Which of its instances.
   * @example process.env.HOSTNAME
   */
  readonly nodeName?: string | undefined
}

const NAMES: readonly string[] = [
  'name',
  'version',
  'environment',
  'nodeName',
] satisfies (keyof ServiceOptions)[]

/** In JSON, quotes included: a record must have room for all of them. */
const MAX_BYTES = 130

/** An empty text is none: what is not said is `undefined`. */
export function isServiceOptions(value: unknown): value is ServiceOptions {
  if (typeof value !== 'object' || value === null) return false
  // A Map would have none of these names, and no complaint.
  if (![Object.prototype, null].includes(Object.getPrototypeOf(value))) return false
  return Object.entries(value).every(
    ([name, said]) => NAMES.includes(name) && (said === undefined || isShortText(said)),
  )
}

function isShortText(said: unknown): boolean {
  return typeof said === 'string' && said !== '' && Buffer.byteLength(JSON.stringify(said)) <= MAX_BYTES
}
