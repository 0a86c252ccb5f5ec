import type { ErrorRecord } from '../record.js'
import { plain } from './plain.js'
import { text } from './text.js'

/** What was thrown, by name and message: a stack shows paths, and may show what it was called with. */
export function describeError(error: unknown): ErrorRecord {
  const described = plain(error)
  if (typeof described !== 'object' || described === null) return { name: 'Error', message: text(error) }
  const { name, message } = described as { name?: unknown; message?: unknown }
  return { name: text(name, 'Error'), message: text(message ?? described) }
}
