// The same rules decide in URLs, in forms and in filters.
import { describe, expect, it } from '@jest/globals'
import { kwargsOf, lineOf, urlOf } from '../redacted-parts.js'
import {
  HARMLESS_QUERIES,
  HARMLESS_URLS,
  SECRET,
  SECRET_QUERIES,
  SECRET_URLS,
  WORD,
} from './short-parameters.js'

const SECRETS = [SECRET, WORD, '482913']

describe.each(SECRET_QUERIES)('%s', (_title, query) => {
  const search = new URLSearchParams(query).toString()

  it.each<[string, () => string]>([
    ['a URL', () => lineOf('url', `https://example.org/persons?${search}`)],
    ['a fragment', () => lineOf('url', `/persons#${search}`)],
    ['a Location', () => lineOf('headers', { location: `/persons?${search}` })],
    ['a link in a text', () => lineOf('results', `See https://example.org/persons?${search} for more`)],
    ['a form', () => lineOf('kwargs', { body: `page=2&${search}` })],
    ['a filter', () => lineOf('kwargs', query)],
    ['results', () => lineOf('results', [query])],
    ['JSON', () => lineOf('results', { body: JSON.stringify(query) })],
  ])('is hidden in %s', (_where, write) => {
    const line = write()
    for (const secret of SECRETS) expect(line).not.toContain(secret)
  })
})

it.each(SECRET_URLS)('hides the secret of %s', (url) => {
  expect(decodeURIComponent(urlOf(url))).toContain('[REDACTED]')
  for (const secret of SECRETS) expect(urlOf(url)).not.toContain(secret)
})

it.each(HARMLESS_QUERIES.map((query) => [query]))('leaves %j unchanged in a URL and in a filter', (query) => {
  const url = `https://example.org/persons?${new URLSearchParams(query)}`
  expect(urlOf(url)).toBe(url)
  expect(kwargsOf(query)).toEqual(query)
})

it.each(HARMLESS_URLS)('leaves %s unchanged', (url) => {
  expect(urlOf(url)).toBe(url)
  expect(lineOf('results', `See ${url} for more`)).toContain(`See ${url} for more`)
})
