/** More levels of URLs inside parameters of URLs are cut off, and what was encoded more often. */
export const MAX_NESTING = 3

/** What may begin a value, a user, JSON, a text or credentials, encoded once or more often: `%3D`, `%253D`. */
const SPEAKING_ESCAPE =
  /%(?:25)*(?:22|3[ad]|40|[57]b)|(?:bearer|basic|digest|negotiate|ntlm|apikey)%(?:25)*20/i

/** Whether a text may say more when it is decoded: `%2Fcb%3Fcode%3DS`. */
export function isEncoded(text: string): boolean {
  return text.includes('%') && SPEAKING_ESCAPE.test(text)
}

/** A name may be spelt `%70assword` to hide from us. Broken escapes stay, and do not shelter the others. */
export function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  if (!spaced.includes('%')) return spaced
  return spaced.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes)
    } catch {
      return Buffer.from(escapes.replaceAll('%', ''), 'hex').toString('latin1')
    }
  })
}
