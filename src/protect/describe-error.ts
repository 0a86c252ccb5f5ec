import type { ErrorRecord } from '../record.js'
import { plain } from './plain.js'
import { text } from './text.js'

/** What was thrown, by name and message: a stack shows paths, and may show what it was called with. */
export function describeError(error: unknown): ErrorRecord {
  const described = plain(error)
  const { name, message } = (typeof described === 'object' && described !== null ? described : {}) as {
    name?: unknown
    message?: unknown
  }
  return { name: text(name, 'Error'), message: text(message, text(error)) }
}
