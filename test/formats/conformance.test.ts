// Validates lines of every format against the schema of that format.
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { BUILT_IN_FORMATS, type FormatName } from '#src/formats/built-in-formats.js'
import type { AuditLoggerOptions } from '#src/options/options.js'
import { AUDITED_ACTIONS } from '#src/record/record.js'
import type { RecordDraft } from '#src/record/record-draft.js'
import { arbitraryDraft, formatDrafts, variedDrafts } from '../helpers/record-arbitraries.js'
import { repetitions } from '../helpers/slow.js'
import { FORMAT_NAMES, type Line, schemaViolations } from './schema-violations.js'

/** Values of the maximum length. */
const service = {
  name: 'n'.repeat(128),
  version: 'v'.repeat(128),
  environment: 'e'.repeat(128),
  nodeName: 'h'.repeat(128),
}
type Case = [title: string, format: FormatName, options: AuditLoggerOptions]
const CASES = FORMAT_NAMES.flatMap((format): Case[] => {
  const minimal: Case = [format, format, {}]
  return BUILT_IN_FORMATS[format].hasService
    ? [minimal, [`${format} with the option service`, format, { service }]]
    : [minimal]
})

describe.each(CASES)('format %s', (_title, format, options) => {
  const violationsOf = schemaViolations[format]
  const drafts = variedDrafts()

  it('matches the schema for at least 300 varied records: every ending with every level and user', () => {
    const lines = formatDrafts(drafts, { ...options, format })
    expect(lines.length).toBeGreaterThanOrEqual(300)
    expect(describeViolations(lines, violationsOf)).toEqual([])
  })

  it.each([2560, 4096])('matches the schema when records are shortened to %i bytes', (maxRecordBytes) => {
    const some = drafts.filter((_, index) => index % repetitions(5, 1) === 0)
    const lines = formatDrafts(some, { ...options, format, maxRecordBytes })
    expect(lines).toHaveLength(some.length)
    expect(describeViolations(lines, violationsOf)).toEqual([])
    const sizes = lines.map((line) => Buffer.byteLength(JSON.stringify(line)))
    expect(Math.max(...sizes)).toBeLessThan(maxRecordBytes)
  })

  it('matches the schema for random records', () => {
    const property = fc.property(arbitraryDraft, fc.constantFrom(2560, 16_384), (draft, maxRecordBytes) => {
      const [line = {}] = formatDrafts([draft], { ...options, format, maxRecordBytes })
      expect(violationsOf(line)).toEqual([])
    })
    fc.assert(property, { numRuns: repetitions(30, 100) })
  })
})

describe.each(['ecs', 'ocsf'] as const)('format %s', (format) => {
  const [complete] = variedDrafts().filter(
    ({ user, stage }) => user?.email === 'a.b@example.org' && stage === null,
  )
  const methods = [null, 'GET', 'POST', 'PATCH', 'DELETE', 'PURGE', '']
  const stages = [null, 'received', 'completed', 'corrected'] as const
  const endings = [null, 'completed', 'crashed'] as const
  const errors = [null, { name: 'Error', message: 'no' }]

  it.each(methods)(
    'keeps the rules between fields for every combination of facts with the method %p',
    (method) => {
      const drafts = [null, ...AUDITED_ACTIONS].flatMap((action) =>
        [null, 200, 403, 404, 500].flatMap((status_code) =>
          errors.flatMap((error) =>
            stages.flatMap((stage) =>
              endings.map(
                (ended): RecordDraft => ({
                  ...(complete as RecordDraft),
                  http_request: method === null ? null : { method, url: 'https://h/', user_agent: '' },
                  http_response: { status_code, reason: null, headers: null },
                  ...{ action, error, stage, ended, type: null, sequence: null },
                }),
              ),
            ),
          ),
        ),
      )
      const lines = formatDrafts(drafts, { format })
      expect(describeViolations(lines, schemaViolations[format])).toEqual([])
    },
  )
})

