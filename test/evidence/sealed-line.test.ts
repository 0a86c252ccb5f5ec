// Sealed lines are checked against `canonicalize`, the reference of RFC 8785, and node:crypto alone.
import { createHash } from 'node:crypto'
import { describe, expect, it } from '@jest/globals'
import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { SEALED_FORMATS } from '#src/evidence/sealed-formats/index.js'
import type { JsonObject } from '#src/evidence/sealed-formats/sealed-format.js'
import { draftTemplate, finishTemplate, hashParsedLine, sealLine } from '#src/evidence/sealed-line.js'
import { SEAL_BYTES } from '#src/pipeline/render-line.js'
import { createDraft, type RecordDraft } from '#src/record/record-draft.js'
import type { JsonValue } from '#src/serialize/json-value.js'
import { memory } from '#src/sinks/memory.js'
import { arbitraryDraft, completeDraft, variedDrafts } from '../helpers/record-arbitraries.js'
import { createSealedPipeline, verifyLines } from '../helpers/seal.js'
import { repetitions } from '../helpers/slow.js'

const RUN = 'a5acfa68-5306-451a-91bb-d7882244dde5'
const FORMATS = ['audit', 'ecs', 'ocsf'] as const
type FormatName = (typeof FORMATS)[number]

/** What is in a line of each format and not sealed. Written down here once more, so that no member leaves the seal unnoticed. */
const NOT_SEALED: Record<FormatName, readonly string[]> = {
  audit: ['audit.id', 'audit.integrity.hash'],
  ecs: ['@timestamp', 'ecs\\.version', 'event.id', 'event.dataset', 'event.hash', 'host', 'related'],
  ocsf: ['metadata.uid', 'attestation_list.0.fingerprint.value'],
}

/** What each line has because of the seal. */
const ADDED: Record<FormatName, readonly string[]> = {
  audit: ['audit.integrity'],
  ecs: ['event.hash', 'Audit.integrity'],
  ocsf: ['attestation_list', 'metadata.profiles'],
}

function without(value: JsonObject, paths: readonly string[]): JsonObject {
  const copy = structuredClone(value)
  for (const path of paths) {
    const names = path.split(/(?<!\\)\./).map((name) => name.replace('\\', ''))
    const last = names.pop() as string
    let parent = copy as unknown as Record<string, unknown> | undefined
    for (const name of names) parent = parent?.[name] as Record<string, unknown> | undefined
    delete parent?.[last]
  }
  return copy
}

/** A member that is null is left out. Items of lists are not. */
function withoutNull(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutNull)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(kept.map(([name, member]) => [name, withoutNull(member as JsonValue)]))
}

function hashReference(line: string, format: FormatName): string {
  const entry = canonicalize(withoutNull(without(JSON.parse(line), NOT_SEALED[format])))
  return createHash('sha256')
    .update('\0')
    .update(entry as string)
    .digest('base64url')
}

const ESCAPED_BEYOND_JSON = /[\u007f-\u009f\u2028\u2029]/g

function canonicalizeLine(line: string): string {
  const escapeOne = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  return `${canonicalize(JSON.parse(line))?.replace(ESCAPED_BEYOND_JSON, escapeOne)}\n`
}

function expectSealed(line: string, format: FormatName, index: number, run = RUN): void {
  expect(line).toBe(canonicalizeLine(line))
  const parsed = JSON.parse(line)
  const hash = hashReference(line, format)
  expect(SEALED_FORMATS[format].readPlace(parsed)).toEqual({ run, index, hash })
  expect(hashParsedLine(parsed, SEALED_FORMATS[format])).toBe(hash)
}

function sealAudit(audit: object, index = 41): string {
  return sealLine(finishTemplate(draftAudit(audit)), index).line
}

function draftAudit(audit: object): string {
  return draftTemplate({ audit: { ...audit, run: RUN } }, SEALED_FORMATS.audit, RUN)
}

