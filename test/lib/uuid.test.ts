import { expect, it } from '@jest/globals'
import { createUuid, isUuid } from '#src/lib/uuid.js'

it('recognizes UUIDs with and without hyphens, also those it has created', () => {
  expect(isUuid('')).toBe(false)
  const uuid = createUuid()
  for (const text of [uuid, uuid.toUpperCase(), uuid.replaceAll('-', ''), createUuid()])
    expect(isUuid(text)).toBe(true)
  for (const text of ['', 'secret', `${uuid}0`, uuid.replace(/^./, 'g')]) expect(isUuid(text)).toBe(false)
})
