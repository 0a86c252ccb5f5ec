// The template for the format 'ecs' has exactly the fields that the format writes, with the types of ECS.
import { describe, expect, test } from '@jest/globals'
import { SEALED_ECS } from '#src/evidence/sealed-formats/ecs.js'
import { draftTemplate, finishTemplate, sealLine } from '#src/evidence/sealed-line.js'
import { formatEcs } from '#src/formats/ecs.js'
import { AuditLogger } from '#src/logger/audit-logger.js'
import { memory } from '#src/sinks/memory.js'
import { COMPLETE_RECORD } from './complete-record.js'
import { fieldsOf, type IndexTemplate, type Mapping } from './elasticsearch-model.js'
import { readTemplate } from './templates.js'

const RECORD = {
  ...COMPLETE_RECORD,
  http_request: { ...COMPLETE_RECORD.http_request, url: 'https://example.org:8443/a?b=c' },
  http_response: { ...COMPLETE_RECORD.http_response, headers: { date: 'today' } },
  user: { ...COMPLETE_RECORD.user, roles: ['reader'], id: `hmac-sha256:1:${'a'.repeat(64)}` },
  outcome: 'denied' as const,
  target: [{ type: 'User', id: '2' }],
  filter: { ...COMPLETE_RECORD.filter, kwargs: { id: 1 } },
}
/** Two records, because no record has all fields: a URL is absolute or not, and roles are a list of names or not. */
const RECORDS = [
  RECORD,
  {
    ...RECORD,
    http_request: { ...RECORD.http_request, url: '/a' },
    user: {
      ...RECORD.user,
      roles: { a: 1 },
      on_behalf_of: { ...RECORD.user.on_behalf_of, roles: { a: 1 } },
    },
  },
]

describe("the template for the format 'ecs'", () => {
  const template = readTemplate('ecs')

  test('has exactly the fields that the format writes', () => {
    const written = RECORDS.flatMap((record) => {
      const draft = draftTemplate(formatEcs(record), SEALED_ECS, record.run)
      const { line } = sealLine(finishTemplate(draft), 0)
      return leavesOf(JSON.parse(line), template)
    })
    expect([...new Set(written)].sort()).toEqual(fieldsOf(template.template.mappings).sort())
  })

  test('has the types of ECS', () => {
    const { EcsFlat } = require('@elastic/ecs') as { EcsFlat: Record<string, { type: string }> }
    const ecsFields = fieldsOf(template.template.mappings).filter((path) => !path.startsWith('Audit.'))
    expect(ecsFields.length).toBeGreaterThan(40)
    for (const path of ecsFields) expect([path, typeOf(template, path)]).toEqual([path, EcsFlat[path]?.type])
  })

  test('puts fields that are not in ECS under Audit', () => {
    const sink = memory()
    new AuditLogger({ format: 'ecs', sink }).sendLog()
    expect(sink.last()).toHaveProperty('Audit')
    expect(Object.keys(template.template.mappings.properties ?? {})).toContain('Audit')
  })
})

/** Paths of all values. A value that the template maps without properties has one path. */
function leavesOf(value: unknown, template: IndexTemplate, path = ''): string[] {
  const isLeaf = path !== '' && mappingAt(template, path)?.properties === undefined
  if (!isLeaf && Array.isArray(value)) return leavesOf(value[0], template, path)
  if (isLeaf || typeof value !== 'object' || value === null || Array.isArray(value)) return [path]
  return Object.entries(value).flatMap(([name, item]) =>
    leavesOf(item, template, path === '' ? name : `${path}.${name}`),
  )
}

function mappingAt({ template }: IndexTemplate, path: string): Mapping | undefined {
  return path
    .split('.')
    .reduce<Mapping | undefined>((mapping, name) => mapping?.properties?.[name], template.mappings)
}

function typeOf(template: IndexTemplate, path: string): string | undefined {
  return mappingAt(template, path)?.type
}
