import { isError, plain } from './plain.js'

/**
 * Any value as one string, whatever a handler hands over: `null` and `undefined` give `fallback`,
 * an error gives its name and message, an object its JSON. Never throws.
 *
 * @example
 * text('List Person')   // 'List Person'
 * text(42)              // '42'
 * text(undefined)       // ''
 */
export function text(value: unknown, fallback = ''): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return fallback
  const described = plain(value)
  if (isErrorDescription(value, described)) return `${described.name}: ${described.message}`
  return typeof described === 'string' ? described : JSON.stringify(described)
}

function isErrorDescription(
  value: unknown,
  described: unknown,
): described is { name: string; message: string } {
  return isError(value) && typeof described === 'object' && described !== null && 'message' in described
}
