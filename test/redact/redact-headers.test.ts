import { expect, it } from '@jest/globals'
import { createHeaderRedactor } from '#src/redact/redact-headers.js'
import { createRules } from '#src/redact/rules.js'

it('is not misled by what a header said before', () => {
  const clean = createHeaderRedactor(createRules({}))
  // `cache-control` is one of those that are remembered.
  const said = (text: string) => clean({ location: text, 'X-Note': text, 'Cache-Control': text })
  const all = (text: string) => ({ location: text, 'X-Note': text, 'Cache-Control': text })
  for (const _ of ['once', 'again']) {
    expect(said('/persons')).toEqual(all('/persons'))
    expect(said('/?token=geheim')).toEqual(all('/?token=[REDACTED]'))
    expect(said('/?token=geheim')).toEqual(all('/?token=[REDACTED]'))
  }
})

it('asks what stands instead of a secret each time', () => {
  const answers = ['one', 'geheim', 'two']
  const clean = createHeaderRedactor(createRules({ replacement: () => answers.shift() ?? '' }))
  const said = [1, 2, 3].map(() => clean({ 'x-api-key': 'geheim' }))
  expect(said).toEqual([{ 'x-api-key': 'one' }, { 'x-api-key': 'geheim' }, { 'x-api-key': 'two' }])
})

it('believes a Content-Length only where it is one', () => {
  const clean = createHeaderRedactor(createRules({}))
  const said = (value: string | string[]) => clean({ 'content-length': value })
  expect(said('366')).toEqual({ 'content-length': '366' })
  expect(said('Bearer geheim-geheim')).toEqual({ 'content-length': 'Bearer [REDACTED]' })
  expect(said(['1', 'Bearer geheim-geheim'])).toEqual({ 'content-length': ['1', 'Bearer [REDACTED]'] })
})

it('hides a Content-Length where an application says so', () => {
  const clean = createHeaderRedactor(createRules({ keys: ['content-length'] }))
  expect(clean({ 'content-length': '366' })).toEqual({ 'content-length': '[REDACTED]' })
})

it('leaves what it was given as it is', () => {
  const clean = createHeaderRedactor(createRules({}))
  const given = { 'set-cookie': ['sid=geheim; Path=/'], vary: 'Accept' }
  expect(clean(given)).toEqual({ 'set-cookie': ['sid=[REDACTED]; Path=/'], vary: 'Accept' })
  expect(given).toEqual({ 'set-cookie': ['sid=geheim; Path=/'], vary: 'Accept' })
})
