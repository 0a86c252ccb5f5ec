// Not part of `npm test`: `scripts/elasticsearch/run.sh` starts an Elasticsearch server and runs this test against it.
import { beforeAll, describe, expect, jest, test } from '@jest/globals'
import { BAD_TEMPLATES } from './bad-templates.js'
import { type IndexTemplate, type Mapping, ModelIndex, Rejected } from './elasticsearch-model.js'
import { hostileDocuments } from './hostile-records.js'
import { FORMATS_WITH_TEMPLATE, readTemplate } from './templates.js'

const NOW = '2026-11-24T09:30:00.123Z'
/** Types from modules that are not on Maven Central, and the types that replace them here. */
const SUBSTITUTE_TYPES: Record<string, string> = { wildcard: 'keyword', match_only_text: 'text' }

jest.setTimeout(120_000)

beforeAll(async () => {
  expect(process.env).toHaveProperty('ELASTICSEARCH_URL')
})

describe.each(FORMATS_WITH_TEMPLATE)('the template for %s', (format) => {
  const stream = `logs-${readTemplate(format).index_patterns[0]?.split('-')[1]}-test`

  test('creates a data stream that accepts every hostile record and gets no field from them', async () => {
    await put(`_index_template/${format}`, installable(readTemplate(format)))
    const documents = hostileDocuments(format)
    const first = documents[0]?.[1] ?? {}
    expect(await create(stream, 'first', first)).toBe('')
    const before = await fields(stream)
    for (const [index, [name, document]] of documents.entries()) {
      expect([name, await create(stream, `document-${index}`, document)]).toEqual([name, ''])
    }
    expect(await fields(stream)).toEqual(before)
    expect(await send('GET', `${stream}/_count`)).toMatchObject({ count: documents.length + 1 })
  })

  test('stores a record that is sent twice once', async () => {
    const [, document] = hostileDocuments(format)[0] ?? []
    expect(await create(stream, 'first', document ?? {})).toMatch(/version_conflict/)
  })
})

describe('a search finds', () => {
  test.each([
    ['a value of the filter', { term: { 'audit.filter.kwargs.foo': '1' } }],
    ['a filter that is a text', { term: { 'audit.filter.kwargs': 'text' } }],
    ['the object of the filter', { term: { 'audit.filter.object': 'Person' } }],
    ['a role, which is a runtime field', { term: { 'audit.user.roles': '12' } }],
    ['an address that is not an IP address', { term: { 'audit.user.ip.keyword': 'fe80::1%eth0' } }],
    ['a pseudonym of an address', { prefix: { 'audit.user.ip.keyword': 'hmac-sha256:1:' } }],
    ['a word of the message', { match: { 'audit.message': 'person' } }],
    ['the type of a target', { term: { 'audit.target.type': 'Person' } }],
    ['the id of a target', { term: { 'audit.target.id': '7' } }],
    ['the path of a change, which is a runtime field', { term: { 'audit.changes.path': 'changed' } }],
    ['a value of a change', { term: { 'audit.changes.to': 'text' } }],
    ['a custom field', { term: { 'audit.attributes.value': '7' } }],
    ['a value of the request body', { term: { 'audit.request_body.foo': '1' } }],
    ['the whole reason', { term: { 'audit.reason.keyword': 'text' } }],
    ['what was denied', { term: { 'audit.outcome': 'denied' } }],
  ])('%s', async (_name, query) => {
    const { hits } = await send('POST', 'logs-http_audit-test/_search', { query })
    expect(hits.total.value).toBeGreaterThan(0)
  })
})

describe('the model and the server accept the same documents', () => {
  const templates: [string, IndexTemplate][] = [
    ['the template for audit', readTemplate('audit')],
    ...BAD_TEMPLATES.map(([name, template]): [string, IndexTemplate] => [name, template]),
    ['no template', { ...readTemplate('audit'), template: { settings: {}, mappings: {} } }],
  ]
  test.each(templates)('%s', async (_name, template) => {
    const indexName = `model-${Math.random().toString(36).slice(2)}`
    const { settings, mappings } = installable(template).template
    await put(indexName, { settings, mappings })
    const model = new ModelIndex(template)
    const documents = [...hostileDocuments('audit'), ...OTHER_DOCUMENTS]
    const differences: unknown[] = []
    for (const [index, [name, document]] of documents.entries()) {
      const actual = await create(indexName, String(index), document, false)
      const expected = rejectionOf(model, document)
      if ((actual === '') !== (expected === '')) differences.push([name, expected, actual])
    }
    expect(differences).toEqual([])
  })
})

/** Documents that are not audit records, for rules that no audit record violates. */
const OTHER_DOCUMENTS: [string, object][] = [
  { a: 1, 'a.b': 2 },
  { b: { c: 1 } },
  { b: 'text' },
  { '': 1 },
  { '..': 1 },
  { 'x..y': 1 },
  { when: '2026-11-24' },
  { when: 'soon' },
  { audit: 'text' },
  { audit: { http_request: 'text' } },
  { audit: { user: { ip: { v4: '192.0.2.7' } } } },
  { audit: { filter: { kwargs: { 'a\0b': 1 } } } },
].map((document) => [JSON.stringify(document), document])

function rejectionOf(model: ModelIndex, document: object): string {
  try {
    model.index(document)
    return ''
  } catch (error) {
    if (error instanceof Rejected) return error.message
    throw error
  }
}

/** The template without the features that are missing in this server: lifecycle policies and some types. */
function installable(template: IndexTemplate): IndexTemplate {
  const copy = structuredClone(template)
  delete copy.template.settings['index.lifecycle.name']
  substituteTypes(copy.template.mappings)
  return copy
}

function substituteTypes(mapping: Mapping): void {
  if (mapping.type) mapping.type = SUBSTITUTE_TYPES[mapping.type] ?? mapping.type
  for (const property of Object.values(mapping.properties ?? {})) substituteTypes(property)
}

async function fields(stream: string): Promise<string[]> {
  const { fields } = await send('GET', `${stream}/_field_caps?fields=*&filters=-metadata`)
  return Object.keys(fields).sort()
}

/** Returns an empty string if the document is accepted, otherwise the error. */
async function create(stream: string, id: string, document: object, isStream = true): Promise<string> {
  const body = isStream ? { '@timestamp': NOW, ...document } : document
  const response = await send('PUT', `${stream}/_create/${id}?refresh=true`, body)
  return response.error === undefined ? '' : JSON.stringify(response.error)
}

async function put(path: string, body: object): Promise<void> {
  expect(await send('PUT', path, body)).toMatchObject({ acknowledged: true })
}

// biome-ignore lint/suspicious/noExplicitAny: the JSON of any response
async function send(method: string, path: string, body?: object): Promise<any> {
  const response = await fetch(`${process.env.ELASTICSEARCH_URL}/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  return response.json()
}
