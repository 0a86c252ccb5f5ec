// Elasticsearch rejects no record, whatever a client or a handler puts into it, and no name that they choose becomes a
// field. These tests use a model of Elasticsearch; `scripts/elasticsearch/run.sh` repeats them with a real one.
import { describe, expect, it, test } from '@jest/globals'
import { BAD_TEMPLATES } from './bad-templates.js'
import { ModelIndex, Rejected } from './elasticsearch-model.js'
import { hostileDocuments } from './hostile-records.js'
import { FORMATS_WITH_TEMPLATE, readTemplate } from './templates.js'

describe.each(FORMATS_WITH_TEMPLATE)('the template for %s', (format) => {
  test('accepts every hostile record, for a known reason', () => {
    const index = new ModelIndex(readTemplate(format))
    for (const [name, document] of hostileDocuments(format)) {
      const reasons = index.index(document)
      expect([name, reasons.size]).not.toEqual([name, 0])
    }
  })

  test('gets no new field from 2,000 names that a client chose', () => {
    const index = new ModelIndex(readTemplate(format))
    const before = index.fields
    for (const [, document] of hostileDocuments(format)) index.index(document)
    expect(index.fields).toEqual(before)
  })
})

describe('why a hostile value is accepted', () => {
  const reasonFor = (name: string, path: string) => {
    const [, document] = hostileDocuments('audit').find(([each]) => each === name) ?? []
    return new ModelIndex(readTemplate('audit')).index(document).get(path)
  }

  test.each([
    [
      'keys foo and foo.bar (1)',
      'audit.filter',
      'one flattened field: its keys make no fields, and have no types',
    ],
    ['keys foo and foo.bar (1)', 'audit.http_response.headers', 'not looked into: enabled is false'],
    [
      '2,000 distinct keys (1)',
      'audit.filter',
      'one flattened field: its keys make no fields, and have no types',
    ],
    ['2,000 distinct keys (1)', 'audit.results', 'not looked into: enabled is false'],
    [
      'scalars instead of objects (1)',
      'audit.filter',
      'one flattened field: its keys make no fields, and have no types',
    ],
    [
      'scalars instead of objects (1)',
      'audit.changes',
      'one flattened field: its keys make no fields, and have no types',
    ],
    [
      'keys foo and foo.bar (1)',
      'audit.attributes',
      'one flattened field: its keys make no fields, and have no types',
    ],
    [
      '2,000 distinct keys (1), in the request body',
      'audit.request_body',
      'one flattened field: its keys make no fields, and have no types',
    ],
    ['scalars instead of objects (1)', 'audit.target.id', 'a keyword that is short enough'],
    ['scalars instead of objects (2)', 'audit.results', 'not looked into: enabled is false'],
    [
      'empty, dotted and reserved keys (1)',
      'audit.user.roles',
      'no field: dynamic is false, so it is only in _source',
    ],
    ['"unknown" in every text', 'audit.user.ip', 'no address: only in _source'],
    ['"fe80::1%eth0" in every text', 'audit.user.ip', 'a valid ip'],
    ['"fe80::1%eth0" in every text', 'audit.user.ip.keyword', 'a keyword that is short enough'],
    ['40,000 bytes of URL', 'audit.http_request.url', 'longer than ignore_above (8191): only in _source'],
    [
      '40,000 bytes of message',
      'audit.message',
      'text: its words are indexed, none longer than 255 characters',
    ],
    ['an address, a filter and results that are redacted', 'audit.user.ip', 'no address: only in _source'],
  ])('%s: %s', (name, path, reason) => {
    expect(reasonFor(name, path)).toBe(reason)
  })
})

describe('the model rejects', () => {
  it.each(BAD_TEMPLATES)('%s', (_name, template, reason) => {
    const index = new ModelIndex(template)
    const rejections = hostileDocuments('audit').flatMap(([, document]) => rejectionOf(index, document))
    expect(rejections.join('\n')).toMatch(reason)
  })

  it.each([
    ['foo beside foo.bar', [{ foo: 1, 'foo.bar': 2 }], /foo: a value is expected/],
    ['a scalar after an object', [{ key: { a: 1 } }, { key: 'text' }], /key: an object is expected/],
    ['an object after a scalar', [{ key: 1 }, { key: { a: 1 } }], /key: long takes no object/],
    ['a text after a date', [{ when: '2026-11-24' }, { when: 'soon' }], /when: no date/],
    [
      'the 1,001st field',
      [Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`k${i}`, 1]))],
      /more than 1000/,
    ],
    ['an empty name', [{ '': 1 }], /cannot be empty/],
    ['a name that consists of dots', [{ '..': 1 }], /dots only/],
    ['an empty part of a name', [{ 'a..b': 1 }], /is empty/],
  ])('%s, in an index with dynamic fields', (_name, documents, reason) => {
    const index = new ModelIndex({ template: { settings: {}, mappings: {} } })
    expect(documents.flatMap((document) => rejectionOf(index, document)).join('\n')).toMatch(reason)
  })
})

function rejectionOf(index: ModelIndex, document: object): string[] {
  try {
    index.index(document)
    return []
  } catch (error) {
    if (error instanceof Rejected) return [error.message]
    throw error
  }
}
