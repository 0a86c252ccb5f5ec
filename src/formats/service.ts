import { type Check, type Checks, isPlainObject } from '../lib/validate.js'
import type { ServiceRecord } from '../record/record.js'
import { stringifyJson } from '../serialize/stringify.js'

/** The application that writes the records. All properties are optional. */
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

/** Size as JSON, including the quotes. Limited because every record contains all of these values. */
const MAX_BYTES = 130

const checkText: Check = { expected: 'a text of 1 to 128 bytes', accepts: isShortText }

export const checkService: Check = {
  expected: 'an object with name, version, environment and nodeName, each a text of 1 to 128 bytes',
  accepts: isPlainObject,
  properties: {
    name: checkText,
    version: checkText,
    environment: checkText,
    nodeName: checkText,
  } satisfies Checks<ServiceOptions>,
}

function isShortText(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(stringifyJson(value)) <= MAX_BYTES
}

/** @returns the field `service` of the records; `undefined` if the option names nothing */
export function describeService({
  name,
  version,
  environment,
  nodeName,
}: ServiceOptions): ServiceRecord | undefined {
  const service: ServiceRecord = {}
  if (name !== undefined) service.name = name
  if (version !== undefined) service.version = version
  if (environment !== undefined) service.environment = environment
  if (nodeName !== undefined) service.node_name = nodeName
  return Object.keys(service).length === 0 ? undefined : service
}
