// Which application wrote a record, and on which machine.
import { hostname } from 'node:os'
import { describeService, isServiceText, type ServiceOptions } from '../formats/service.js'
import { findApplication } from '../lib/application.js'
import { lazy } from '../lib/lazy.js'
import { readSafely } from '../lib/safe-read.js'
import type { HostRecord, ServiceRecord } from '../record/record.js'

/** What names the application and the machine that wrote a record. The same in all records of a pipeline. */
export interface Origin {
  readonly service: ServiceRecord | undefined
  readonly host: HostRecord | undefined
}

export const NO_ORIGIN: Origin = Object.freeze({ service: undefined, host: undefined })

/** Read once per process: package.json may be replaced by a deployment while the old version still runs. */
const findDefaults = lazy(() => {
  const { name, version } = findApplication()
  return {
    // Names and versions that are too long are left out: the beginning of a name is another name.
    name: isServiceText(name) ? name : undefined,
    version: isServiceText(version) ? version : undefined,
    hostname: readSafely(hostname),
  }
})

/** @param service what the user set takes precedence, property by property */
export function describeOrigin(service: ServiceOptions | false): Origin {
  if (service === false) return NO_ORIGIN
  const { hostname: hostName, ...defaults } = findDefaults()
  const described = describeService({ ...defaults, ...omitUndefined(service) })
  return Object.freeze({
    service: described && Object.freeze(described),
    host: isServiceText(hostName) ? Object.freeze({ name: hostName }) : undefined,
  })
}

function omitUndefined(service: ServiceOptions): ServiceOptions {
  return Object.fromEntries(Object.entries(service).filter(([, value]) => value !== undefined))
}
