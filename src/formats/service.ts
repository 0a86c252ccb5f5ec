/** The application that writes the records, for the formats `ecs` and `ocsf`. All properties are optional. */
export interface ServiceOptions {
  /** @example 'persons-api' */
  readonly name?: string | undefined
  /** @example '2.4.1' */
  readonly version?: string | undefined
  /** @example 'production' */
  readonly environment?: string | undefined
  /**
   * The instance of the application.
   * @example process.env.HOSTNAME
   */
  readonly nodeName?: string | undefined
}

const KEYS: readonly string[] = [
  'name',
  'version',
  'environment',
  'nodeName',
] satisfies (keyof ServiceOptions)[]

/** Size as JSON, including the quotes. Limited because every record contains all of these values. */
const MAX_BYTES = 130

/** Whether a value is a plain object with known keys and short texts that are not empty. */
export function isServiceOptions(value: unknown): value is ServiceOptions {
  if (typeof value !== 'object' || value === null) return false
  // A Map has no own keys, so the check below would accept it although all of its content is ignored.
  if (![Object.prototype, null].includes(Object.getPrototypeOf(value))) return false
  return Object.entries(value).every(
    ([key, text]) => KEYS.includes(key) && (text === undefined || isShortText(text)),
  )
}

function isShortText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(JSON.stringify(value)) <= MAX_BYTES
}
