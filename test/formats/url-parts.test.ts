// URLs are split as in RFC 3986. Each URL is split after every other, because the last origin is cached.
import { describe, expect, it } from '@jest/globals'
import { splitUrl, type UrlParts } from '#src/formats/url-parts.js'
import { collectGarbage } from '../helpers/v8.js'

const EMPTY = { port: undefined, path: '', query: '' }
const expected: Readonly<Record<string, UrlParts | undefined>> = {
  'http://a': { ...EMPTY, scheme: 'http', host: 'a' },
  'http://a/': { ...EMPTY, scheme: 'http', host: 'a', path: '/' },
  'http://a/x': { ...EMPTY, scheme: 'http', host: 'a', path: '/x' },
  'http://a/x?q=1#f?g': { ...EMPTY, scheme: 'http', host: 'a', path: '/x', query: 'q=1' },
  'http://a/x#f?g': { ...EMPTY, scheme: 'http', host: 'a', path: '/x' },
  'http://a?q=/x': { ...EMPTY, scheme: 'http', host: 'a', query: 'q=/x' },
  'http://a#f/x': { ...EMPTY, scheme: 'http', host: 'a' },
  'http://a.evil/x': { ...EMPTY, scheme: 'http', host: 'a.evil', path: '/x' },
  'http://a:80/x': { ...EMPTY, scheme: 'http', host: 'a', port: 80, path: '/x' },
  'http://a:8080/x': { ...EMPTY, scheme: 'http', host: 'a', port: 8080, path: '/x' },
  'http://a:99999/x': { ...EMPTY, scheme: 'http', host: 'a', path: '/x' },
  'http://a@evil/x': { ...EMPTY, scheme: 'http', host: 'evil', path: '/x' },
  'http://jan:geheim@a/x': { ...EMPTY, scheme: 'http', host: 'a', path: '/x' },
  'HTTP://a/x': { ...EMPTY, scheme: 'http', host: 'a', path: '/x' },
  'http://[::1]:80/x': { ...EMPTY, scheme: 'http', host: '[::1]', port: 80, path: '/x' },
  'http://a b': { ...EMPTY, scheme: 'http', host: 'a b' },
  'http://a:b/x': undefined,
  'hmac-sha256:1:00': undefined,
  '/x': undefined,
}

describe.each(Object.keys(expected))('after %s', (previous) => {
  it('splits every other URL correctly', () => {
    for (const [url, parts] of Object.entries(expected)) {
      splitUrl(previous)
      expect([url, splitUrl(url)]).toEqual([url, parts])
    }
  })
})

it.each([
  ['a long scheme', (rest: string) => `abcdefghijklmnopqrst://host/${rest}`],
  ['a long host', (rest: string) => `http://a-host-with-a-long-name.example.org/${rest}`],
  ['a host of the same length as the URL', (rest: string) => `http://${rest}/`],
  ['credentials', (rest: string) => `http://jan:geheim-en-lang@a-host-with-a-long-name/${rest}`],
])('does not keep a URL with %s in memory', (_name, buildUrl) => {
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  splitUrl(buildUrl('x'.repeat(20_000_000)))
  // V8 keeps the input of the last successful match (`RegExp.input`), so match something else.
  ;/y/.exec('y')
  collectGarbage()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000)
})