describe('the schema validators', () => {
  const [fullDraft] = variedDrafts().filter(
    ({ user, stage }) => user?.email === 'a.b@example.org' && stage === null,
  )
  const draft = {
    ...(fullDraft as RecordDraft),
    http_request: { method: 'GET', url: 'https://api.example.org:8080/persons?q=1', user_agent: 'curl' },
    http_response: { status_code: 200, reason: 'OK', headers: { etag: '1' } },
    filter: { object: 'Person', kwargs: { q: 1 } },
    action: null,
    notes: [{ type: 'INFO' as const, message: 'n' }],
    error: { name: 'Error', message: 'e' },
    lost: { count: 3, from_seq: 1, to_seq: 3 },
    trace_id: 'c'.repeat(32),
    duration_ms: 12.345,
    detail: 'full' as const,
  }

  it.each(FORMAT_NAMES)('accept the unchanged %s line of the next test', (format) => {
    const [line = {}] = formatDrafts([draft], { format })
    expect(schemaViolations[format](line)).toEqual([])
  })

  // The value `undefined` removes the property.
  it.each<[format: FormatName, path: string, value: unknown]>([
    ['audit', '/audit/type', 'LOUD'],
    ['audit', '/audit/ended', 'finished'],
    ['audit', '/audit/outcome', undefined],
    ['audit', '/audit/results', undefined],
    ['audit', '/audit/seq', '1'],
    ['audit', '/audit/seq', 0],
    ['audit', '/audit/id', 'x'],
    ['audit', '/audit/duration_ms', '12'],
    ['audit', '/audit/stage', null],
    ['audit', '/audit/user/authenticated', '[REDACTED]'],
    ['audit', '/audit/http_response/status_code', '200'],
    ['audit', '/audit/http_request/user_agent', undefined],
    ['audit', '/audit/lost/count', undefined],
    ['audit', '/audit/more', 1],
    ['audit', '/audit', undefined],
    ['datapunt', '/audit/type', 'LOUD'],
    ['datapunt', '/audit/id', 'x'],
    ['datapunt', '/audit/user/provider', 'keycloak'],
    ['datapunt', '/audit/filter', undefined],
    ['ecs', '/@timestamp', undefined],
    ['ecs', '/@timestamp', 0],
    ['ecs', '/log.level', undefined],
    ['ecs', '/log', { level: 'info' }],
    ['ecs', '/event/kind', 'audit'],
    ['ecs', '/event/kind', ['event']],
    ['ecs', '/event/category', 'web'],
    ['ecs', '/event/category', ['api', 'audit']],
    ['ecs', '/event/category', ['session']],
    ['ecs', '/event/type', ['login']],
    ['ecs', '/event/type', ['installation']],
    ['ecs', '/event/category', ['web', 'session']],
    ['ecs', '/event/type', ['creation']],
    ['ecs', '/event/type', []],
    ['ecs', '/event/type', ['access', 'access']],
    ['ecs', '/event/end', '2026-11-24T09:31:00.123Z'],
    ['ecs', '/related/ip', ['192.0.2.99']],
    ['ecs', '/Audit/notes', [{ type: 'INFO', message: 1 }]],
    ['ecs', '/event/outcome', 'ok'],
    ['ecs', '/event/duration', 1.5],
    ['ecs', '/event/duration', '1'],
    ['ecs', '/event/more', 1],
    ['ecs', '/client/ip', 'unknown'],
    ['ecs', '/client/ip', 'fe80::1%eth0'],
    ['ecs', '/related/ip', '192.0.2.7'],
    ['ecs', '/http/request/headers', { etag: '1' }],
    ['ecs', '/http/response', 200],
    ['ecs', '/http/response/status_code', '200'],
    ['ecs', '/user/roles', { admin: true }],
    ['ecs', '/user', {}],
    ['ecs', '/trace', null],
    ['ecs', '/more', 1],
    ['ecs', '/Audit/filter/kwargs', 'a text'],
    ['ecs', '/Audit/response/headers', ['a']],
    ['ecs', '/Audit/more', 1],
    ['ocsf', '/class_uid', 6002],
    ['ocsf', '/category_uid', 4],
    ['ocsf', '/type_uid', 600301],
    ['ocsf', '/activity_id', 5],
    ['ocsf', '/activity_name', 'Create'],
    ['ocsf', '/severity_id', 7],
    ['ocsf', '/severity_id', undefined],
    ['ocsf', '/status_id', '1'],
    ['ocsf', '/status_id', 1],
    ['ocsf', '/status_code', '404'],
    ['ocsf', '/severity_id', 4],
    ['ocsf', '/end_time', 7],
    ['ocsf', '/status', 'Good'],
    ['ocsf', '/time', '2026-11-24T09:30:00.123Z'],
    ['ocsf', '/time', undefined],
    ['ocsf', '/metadata/product', undefined],
    ['ocsf', '/metadata/product/name', undefined],
    ['ocsf', '/metadata/profiles', undefined],
    ['ocsf', '/actor', undefined],
    ['ocsf', '/actor/user', undefined],
    ['ocsf', '/actor/user/email_addr', 'nobody'],
    ['ocsf', '/api/operation', undefined],
    ['ocsf', '/src_endpoint/ip', undefined],
    ['ocsf', '/src_endpoint/ip', 'unknown'],
    ['ocsf', '/http_request/http_method', 'PURGE'],
    ['ocsf', '/http_request/url/port', 99_999],
    ['ocsf', '/http_response/code', undefined],
    ['ocsf', '/http_response/http_headers', { etag: '1' }],
    ['ocsf', '/http_response/message', 'OK'],
    ['ocsf', '/unmapped', 'more'],
    ['ocsf', '/more', 1],
  ])('reject a line of %s with %s set to %p', (format, path, value) => {
    const [line = {}] = formatDrafts([draft], { format })
    setAt(line, path, value)
    expect(schemaViolations[format](line)).not.toEqual([])
  })
})

/** The first violations with their lines. Only these are compared, because lines are large. */
function describeViolations(lines: readonly Line[], violationsOf: (line: Line) => string[]): unknown[] {
  return lines.flatMap((line) => violationsOf(line).map((violation) => [violation, line])).slice(0, 3)
}

function setAt(line: Line, path: string, value: unknown): void {
  const names = path.slice(1).split('/')
  const last = names.pop() as string
  const parent = names.reduce((object, name) => object[name] as Line, line)
  if (value === undefined) expect(parent).toHaveProperty([last])
  parent[last] = value
  if (value === undefined) delete parent[last]
}
