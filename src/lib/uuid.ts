import { randomUUID } from 'node:crypto'

const UUID = /^[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}$/i

/** Hot path: most request ids are generated, and are asked about right after that. */
let lastCreated = ''

export function createUuid(): string {
  lastCreated = randomUUID()
  return lastCreated
}

/** Whether a text is a UUID, with or without hyphens. */
export function isUuid(text: string): boolean {
  return text === lastCreated || UUID.test(text)
}
