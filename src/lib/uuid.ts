import { randomUUID } from 'node:crypto'

const UUID = /^[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}$/i

/** Hot path: most request ids are created here, and checked when their record is written. */
let lastCreated: string | undefined

export function createUuid(): string {
  const uuid = randomUUID()
  lastCreated = uuid
  return uuid
}

/** Whether a text is a UUID, with or without hyphens. */
export function isUuid(text: string): boolean {
  return text === lastCreated || UUID.test(text)
}
