import { encodeUrlText } from '../urls/decode-url.js'

const UNRESERVED = /^[\w.-]*$/
const HTML_ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * The forms in which a secret may be written: as it is, percent-encoded, as in a form, within JSON and within HTML.
 *
 * @example
 * writeForms('a b')   // ['a b', 'a%20b', 'a+b']
 */
export function writeForms(secret: string): readonly string[] {
  // Hot path: most tokens are the same in every form.
  if (UNRESERVED.test(secret)) return [secret]
  const encoded = encodeUrlText(secret)
  const json = JSON.stringify(secret).slice(1, -1)
  const forms = [
    secret,
    encoded,
    encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
    // As forms are encoded, which escapes more characters.
    new URLSearchParams({ '': secret }).toString().slice(1),
    json,
    // A text of JSON in a text of JSON.
    JSON.stringify(json).slice(1, -1),
    secret.replace(/[&<>"']/g, (character) => HTML_ESCAPES[character] as string),
  ]
  return [...new Set(forms)]
}
