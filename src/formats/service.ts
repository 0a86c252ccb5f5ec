import { type Check, type Checks, isPlainObject } from '../lib/validate.js'
import type { ServiceRecord } from '../record/record.js'
import { stringifyJson } from '../serialize/stringify.js'

/** The application that writes the records. All properties are optional. */
export interface ServiceOptions {
  /**
   * @default the name in the package.json of the application
   * @example 'persons-api'
   */
  readonly name?: string | undefined
  /**
   * @default the version in the package.json of the application
   * @example '2.4.1'
   */
  readonly version?: string | undefined
  /**
   * Not taken from `NODE_ENV`, which is `production` in every environment that runs optimized code.
   * @example 'acceptance'
   */
  readonly environment?: string | undefined
  /**
   * The instance of the application.
   * @example process.env.HOSTNAME
   */
  readonly nodeName?: string | undefined
}

/** Size as JSON, including the quotes. Limited because every record contains all of these values. */
const MAX_BYTES = 130

const checkText: Check = { expected: 'a text of 1 to 128 bytes', accepts: isServiceText }

export const checkService: Check = {
  expected: 'false or an object with name, version, environment and nodeName, each a text of 1 to 128 bytes',
  accepts: (value) => value === false || isPlainObject(value),
  properties: {
    name: checkText,
    version: checkText,
    environment: checkText,
    nodeName: checkText,
  } satisfies Checks<ServiceOptions>,
}

export function isServiceText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && Buffer.byteLength(stringifyJson(value)) <= MAX_BYTES
}

/** @returns the field `service` of the records; `undefined` if nothing is known */
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
