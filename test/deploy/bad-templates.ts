// Index templates with a mistake, and the error with which Elasticsearch would reject one of the hostile records.
import type { IndexTemplate, Mapping } from './elasticsearch-model.js'
import { readTemplate } from './templates.js'

const FLATTENED = { type: 'flattened', ignore_above: 1024, depth_limit: 64 }

export const BAD_TEMPLATES: [name: string, template: IndexTemplate, reason: RegExp][] = [
  ['dynamic: true, so that names from clients become fields', withDynamic(true), /audit\.user\.roles/],
  ['dynamic: strict', withDynamic('strict'), /dynamic is strict/],
  [
    'the filter as an object with dynamic fields',
    withPart('filter', { type: 'object', dynamic: true }),
    /filter\.kwargs/,
  ],
  [
    'only kwargs as flattened, which rejects a scalar',
    withPart('filter', { type: 'object', properties: { kwargs: FLATTENED } }),
    /filter\.kwargs: flattened takes an object/,
  ],
  [
    'flattened without ignore_above',
    withPart('filter', { type: 'flattened', depth_limit: 64 }),
    /one term of/,
  ],
  [
    'ignore_above without room for the key',
    withPart('filter', { ...FLATTENED, ignore_above: 8191 }),
    /one term of/,
  ],
  ['a low depth_limit', withPart('filter', { ...FLATTENED, depth_limit: 10 }), /depth_limit/],
  [
    'the values of changes as flattened, which rejects a scalar',
    withPart('changes', { type: 'object', properties: { from: FLATTENED, to: FLATTENED } }),
    /changes\.(?:from|to): flattened takes an object/,
  ],
  [
    'the values of changes as dynamic fields',
    withPart('changes', { type: 'object', dynamic: true }),
    /audit\.changes/,
  ],
  [
    'custom fields as dynamic fields',
    withPart('attributes', { type: 'object', dynamic: true }),
    /audit\.attributes/,
  ],
  [
    'custom fields with a low depth_limit',
    withPart('attributes', { ...FLATTENED, depth_limit: 10 }),
    /depth_limit/,
  ],
  ['results as an object', withPart('results', { type: 'object' }), /audit\.results/],
  [
    'results as a keyword',
    withPart('results', { type: 'keyword', ignore_above: 1024 }),
    /results: keyword takes no object/,
  ],
  [
    'headers as flattened',
    withPart('http_response', { type: 'object', properties: { headers: FLATTENED } }),
    /headers: flattened takes an object/,
  ],
  [
    'roles as a keyword',
    withPart('user', { type: 'object', properties: { roles: { type: 'keyword', ignore_above: 1024 } } }),
    /roles: keyword takes no object/,
  ],
  [
    'a url without ignore_above',
    withPart('http_request', { type: 'object', properties: { url: { type: 'keyword' } } }),
    /url: one term of/,
  ],
  ['no ignore_malformed, so that the address "unknown" is rejected', withSettings({}), /ip: no address/],
]

function withDynamic(dynamic: boolean | string): IndexTemplate {
  const template = readTemplate('audit')
  setDynamic(template.template.mappings, dynamic)
  return template
}

function setDynamic(mapping: Mapping, dynamic: boolean | string): void {
  if (mapping.dynamic !== undefined) mapping.dynamic = dynamic
  for (const property of Object.values(mapping.properties ?? {})) setDynamic(property, dynamic)
}

function withAudit(change: Mapping): IndexTemplate {
  const template = readTemplate('audit')
  Object.assign(template.template.mappings.properties?.audit ?? {}, change)
  return template
}

function withPart(name: string, mapping: Mapping): IndexTemplate {
  const properties = readTemplate('audit').template.mappings.properties?.audit?.properties
  return withAudit({ properties: { ...properties, [name]: mapping } })
}

function withSettings(settings: Record<string, unknown>): IndexTemplate {
  const template = readTemplate('audit')
  template.template.settings = settings
  return template
}