const HOSTILE_KEYS = [
  '__proto__',
  '10',
  '9',
  '',
  'a.b',
  '\ud800',
  '\udc00x',
  '\ufffd',
  '\u0000',
  'constructor',
  'toJSON',
  'id',
  'integrity',
  'hash',
]
const HOSTILE_TEXTS = [
  '\u0000\u0001\u0002\u0003',
  '\u0002a\u0003',
  '\\u0000 \\u0085 \\\\u2028 \u0085 \u2028 \u007f',
  '\ud800',
  'x\udc00y',
  '$& $1 $$',
  '\n\r\u0085\u2029',
  '\u{1f600}',
]
const HOSTILE_NUMBERS = [-0, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, 2 ** 53, 0.1 + 0.2]

const hostileValue: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      fc.constantFrom<JsonValue>(...HOSTILE_TEXTS, ...HOSTILE_NUMBERS, null, true),
      fc.string({ unit: 'binary' }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(
        fc.tuple(fc.oneof(fc.constantFrom(...HOSTILE_KEYS), fc.string({ unit: 'binary' })), tie('value')),
        {
          maxLength: 5,
        },
      )
      .map((members) => Object.fromEntries(members)),
  ),
})).value

describe('a sealed line of any content', () => {
  it('is canonical, states the hash of its entry, and has it again when it is parsed', () => {
    fc.assert(
      fc.property(hostileValue, fc.nat(2 ** 31 - 1), (value, index) => {
        expectSealed(sealAudit({ results: value }, index), 'audit', index)
      }),
      { numRuns: repetitions(300, 5000) },
    )
  })

  it('parses to the content, with U+FFFD for lone surrogates', () => {
    const wellFormed = (value: JsonValue): unknown => JSON.parse(canonicalizeLoosely(value))
    fc.assert(
      fc.property(hostileValue, (value) => {
        expect(JSON.parse(sealAudit({ results: value })).audit.results).toEqual(wellFormed(value))
      }),
      { numRuns: repetitions(300, 5000) },
    )
  })

  it('is no longer than its draft by more than is set aside', () => {
    const draft = draftAudit({})
    const { line } = sealLine(finishTemplate(draft), 2 ** 48 - 1)
    expect(Buffer.byteLength(line) - Buffer.byteLength(draft)).toBeLessThanOrEqual(SEAL_BYTES)
  })
})

/** As `canonicalize`, but lone surrogates are replaced first: as text they are escape sequences. */
function canonicalizeLoosely(value: JsonValue): string {
  const replace = (text: string) => Buffer.from(text).toString()
  const copy = (inner: JsonValue): JsonValue => {
    if (typeof inner === 'string') return replace(inner)
    if (Array.isArray(inner)) return inner.map(copy)
    if (typeof inner !== 'object' || inner === null) return inner
    return Object.fromEntries(
      Object.entries(inner).map(([name, member]) => [replace(name), copy(member as JsonValue)]),
    )
  }
  return canonicalize(copy(value)) as string
}

describe('single cases', () => {
  it.each<[string, object, string]>([
    [
      '__proto__ is a key like others',
      JSON.parse('{"results":{"__proto__":{"a":1}}}'),
      '"results":{"__proto__":{"a":1}}',
    ],
    [
      'keys that look like numbers are sorted as texts',
      { results: { 9: 1, 10: 2, a: 3 } },
      '"results":{"10":2,"9":1,"a":3}',
    ],
    ['a lone surrogate in a value becomes U+FFFD', { message: 'a\ud800b' }, '"message":"a\ufffdb"'],
    ['a lone surrogate in a key becomes U+FFFD', { results: { '\ud800': 1 } }, '"results":{"\ufffd":1}'],
    [
      'the last of two keys that differ in lone surrogates only counts',
      { results: { '\ud800': 1, '\udc00': 2 } },
      '"results":{"\ufffd":2}',
    ],
    ['-0 is 0', { results: -0 }, '"results":0'],
    ['a large number has an exponent', { results: 1e21 }, '"results":1e+21'],
    ['a duration that is not a number is null', { duration_ms: Number.NaN }, '"duration_ms":null'],
    [
      'a nested null stays in the line',
      { user: { id: null, roles: [null] } },
      '"user":{"id":null,"roles":[null]}',
    ],
    [
      'control characters that mark places in a template are escaped',
      { message: '\u0000\u0001\u0002\u0003' },
      '"message":"\\u0000\\u0001\\u0002\\u0003"',
    ],
  ])('%s', (_case, audit, expected) => {
    const line = sealAudit(audit)
    expect(line).toContain(expected)
    expectSealed(line, 'audit', 41)
  })

  it('has the same hash with and without members that are null', () => {
    const hashOf = (audit: object) => JSON.parse(sealAudit(audit)).audit.integrity.hash
    expect(hashOf({ user: null, a: { b: null } })).toBe(hashOf({ a: {} }))
    expect(hashOf({ a: [null] })).not.toBe(hashOf({ a: [] }))
  })

  it('has another hash with another index, run, text or number', () => {
    const line = sealAudit({ results: 1 })
    const hashes = [sealAudit({ results: 1 }, 42), sealAudit({ results: '1' }), sealAudit({ results: 1.5 })]
    expect(new Set([line, ...hashes].map((text) => JSON.parse(text).audit.integrity.hash)).size).toBe(4)
  })
})

