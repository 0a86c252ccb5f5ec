// Not part of `npm test`: `scripts/elasticsearch/run.sh` starts a real Elasticsearch and runs this against it.
import { beforeAll, describe, expect, jest, test } from '@jest/globals'
import { type IndexTemplate, type Mapping, ModelIndex, Refused } from '../helpers/elasticsearch-model.js'
import { BAD_TEMPLATES } from './bad-templates.js'
import { hostileDocuments } from './hostile-records.js'
import { FORMATS_WITH_TEMPLATE, readTemplate } from './templates.js'

const NOW = '2026-11-24T09:30:00.123Z'
/** What the modules that are not on Maven Central bring, and what stands in for it here. */
const STAND_INS: Record<string, string> = { wildcard: 'keyword', match_only_text: 'text' }

jest.setTimeout(120_000)

beforeAll(async () => {
  expect(process.env).toHaveProperty('ELASTICSEARCH_URL')
})

describe.each(FORMATS_WITH_TEMPLATE)('the template for %s', (format) => {
  const stream = `logs-${readTemplate(format).index_patterns[0]?.split('-')[1]}-test`

  test('makes a data stream that takes every hostile record, and gets no field from them', async () => {
    await put(`_index_template/${format}`, installable(readTemplate(format)))
    const documents = hostileDocuments(format)
    const first = documents[0]?.[1] ?? {}
    expect(await create(stream, 'first', first)).toBe('')
    const before = await fields(stream)
    for (const [index, [name, document]] of documents.entries()) {
      expect([name, await create(stream, `document-${index}`, document)]).toEqual([name, ''])
    }
    expect(await fields(stream)).toEqual(before)
    expect(await ask('GET', `${stream}/_count`)).toMatchObject({ count: documents.length + 1 })
  })

  test('has one document of a record that comes twice', async () => {
    const [, document] = hostileDocuments(format)[0] ?? []
    expect(await create(stream, 'first', document ?? {})).toMatch(/version_conflict/)
  })
})

describe('what is found again', () => {
  test.each([
    ['a value of the filter', { term: { 'audit.filter.kwargs.foo': '1' } }],
    ['a filter that is a text', { term: { 'audit.filter.kwargs': 'text' } }],
    ['what it was about', { term: { 'audit.filter.object': 'Person' } }],
    ['a role, which is a runtime field', { term: { 'audit.user.roles': '12' } }],
    ['an address that is none', { term: { 'audit.user.ip.keyword': 'fe80::1%eth0' } }],
    ['a pseudonym of an address', { prefix: { 'audit.user.ip.keyword': 'hmac-sha256:1:' } }],
    ['a word of the message', { match: { 'audit.message': 'person' } }],
  ])('%s', async (_name, query) => {
    const { hits } = await ask('POST', 'logs-http_audit-test/_search', { query })
    expect(hits.total.value).toBeGreaterThan(0)
  })
})

describe('the model and the real one agree', () => {
  const templates: [string, IndexTemplate][] = [
    ['the template for audit', readTemplate('audit')],
    ...BAD_TEMPLATES.map(([name, template]): [string, IndexTemplate] => [name, template]),
    ['no template', { ...readTemplate('audit'), template: { settings: {}, mappings: {} } }],
  ]
  test.each(templates)('%s', async (_name, template) => {
    const name = `model-${Math.random().toString(36).slice(2)}`
    const { settings, mappings } = installable(template).template
    await put(name, { settings, mappings })
    const model = new ModelIndex(template)
    const documents = [...hostileDocuments('audit'), ...PLAIN]
    const differences: unknown[] = []
    for (const [index, [what, document]] of documents.entries()) {
      const said = await create(name, String(index), document, false)
      const expected = refusal(model, document)
      if ((said === '') !== (expected === '')) differences.push([what, expected, said])
    }
    expect(differences).toEqual([])
  })
})

/** Documents that are not ours, for the rules that ours never meet. */
const PLAIN: [string, object][] = [
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

function refusal(model: ModelIndex, document: object): string {
  try {
    model.index(document)
    return ''
  } catch (error) {
    if (error instanceof Refused) return error.message
    throw error
  }
}

/** Without what this Elasticsearch, which is the server alone, does not know: lifecycle policies and some types. */
function installable(template: IndexTemplate): IndexTemplate {
  const copy = structuredClone(template)
  delete copy.template.settings['index.lifecycle.name']
  standIn(copy.template.mappings)
  return copy
}

function standIn(mapping: Mapping): void {
  if (mapping.type) mapping.type = STAND_INS[mapping.type] ?? mapping.type
  for (const below of Object.values(mapping.properties ?? {})) standIn(below)
}

async function fields(stream: string): Promise<string[]> {
  const { fields } = await ask('GET', `${stream}/_field_caps?fields=*&filters=-metadata`)
  return Object.keys(fields).sort()
}

/** '' where it is taken, else why it is not. */
async function create(stream: string, id: string, document: object, isStream = true): Promise<string> {
  const body = isStream ? { '@timestamp': NOW, ...document } : document
  const answer = await ask('PUT', `${stream}/_create/${id}?refresh=true`, body)
  return answer.error === undefined ? '' : JSON.stringify(answer.error)
}

async function put(path: string, body: object): Promise<void> {
  expect(await ask('PUT', path, body)).toMatchObject({ acknowledged: true })
}

// biome-ignore lint/suspicious/noExplicitAny: whatever Elasticsearch answers
async function ask(method: string, path: string, body?: object): Promise<any> {
  const answer = await fetch(`${process.env.ELASTICSEARCH_URL}/${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  })
  return answer.json()
}
