// The index templates have exactly the fields of a record, and reject nothing.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { formatAudit } from '#src/formats/audit.js'
import { formatDatapunt } from '#src/formats/datapunt.js'
import { COMPLETE_RECORD } from './complete-record.js'
import { fieldsOf, type IndexTemplate, type Mapping } from './elasticsearch-model.js'
import { DEPLOY, readJson, readTemplate } from './templates.js'

describe('the template has exactly the fields of', () => {
  it.each([
    ['audit', formatAudit],
    ['datapunt', formatDatapunt],
  ] as const)('a record in the format %s', (name, format) => {
    expect(fieldsCoveredBy(readTemplate(name))).toEqual(leavesOf(format(COMPLETE_RECORD)))
  })

  const schema = resolve(DEPLOY, '../schema.json')
  test('schema.json', () => {
    const { $defs, properties } = JSON.parse(readFileSync(schema, 'utf8'))
    expect(leavesOfSchema({ properties }, $defs)).toEqual(fieldsCoveredBy(readTemplate('audit')))
  })

  test('a record: a missing or surplus field is detected', () => {
    const template = readTemplate('audit')
    const audit = template.template.mappings.properties?.audit as Required<Mapping>
    delete audit.properties.route
    expect(fieldsCoveredBy(template)).not.toContain('audit.route')
    audit.properties.surplus = { type: 'keyword' }
    expect(fieldsCoveredBy(template)).toContain('audit.surplus')
  })
})

describe.each(['audit', 'datapunt', 'ecs'])('the template for %s', (name) => {
  const template = readTemplate(name)
  const { mappings, settings, data_stream_options } = template.template

  test('neither maps nor rejects unknown names, at any depth', () => {
    const dynamics = [mappings, ...descendantsOf(mappings)]
      .filter((mapping) => mapping.properties)
      .map(({ dynamic }) => dynamic)
    expect(dynamics.length).toBeGreaterThan(3)
    expect(new Set(dynamics)).toEqual(new Set([false]))
    expect(mappings.date_detection).toBe(false)
  })

  test('limits the length of every value that is indexed as one term', () => {
    for (const { type, ignore_above = Number.POSITIVE_INFINITY } of descendantsOf(mappings)) {
      // ignore_above counts UTF-16 units, each of at most 3 bytes in UTF-8. Lucene's limit is 32,766 bytes.
      if (type === 'keyword' || type === 'wildcard') expect(ignore_above * 3).toBeLessThan(32_766)
      // The term is the key and the value. The key has at most 16 KiB, the length of a line.
      if (type === 'flattened') expect(ignore_above * 3 + 16_384).toBeLessThan(32_766)
    }
  })

  test('stores values of the wrong type, and rejected documents in the failure store', () => {
    expect(settings['index.mapping.ignore_malformed']).toBe(true)
    expect(data_stream_options?.failure_store.enabled).toBe(true)
  })

  test('uses the lifecycle policy, and takes precedence over the template for logs-*-*', () => {
    expect(settings['index.lifecycle.name']).toBe('http-audit-log')
    expect(template.priority).toBeGreaterThan(100)
    expect(template.index_patterns).toHaveLength(1)
    expect(template.index_patterns[0]).toMatch(/^logs-http_audit(?:_\w+)?-\*$/)
    expect(template._meta.settings_from.length).toBeGreaterThan(0)
  })
})

test('every data stream matches exactly one template', () => {
  const patterns = ['audit', 'datapunt', 'ecs'].map((name) => readTemplate(name).index_patterns[0] ?? '')
  const streams = patterns.map((pattern) => pattern.replace('*', 'default'))
  for (const stream of streams) {
    const matching = patterns.filter((pattern) => stream.startsWith(pattern.slice(0, -1)))
    expect([stream, matching.length]).toEqual([stream, 1])
  }
})

test('the lifecycle policy rolls over, and deletes records after at least five years', () => {
  const { policy } = readJson('elasticsearch/lifecycle-policy.json')
  expect(Object.keys(policy.phases)).toEqual(['hot', 'warm', 'delete'])
  expect(policy.phases.hot.actions.rollover).toEqual({ max_age: '30d', max_primary_shard_size: '50gb' })
  expect(Number.parseInt(policy.phases.delete.min_age, 10)).toBeGreaterThanOrEqual(5 * 365)
})

/** The fields of a record that the template maps as one flattened field. */
const FLATTENED: Readonly<Record<string, readonly string[]>> = {
  'audit.filter': ['audit.filter.object', 'audit.filter.kwargs'],
  'audit.changes': ['audit.changes.path', 'audit.changes.from', 'audit.changes.to'],
}
/** The field whose names the application chooses. */
const CUSTOM = 'audit.attributes'

/** Paths of the fields and runtime fields, with those inside a flattened field. */
function fieldsCoveredBy({ template: { mappings } }: IndexTemplate): string[] {
  const fields = [...fieldsOf(mappings), ...Object.keys(mappings.runtime ?? {})]
  return fields
    .flatMap((path) => (typeAt(mappings, path) === 'flattened' ? (FLATTENED[path] ?? [path]) : [path]))
    .filter((path, index, all) => path !== '@timestamp' && all.indexOf(path) === index)
    .sort()
}

function typeAt(mappings: Mapping, path: string): string | undefined {
  return path.split('.').reduce<Mapping | undefined>((mapping, name) => mapping?.properties?.[name], mappings)
    ?.type
}

function descendantsOf({ properties, fields }: Mapping): Mapping[] {
  return Object.values({ ...properties, ...fields }).flatMap((mapping) => [
    mapping,
    ...descendantsOf(mapping),
  ])
}

interface Schema {
  $ref?: string
  items?: Schema
  anyOf?: Schema[]
  properties?: Record<string, Schema>
}

/** Paths of all properties. A property that can be any JSON has one path. */
function leavesOfSchema(schema: Schema, definitions: Record<string, Schema>, path = ''): string[] {
  // Elasticsearch has no lists: the items of a list are fields of the list itself.
  const { $ref, properties } = schema.anyOf?.find((each) => each.$ref) ?? schema.items ?? schema
  const named = $ref === undefined ? properties : definitions[$ref.slice('#/$defs/'.length)]?.properties
  if (named === undefined) return [path]
  return Object.entries(named)
    .flatMap(([name, each]) => leavesOfSchema(each, definitions, path === '' ? name : `${path}.${name}`))
    .sort()
}

function leavesOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value) && typeof value[0] === 'object') return leavesOf(value[0], path)
  if (path === CUSTOM || typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value)
    .flatMap(([name, item]) => leavesOf(item, path === '' ? name : `${path}.${name}`))
    .sort()
}
