/** A piece of a secret with this many characters helps an attacker. */
const PIECE = 8

/** Fails where the text has a secret, or any 8 characters of it in a row. */
export function expectNoPieceOf(secret: string, text: string): void {
  const length = Math.min(secret.length, PIECE)
  for (let start = 0; start + length <= secret.length; start++) {
    const piece = secret.slice(start, start + length)
    if (text.includes(piece)) throw new Error(`\`${piece}\` leaked: ${text.slice(0, 1000)}`)
  }
}
