/** Bounds the work for one text. */
const MAX_PARTS = 64

/**
 * Finds the parts of a text that were replaced, by comparing the text before and after.
 *
 * @example
 * findReplacedParts('a=S&b=1', 'a=[REDACTED]&b=1', '[REDACTED]')   // ['S']
 */
export function findReplacedParts(before: string, after: string, replacement: string): string[] {
  const unchanged = after.split(replacement, MAX_PARTS + 1)
  const parts: string[] = []
  let end = 0
  for (const [index, text] of unchanged.entries()) {
    const isLast = index === unchanged.length - 1 && index < MAX_PARTS
    const start = isLast ? Math.max(before.length - text.length, end) : before.indexOf(text, end)
    // The text around the replacement was changed as well: quotes, for example.
    if (start === -1 || (index === 0 && start !== 0) || !before.startsWith(text, start)) return parts
    if (index > 0) parts.push(before.slice(end, start))
    end = start + text.length
  }
  return parts.filter((part) => part !== '' && !part.includes(replacement))
}