function sealDrafts(drafts: readonly RecordDraft[], format: FormatName, maxRecordBytes?: number): string[] {
  const sink = memory()
  const { pipeline, errors } = createSealedPipeline({ sink, format, maxRecordBytes, level: 'debug' })
  for (const draft of drafts) void pipeline.send({ ...draft, sequence: null })
  expect(errors).toEqual([])
  return sink.lines
}

describe.each(FORMATS)('records in the format %s', (format) => {
  function expectSealedDrafts(drafts: readonly RecordDraft[], maxRecordBytes?: number): string[] {
    const lines = sealDrafts(drafts, format, maxRecordBytes)
    const { run } = SEALED_FORMATS[format].readPlace(JSON.parse(lines[0] as string)) ?? { run: '' }
    for (const [index, line] of lines.entries()) expectSealed(line, format, index, run)
    return lines
  }

  it('are canonical and state their hash: one of every kind', async () => {
    const lines = expectSealedDrafts([completeDraft, ...variedDrafts()])
    const { verdict, records } = await verifyLines(lines)
    // The pipeline was not closed.
    expect({ verdict, records }).toEqual({ verdict: 'not sealed', records: lines.length })
  })

  it('are canonical and state their hash: arbitrary ones', () => {
    fc.assert(
      fc.property(fc.array(arbitraryDraft, { minLength: 1, maxLength: 3 }), (drafts) => {
        expectSealedDrafts(drafts)
      }),
      { numRuns: repetitions(30, 1000) },
    )
  })

  it('are those of a log without seal, apart from what the seal adds', () => {
    const draft = { ...completeDraft, sequence: null }
    const [, line = ''] = sealDrafts([draft], format)
    const sink = memory()
    const { pipeline } = createSealedPipeline({ sink, format, seal: undefined })
    const parsed = JSON.parse(line)
    const { seq, run } = { seq: 2, run: SEALED_FORMATS[format].readPlace(parsed)?.run ?? '' }
    void pipeline.send({ ...draft, sequence: { run, seq } })
    expect(without(parsed, ADDED[format])).toEqual(without(sink.records()[0], ADDED[format]))
  })

  it('fit into maxRecordBytes with the seal, whatever their size', () => {
    const huge = 'é\u2028"'.repeat(20_000)
    const drafts: RecordDraft[] = [
      { ...completeDraft, message: huge, results: [huge], request_body: { [huge]: huge } },
      { ...createDraft(0), message: '\u0001'.repeat(50_000) },
      ...variedDrafts().slice(0, repetitions(60, 1000)),
    ]
    const lines = expectSealedDrafts(drafts, 4096)
    const longest = Math.max(...lines.map((line) => Buffer.byteLength(line)))
    expect(longest).toBeLessThanOrEqual(4096)
    // Precondition: the content was cut to fit.
    expect(longest).toBeGreaterThan(3500)
  })
})
