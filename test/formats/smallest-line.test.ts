// The smallest maxRecordBytes that an option accepts has room for the longest service and host, whatever a record contains.
import { hostname } from 'node:os'
import { describe, expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import type { RecordDraft } from '#src/record/record-draft.js'
import { arbitraryDraft, formatDrafts } from '../helpers/record-arbitraries.js'
import { repetitions } from '../helpers/slow.js'
import { schemaViolations } from './schema-violations.js'

/** The longest that the option accepts. */
const service = {
  name: 'é'.repeat(64),
  version: 'v'.repeat(128),
  environment: 'e'.repeat(128),
  nodeName: 'h'.repeat(128),
}

jest.mock('node:os', () => ({
  ...jest.requireActual<object>('node:os'),
  hostname: () => 'h'.repeat(64),
}))

const longText = fc
  .tuple(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom(0, 1, 200, 3000))
  .map(([text, length]) => `${text}${'"é'.repeat(length)}`)

/** Drafts with long texts wherever an application or a client chooses them. */
const longDraft: fc.Arbitrary<RecordDraft> = fc
  .tuple(arbitraryDraft, fc.array(longText, { minLength: 12, maxLength: 12 }))
  .map(([draft, texts]) => {
    const [a = '', b = '', c = '', d = '', e = '', f = '', g = '', h = '', i = '', j = '', k = '', l = ''] =
      texts
    const principal = {
      provider: a,
      realm: b,
      email: c,
      roles: [d],
      id: e,
      name: f,
      tenant: g,
      type: 'service' as const,
    }
    return {
      ...draft,
      http_request: { method: h, url: `https://example.org/${i}`, user_agent: j },
      user: { ...principal, authenticated: true, ip: k, on_behalf_of: { ...principal, via: [l, a] } },
      action: b,
      message: c,
    } as RecordDraft
  })

describe.each([
  ['audit', 2048],
  ['ecs', 2560],
  ['ocsf', 2560],
] as const)('format %s with %i bytes', (format, maxRecordBytes) => {
  it('writes each record, valid and short enough', () => {
    const property = fc.property(longDraft, (draft) => {
      const [line = {}] = formatDrafts([draft], { format, service, maxRecordBytes })
      const json = JSON.stringify(line)
      expect(json).toContain(hostname())
      expect(json).toContain(service.nodeName)
      expect(Buffer.byteLength(json)).toBeLessThan(maxRecordBytes)
      expect(schemaViolations[format](JSON.parse(json))).toEqual([])
    })
    fc.assert(property, { numRuns: repetitions(40, 200) })
  })
})
