/**
 * Splits a list that is written with commas.
 *
 * @example
 * listOf('field name, value')   // ['field name', 'value']
 */
export function listOf(text: string): string[] {
  return text.trim().split(/,\s+/)
}
