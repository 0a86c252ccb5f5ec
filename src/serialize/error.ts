import type { ErrorRecord } from '../record/record.js'
import { toJson } from './to-json.js'
import { toText } from './to-text.js'

/** What was thrown, by name and message: a stack shows paths, and may show what it was called with. */
export function describeError(error: unknown): ErrorRecord {
  const described = toJson(error)
  if (typeof described !== 'object' || described === null) return { name: 'Error', message: toText(error) }
  const { name, message } = described as { name?: unknown; message?: unknown }
  return { name: toText(name, 'Error'), message: toText(message ?? described) }
}
