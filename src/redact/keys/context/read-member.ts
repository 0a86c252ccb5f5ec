import { suppressRejection } from '../../../lib/safe-read.js'

/** Reads an entry of an object or a Map. Throws if a getter or a proxy does. */
export function readMember(object: object, key: string): unknown {
  return suppressRejection(object instanceof Map ? object.get(key) : (object as Record<string, unknown>)[key])
}
