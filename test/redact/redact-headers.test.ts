import { expect, it } from '@jest/globals'
import { createHeaderRedactor } from '#src/redact/headers/redact-headers.js'
import { createRules } from '#src/redact/rules/rules.js'

it('redacts a header whose earlier value was harmless', () => {
  const redact = createHeaderRedactor(createRules({}))
  // `cache-control` is one of the headers whose harmless values are cached.
  const redactAll = (text: string) => redact({ location: text, 'X-Note': text, 'Cache-Control': text })
  const all = (text: string) => ({ location: text, 'X-Note': text, 'Cache-Control': text })
  for (const _ of ['once', 'again']) {
    expect(redactAll('/persons')).toEqual(all('/persons'))
    expect(redactAll('/?token=geheim')).toEqual(all('/?token=[REDACTED]'))
    expect(redactAll('/?token=geheim')).toEqual(all('/?token=[REDACTED]'))
  }
})

it('calls the replacement function for each value', () => {
  const replacements = ['one', 'geheim', 'two']
  const redact = createHeaderRedactor(createRules({ replacement: () => replacements.shift() ?? '' }))
  const redacted = [1, 2, 3].map(() => redact({ 'x-api-key': 'geheim' }))
  expect(redacted).toEqual([{ 'x-api-key': 'one' }, { 'x-api-key': 'geheim' }, { 'x-api-key': 'two' }])
})

it('leaves a Content-Length unchanged only if it is a number', () => {
  const redact = createHeaderRedactor(createRules({}))
  const redactLength = (value: string | string[]) => redact({ 'content-length': value })
  expect(redactLength('366')).toEqual({ 'content-length': '366' })
  expect(redactLength('Bearer geheim-geheim')).toEqual({ 'content-length': 'Bearer [REDACTED]' })
  expect(redactLength(['1', 'Bearer geheim-geheim'])).toEqual({
    'content-length': ['1', 'Bearer [REDACTED]'],
  })
})

it('redacts Content-Length if the options name it', () => {
  const redact = createHeaderRedactor(createRules({ keys: ['content-length'] }))
  expect(redact({ 'content-length': '366' })).toEqual({ 'content-length': '[REDACTED]' })
})

it('does not change the object it gets', () => {
  const redact = createHeaderRedactor(createRules({}))
  const headers = { 'set-cookie': ['sid=geheim; Path=/'], vary: 'Accept' }
  expect(redact(headers)).toEqual({ 'set-cookie': ['sid=[REDACTED]; Path=/'], vary: 'Accept' })
  expect(headers).toEqual({ 'set-cookie': ['sid=geheim; Path=/'], vary: 'Accept' })
})
