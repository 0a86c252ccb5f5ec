// Removes control characters from texts of a log, which are untrusted: they could control the terminal or reorder its characters.

const CONTROLS = /[\p{C}\u2028\u2029]/gu

export function printable(text: string): string {
  return text.replace(CONTROLS, '\ufffd')
}

/** Escapes what JSON.stringify leaves as it is. Line breaks are between members, so they stay. */
export function printableJson(json: string): string {
  return json.replace(CONTROLS, (character) => (character === '\n' ? character : escapeUnits(character)))
}

function escapeUnits(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    return `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`
  }).join('')
}
