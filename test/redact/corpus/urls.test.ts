// Each URL is tried wherever a URL can stand in a record.
import { describe, expect, it } from '@jest/globals'
import { expectNoPieceOf } from '../secret-pieces.js'
import { everyPlaceOf } from './url-places.js'
import { HARMLESS_URLS, SECRET, SECRET_URLS, UUID_SECRET, UUID_URLS } from './urls.js'

describe.each(SECRET_URLS.map(([title, make]) => [title, make(SECRET)] as const))('%s: %s', (_title, url) => {
  it.each(everyPlaceOf(url))('has no secret: %s', (_place, lineWith) => {
    expectNoPieceOf(SECRET, lineWith())
  })
})

describe.each(UUID_URLS)('%s', (url) => {
  it.each(everyPlaceOf(url))('has no secret: %s', (_place, lineWith) => {
    expectNoPieceOf(UUID_SECRET, lineWith())
  })
})

describe.each(HARMLESS_URLS)('a harmless URL: %s', (url) => {
  // A key that ends in a sensitive word is sensitive, whatever stands in front of the word.
  const places = everyPlaceOf(url).filter(([place]) => place !== 'as a key')

  it.each(places)('stays visible: %s', (_place, lineWith) => {
    expect(lineWith()).not.toContain('REDACTED')
  })
})
