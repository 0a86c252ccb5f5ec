/** The text with U+FFFD for each lone surrogate, which UTF-8 does not have. TypeScript's library for Node 20 lacks the method. */
export function toWellFormed(text: string): string {
  return (text as string & { toWellFormed(): string }).toWellFormed()
}
