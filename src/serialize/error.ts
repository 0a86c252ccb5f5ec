import { toJson } from './to-json.js'
import { toText } from './to-text.js'

/** The part of an error that a record shows. */
export interface ErrorDescription {
  readonly name: string
  readonly message: string
}

/**
 * Describes a thrown value by its name and message. The stack is left out, because a stack shows file paths and can show
 * the arguments of calls. Never throws.
 */
export function describeError(error: unknown): ErrorDescription {
  const json = toJson(error)
  if (typeof json !== 'object' || json === null) return { name: 'Error', message: toText(error) }
  const { name, message } = json as { name?: unknown; message?: unknown }
  return { name: toText(name, 'Error'), message: toText(message ?? json) }
}
