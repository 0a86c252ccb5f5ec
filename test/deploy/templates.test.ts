// The templates name each field of a record, and nothing else.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { formatAudit } from '#src/formats/audit.js'
import { formatDatapunt } from '#src/formats/datapunt.js'
import { fieldsOf, type IndexTemplate, type Mapping } from '../helpers/elasticsearch-model.js'
import { COMPLETE_RECORD } from './complete-record.js'
import { DEPLOY, readJson, readTemplate } from './templates.js'

describe('the template has each field of the record, and no other', () => {
  it.each([
    ['audit', formatAudit],
    ['datapunt', formatDatapunt],
  ] as const)('%s', (name, format) => {
    expect(coveredBy(readTemplate(name))).toEqual(leavesOf(format(COMPLETE_RECORD)))
  })

  const schema = resolve(DEPLOY, '../schema.json')
  test('and each of the JSON Schema', () => {
    const { $defs, properties } = JSON.parse(readFileSync(schema, 'utf8'))
    expect(leavesOfSchema({ properties }, $defs)).toEqual(coveredBy(readTemplate('audit')))
  })

  test('and the test would see one that is missing, or one too many', () => {
    const template = readTemplate('audit')
    const audit = template.template.mappings.properties?.audit as Required<Mapping>
    delete audit.properties.route
    expect(coveredBy(template)).not.toContain('audit.route')
    audit.properties.surplus = { type: 'keyword' }
    expect(coveredBy(template)).toContain('audit.surplus')
  })
})

describe.each(['audit', 'datapunt', 'ecs'])('the template for %s', (name) => {
  const template = readTemplate(name)
  const { mappings, settings, data_stream_options } = template.template

  test('makes no field of a name that it does not know, at any depth, and refuses none', () => {
    const dynamics = [mappings, ...below(mappings)]
      .filter((mapping) => mapping.properties)
      .map(({ dynamic }) => dynamic)
    expect(dynamics.length).toBeGreaterThan(3)
    expect(new Set(dynamics)).toEqual(new Set([false]))
    expect(mappings.date_detection).toBe(false)
  })

  test('has a limit for each value that is one term', () => {
    for (const { type, ignore_above = Number.POSITIVE_INFINITY } of below(mappings)) {
      // In characters; one has at most 3 bytes of UTF-8 for each that Java counts.
      if (type === 'keyword' || type === 'wildcard') expect(ignore_above * 3).toBeLessThan(32_766)
      // Its key stands before the value, of which a line of 16 KiB leaves this much.
      if (type === 'flattened') expect(ignore_above * 3 + 16_384).toBeLessThan(32_766)
    }
  })

  test('keeps what has the wrong type, and what is refused all the same', () => {
    expect(settings['index.mapping.ignore_malformed']).toBe(true)
    expect(data_stream_options?.failure_store.enabled).toBe(true)
  })

  test('has the lifecycle policy, and comes before the template for logs-*-*', () => {
    expect(settings['index.lifecycle.name']).toBe('http-audit-log')
    expect(template.priority).toBeGreaterThan(100)
    expect(template.index_patterns).toHaveLength(1)
    expect(template.index_patterns[0]).toMatch(/^logs-http_audit(?:_\w+)?-\*$/)
    expect(template._meta.settings_from.length).toBeGreaterThan(0)
  })
})

test('no data stream is of two templates', () => {
  const patterns = ['audit', 'datapunt', 'ecs'].map((name) => readTemplate(name).index_patterns[0] ?? '')
  const streams = patterns.map((pattern) => pattern.replace('*', 'default'))
  for (const stream of streams) {
    const matching = patterns.filter((pattern) => stream.startsWith(pattern.slice(0, -1)))
    expect([stream, matching.length]).toEqual([stream, 1])
  }
})

test('the lifecycle policy rolls over before it deletes, and deletes nothing before five years', () => {
  const { policy } = readJson('elasticsearch/lifecycle-policy.json')
  expect(Object.keys(policy.phases)).toEqual(['hot', 'warm', 'delete'])
  expect(policy.phases.hot.actions.rollover).toEqual({ max_age: '30d', max_primary_shard_size: '50gb' })
  expect(Number.parseInt(policy.phases.delete.min_age, 10)).toBeGreaterThanOrEqual(5 * 365)
})

/** Fields and runtime fields; of what is mapped as a whole, only the whole. */
function coveredBy({ template: { mappings } }: IndexTemplate): string[] {
  const fields = [...fieldsOf(mappings), ...Object.keys(mappings.runtime ?? {})]
  const wholes = fieldsOf(mappings).filter((path) => typeAt(mappings, path) === 'flattened')
  return fields
    .flatMap((path) => (wholes.includes(path) ? [`${path}.object`, `${path}.kwargs`] : [path]))
    .filter((path, index, all) => path !== '@timestamp' && all.indexOf(path) === index)
    .sort()
}

function typeAt(mappings: Mapping, path: string): string | undefined {
  return path.split('.').reduce<Mapping | undefined>((at, name) => at?.properties?.[name], mappings)?.type
}

function below({ properties, fields }: Mapping): Mapping[] {
  return Object.values({ ...properties, ...fields }).flatMap((mapping) => [mapping, ...below(mapping)])
}

interface Schema {
  $ref?: string
  anyOf?: Schema[]
  properties?: Record<string, Schema>
}

/** As far as the schema knows the names: what may be any JSON is a leaf. */
function leavesOfSchema(schema: Schema, definitions: Record<string, Schema>, path = ''): string[] {
  const { $ref, properties } = schema.anyOf?.find((each) => each.$ref) ?? schema
  const named = $ref === undefined ? properties : definitions[$ref.slice('#/$defs/'.length)]?.properties
  if (named === undefined) return [path]
  return Object.entries(named)
    .flatMap(([name, each]) => leavesOfSchema(each, definitions, path === '' ? name : `${path}.${name}`))
    .sort()
}

function leavesOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value)
    .flatMap(([name, item]) => leavesOf(item, path === '' ? name : `${path}.${name}`))
    .sort()
}
