/** A part of a text, and its replacement. */
export interface ReplacedPart {
  readonly start: number
  readonly end: number
  readonly replacement: string
}

/**
 * Replaces parts of a text, from left to right.
 *
 * @param pattern with the flag `g`
 * @param find gets each match that does not begin within a replaced part, and returns the part to replace, if any. A part that
 *   begins within a replaced part is left out
 *
 * @example
 * replaceParts('pin 1234', /\d+/g, ({ 0: pin, index }) => ({ start: index, end: index + pin.length, replacement: '*' }))
 * // 'pin *'
 */
export function replaceParts(
  text: string,
  pattern: RegExp,
  find: (match: RegExpExecArray) => ReplacedPart | undefined,
): string {
  let replaced = ''
  let end = 0
  for (const match of text.matchAll(pattern)) {
    if (match.index < end) continue
    const part = find(match)
    if (part === undefined || part.start < end) continue
    replaced += text.slice(end, part.start) + part.replacement
    end = part.end
  }
  return replaced + text.slice(end)
}
