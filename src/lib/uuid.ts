import { randomUUID } from 'node:crypto'

const UUID = /^[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}$/i

const BATCH = 32
const LENGTH = 36
/** Hot path: several at once, because that is faster, and in one text, because Node puts each together of parts that V8 joins later. */
let batch = ''
let position = 0
/** Hot path: most request ids are created here, and checked when their record is written. */
let lastCreated: string | undefined

export function createUuid(): string {
  if (position === batch.length) {
    batch = Array.from({ length: BATCH }, () => randomUUID()).join('')
    position = 0
  }
  const uuid = batch.slice(position, position + LENGTH)
  position += LENGTH
  lastCreated = uuid
  return uuid
}

/** Whether a text is a UUID, with or without hyphens. */
export function isUuid(text: string): boolean {
  return text === lastCreated || UUID.test(text)
}
