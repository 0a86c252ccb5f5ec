// The texts of a log are a stranger's: they must not control the terminal, nor change the order of its characters.

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
