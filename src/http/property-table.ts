import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * V8 describes objects that got the same properties in the same order once for all of them. Express gives each request and
 * response another prototype, and after that V8 before version 13 (Node 20 and 22) describes an object anew for each
 * property that it gets, and looks for each one that is read as if it had never seen it: most of what Express costs.
 */
export const DESCRIBES_ANEW = Number.parseInt(process.versions.v8 ?? '', 10) < 13

const HIDDEN: PropertyDescriptor = { enumerable: false }
const SHOWN: PropertyDescriptor = { enumerable: true }

/**
 * Has V8 keep the properties of both in tables, where to add and to find one is cheap. They are what they were, in the same
 * order; only a Proxy would be asked, and stays as it is where it refuses.
 */
export function keepInTables(request: IncomingMessage, response: ServerResponse): void {
  try {
    // Node gives each of them this one in its constructor. Any other would do.
    keepInTable(request, 'aborted')
    keepInTable(response, 'sendDate')
  } catch {
    // It may be as slow as it was.
  }
}

/**
 * Where an object has another prototype than it was made with, V8 makes a table of its properties when one of them is to be
 * described in another way (`Map::ReconfigureExistingProperty`), which is taken back at once. Other objects stay as they are.
 *
 * @param name an own property that can be enumerated; where there is none, or it is frozen, nothing happens
 */
export function keepInTable(object: object, name: string): void {
  if (!Object.prototype.propertyIsEnumerable.call(object, name)) return
  if (Reflect.defineProperty(object, name, HIDDEN)) Reflect.defineProperty(object, name, SHOWN)
}
