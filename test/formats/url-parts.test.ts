// The parts of a URL are those of RFC 3986, whatever was asked before: the origin of the last one is remembered.
import { describe, expect, it } from '@jest/globals'
import { splitUrl, type UrlParts } from '#src/formats/url-parts.js'
import { collectGarbage } from '../helpers/collect-garbage.js'

const NONE = { port: undefined, path: '', query: '' }
const expected: Readonly<Record<string, UrlParts | undefined>> = {
  'http://a': { ...NONE, scheme: 'http', host: 'a' },
  'http://a/': { ...NONE, scheme: 'http', host: 'a', path: '/' },
  'http://a/x': { ...NONE, scheme: 'http', host: 'a', path: '/x' },
  'http://a/x?q=1#f?g': { ...NONE, scheme: 'http', host: 'a', path: '/x', query: 'q=1' },
  'http://a/x#f?g': { ...NONE, scheme: 'http', host: 'a', path: '/x' },
  'http://a?q=/x': { ...NONE, scheme: 'http', host: 'a', query: 'q=/x' },
  'http://a#f/x': { ...NONE, scheme: 'http', host: 'a' },
  'http://a.evil/x': { ...NONE, scheme: 'http', host: 'a.evil', path: '/x' },
  'http://a:80/x': { ...NONE, scheme: 'http', host: 'a', port: 80, path: '/x' },
  'http://a:8080/x': { ...NONE, scheme: 'http', host: 'a', port: 8080, path: '/x' },
  'http://a:99999/x': { ...NONE, scheme: 'http', host: 'a', path: '/x' },
  'http://a@evil/x': { ...NONE, scheme: 'http', host: 'evil', path: '/x' },
  'http://jan:geheim@a/x': { ...NONE, scheme: 'http', host: 'a', path: '/x' },
  'HTTP://a/x': { ...NONE, scheme: 'http', host: 'a', path: '/x' },
  'http://[::1]:80/x': { ...NONE, scheme: 'http', host: '[::1]', port: 80, path: '/x' },
  'http://a b': { ...NONE, scheme: 'http', host: 'a b' },
  'http://a:b/x': undefined,
  'hmac-sha256:1:00': undefined,
  '/x': undefined,
}

describe.each(Object.keys(expected))('after %s', (before) => {
  it('has the parts of any other', () => {
    for (const [url, parts] of Object.entries(expected)) {
      splitUrl(before)
      expect([url, splitUrl(url)]).toEqual([url, parts])
    }
  })
})

it.each([
  ['a long scheme', (rest: string) => `abcdefghijklmnopqrst://host/${rest}`],
  ['a long host', (rest: string) => `http://a-host-with-a-long-name.example.org/${rest}`],
  ['a host that is as long', (rest: string) => `http://${rest}/`],
  ['credentials', (rest: string) => `http://jan:geheim-en-lang@a-host-with-a-long-name/${rest}`],
])('keeps no URL in memory, with %s', (_what, write) => {
  collectGarbage()
  const before = process.memoryUsage().heapUsed
  splitUrl(write('x'.repeat(20_000_000)))
  // What an engine keeps of the last pattern that fitted is not ours.
  ;/y/.exec('y')
  collectGarbage()
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000)
})
