import { it } from '@jest/globals'
import fc from 'fast-check'
import { quoteText } from '#src/serialize/quote-text.js'
import { stringifyJson } from '#src/serialize/stringify.js'

it('quotes as JSON does, for each character', () => {
  for (let code = 0; code <= 0xffff; code++) {
    const text = `a${String.fromCharCode(code)}`
    if (quoteText(text) !== stringifyJson(text)) throw new Error(`not for the character ${code}`)
  }
})

it('quotes as JSON does, for any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => quoteText(text) === stringifyJson(text)))
})
