// The template for the format 'ecs': each field that the format writes, no other, and each with the type of ECS.
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { AuditLogger } from '../../src/audit-logger.js'
import { memory } from '../../src/sinks/memory.js'
import { fieldsOf, type IndexTemplate, type Mapping } from '../helpers/elasticsearch-model.js'
import { readTemplate } from './templates.js'

/** Template and format may come in any order. */
const isThere = existsSync(resolve(__dirname, '../../src/formats/ecs.ts'))
const whenThere = isThere ? describe : describe.skip

const RECORD = {
  http_request: { method: 'GET', url: 'https://example.org:8443/a?b=c', user_agent: 'Test' },
  http_response: { status_code: 200, reason: 'OK', headers: { date: 'today' } },
  user: {
    authenticated: true,
    provider: 'keycloak',
    realm: 'employees',
    email: 'a.b@example.org',
    roles: ['reader'] as unknown,
    ip: '192.0.2.7',
    id: `hmac-sha256:1:${'a'.repeat(64)}`,
  },
  filter: { object: 'Person', kwargs: { id: 1 } },
  results: 'anything',
  type: 'INFO',
  message: 'List Person',
  time: '2026-11-24T09:30:00.123Z',
  duration_ms: 12.345,
  outcome: 'success',
  ended: 'completed',
  stage: 'completed',
  error: { name: 'Error', message: 'no' },
  lost: { count: 1, from_seq: 2, to_seq: 2 },
  truncated: ['results'],
  route: '/persons',
  request_id: '0f6bbe1c-5d3e-4c5c-9f6e-2f0c5a4c9d11',
  trace_id: '0af7651916cd43dd8448eb211c80319c',
  span_id: 'b7ad6b7169203331',
  run: 'a5acfa68-5306-451a-91bb-d7882244dde5',
  seq: 1,
  id: 'a5acfa68-5306-451a-91bb-d7882244dde5-1',
}
/** No record has all fields: a URL is absolute or not, and roles are a list of names or something else. */
const RECORDS = [
  RECORD,
  {
    ...RECORD,
    http_request: { ...RECORD.http_request, url: '/a' },
    user: { ...RECORD.user, roles: { a: 1 } },
  },
]
const SERVICE = { name: 'persons', version: '1', environment: 'test', nodeName: 'one' }

whenThere("the template for the format 'ecs'", () => {
  const template = readTemplate('ecs')

  test('has each field that the format writes, and no other', () => {
    const { formatEcs } = require('../../src/formats/ecs') as {
      formatEcs: (record: unknown, service: unknown) => object
    }
    const written = RECORDS.flatMap((record) =>
      leavesOf(JSON.parse(JSON.stringify(formatEcs(record, SERVICE))), template),
    )
    expect([...new Set(written)].sort()).toEqual(fieldsOf(template.template.mappings).sort())
  })

  test('has them as ECS has them', () => {
    const { EcsFlat } = require('@elastic/ecs') as { EcsFlat: Record<string, { type: string }> }
    const ofEcs = fieldsOf(template.template.mappings).filter((path) => !path.startsWith('Audit.'))
    expect(ofEcs.length).toBeGreaterThan(40)
    for (const path of ofEcs) expect([path, typeOf(template, path)]).toEqual([path, EcsFlat[path]?.type])
  })

  test('has no name of ECS for what is ours', () => {
    const sink = memory()
    new AuditLogger({ format: 'ecs' as 'audit', sink }).sendLog()
    expect(sink.last()).toHaveProperty('Audit')
    expect(Object.keys(template.template.mappings.properties ?? {})).toContain('Audit')
  })
})

/** Paths of values; what is mapped as a whole is one. */
function leavesOf(value: unknown, template: IndexTemplate, path = ''): string[] {
  const isWhole = path !== '' && mappingAt(template, path)?.properties === undefined
  if (isWhole || typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value).flatMap(([name, item]) =>
    leavesOf(item, template, path === '' ? name : `${path}.${name}`),
  )
}

function mappingAt({ template }: IndexTemplate, path: string): Mapping | undefined {
  return path.split('.').reduce<Mapping | undefined>((at, name) => at?.properties?.[name], template.mappings)
}

function typeOf(template: IndexTemplate, path: string): string | undefined {
  return mappingAt(template, path)?.type
}
