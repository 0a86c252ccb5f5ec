// Parts of a log: what was verified earlier, a part on purpose, and chosen records with proofs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { memory } from 'http-audit-log'
import { formatVerifierKey, generateSignerKey } from '#src/evidence/note-keys.js'
import { findExitCode } from '#src/verify/findings.js'
import { prove } from '#src/verify/prove.js'
import { type VerifyOptions, verify } from '#src/verify/verify.js'
import { change, forge, type Parsed, rehash, VERIFIER_KEY, writeRun } from '../helpers/sealed-log.js'

const keys = [VERIFIER_KEY]
let lines: string[]
let folder: string

beforeAll(async () => {
  lines = await writeRun()
  folder = mkdtempSync(join(tmpdir(), 'incremental-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function* chunksOf(chunks: readonly string[]): AsyncGenerator<string> {
  yield* chunks
}

const verifyLines = (input: readonly string[], options: Partial<VerifyOptions> = {}) =>
  verify({ keys, inputs: [chunksOf(input)], ...options })

const setMessage = (record: Parsed) => {
  record.message = 'forged'
}

describe('since', () => {
  const pin = async (input: readonly string[]) => (await verifyLines(input)).verified

  it('goes on from what was verified', async () => {
    const since = await pin(lines.slice(0, 6))
    expect(await verifyLines(lines.slice(5), { since })).toMatchObject({ verdict: 'intact', records: 6 })
    expect((await verifyLines(lines, { since })).verdict).toBe('intact')
    expect((await verifyLines(lines.slice(5, 8), { since })).verdict).toBe('unsealed tail')
    expect((await verifyLines(lines.slice(6), { since })).verdict).toBe('missing')
    expect((await verifyLines([], { since })).verdict).toBe('not sealed')
  })

  it('goes on from the end of a run', async () => {
    const since = await pin(lines)
    const nothing = await verifyLines([], { since })
    expect(nothing.verdict).toBe('not sealed')
    expect(findExitCode(nothing)).toBe(3)
    expect(nothing.runs[0]?.verdict).toBe('intact')
    expect((await verifyLines(lines.slice(10), { since })).verdict).toBe('intact')
    expect(
      (
        await verifyLines(
          lines.slice(10).map((line) => forge(line, setMessage)),
          { since },
        )
      ).verdict,
    ).toBe('unsealed tail')
  })

  it('returns a state that the next verification can go on from', async () => {
    const since = await pin(lines.slice(0, 6))
    const next = await verifyLines(lines.slice(5), { since })
    expect(next.verified).toBe(await pin(lines))
    expect((await verifyLines([], { since: next.verified })).verified).toBe(next.verified)
  })

  it('does not accept that records which were verified earlier have changed', async () => {
    const since = await pin(lines.slice(0, 6))
    const changed = lines.with(2, forge(lines[2] as string, setMessage))
    expect((await verifyLines(changed, { since })).verdict).toBe('modified')
    // Without the others of that time they cannot be verified.
    expect((await verifyLines(changed.slice(1), { since })).verdict).toBe('partial')
    expect((await verifyLines(lines.slice(1), { since })).verdict).toBe('partial')
  })

  it('does not go on from records that were found to be changed', async () => {
    const since = await pin(lines.with(2, change(lines[2] as string, setMessage)))
    expect(JSON.parse(since).runs).toEqual([])
  })

  it.each<[string, (pinned: Parsed) => unknown]>([
    ['no JSON', () => '{'],
    ['another version', (pinned) => ({ ...pinned, version: 2 })],
    [
      'a note that was changed',
      ({ runs: [run], ...pinned }) => ({
        ...pinned,
        runs: [{ ...run, note: run.note.replace('\n10\n', '\n9\n') }],
      }),
    ],
    [
      'hashes that were changed',
      ({ runs: [run], ...pinned }) => ({ ...pinned, runs: [{ ...run, peaks: run.peaks.toReversed() }] }),
    ],
    [
      'hashes of another length',
      ({ runs: [run], ...pinned }) => ({ ...pinned, runs: [{ ...run, peaks: ['', ''] }] }),
    ],
    [
      'a forged end',
      ({ runs: [run], ...pinned }) => ({
        ...pinned,
        runs: [
          {
            ...run,
            stop: { ...run.stop, record: JSON.parse(forge(JSON.stringify(run.stop.record), setMessage)) },
          },
        ],
      }),
    ],
    [
      'an end that is another record',
      ({ runs: [run], ...pinned }) => ({
        ...pinned,
        runs: [{ ...run, stop: { ...run.stop, record: JSON.parse(lines[3] as string) } }],
      }),
    ],
    [
      'an end that is nothing',
      ({ runs: [run], ...pinned }) => ({ ...pinned, runs: [{ ...run, stop: true }] }),
    ],
  ])('refuses a file with %s', async (_, edit) => {
    const edited = edit(JSON.parse(await pin(lines)))
    const since = typeof edited === 'string' ? edited : JSON.stringify(edited)
    await expect(verifyLines([], { since })).rejects.toMatchObject({ code: 'ERR_AUDIT_VERIFY' })
  })
})

describe('isPartial', () => {
  const options = { isPartial: true }

  it('does not miss what comes before and after', async () => {
    const result = await verifyLines(lines.slice(2, 8), options)
    expect(result.runs[0]?.verdicts).toEqual(['partial', 'unsealed tail', 'not stopped'])
    expect(findExitCode(result)).toBe(3)
    expect((await verifyLines(lines, options)).verdict).toBe('intact')
  })

  it('misses records in between, and finds changes', async () => {
    expect((await verifyLines([...lines.slice(2, 4), ...lines.slice(5, 8)], options)).verdict).toBe('missing')
    const changed = lines.with(3, change(lines[3] as string, setMessage))
    expect((await verifyLines(changed.slice(2, 8), options)).verdict).toBe('modified')
  })
})

describe('a witness', () => {
  it('whose file has no checkpoint, or one of another key, is a problem', async () => {
    const witness = memory()
    await writeRun({ witness })
    const notes = witness.lines.join('')
    for (const text of [
      '',
      'something else\n',
      notes.replaceAll('example.org', 'example.com'),
      notes.replace(/.{8}=\n/, 'AAAAAAA=\n'),
    ]) {
      const result = await verifyLines(lines, { witnesses: [text] })
      expect(result.problems).toHaveLength(1)
      expect(findExitCode(result)).toBe(2)
    }
  })
})

describe('prove', () => {
  async function proveLines(input: readonly string[], where = (_: Parsed) => true) {
    const path = join(folder, 'log')
    writeFileSync(path, input.join(''))
    const bundle: string[] = []
    const result = await prove({ keys, files: [path], where, write: (line) => bundle.push(line) })
    return { ...result, bundle }
  }

  it('exports each record with a proof that is accepted', async () => {
    const { bundle, exported, unproven } = await proveLines(lines)
    // The record of the last checkpoint is covered by no checkpoint.
    expect({ exported, unproven }).toEqual({ exported: 10, unproven: 1 })
    for (const line of bundle) {
      const result = await verifyLines([line])
      expect(result).toMatchObject({ verdict: 'included', runs: [{ included: [{ size: 10, records: 1 }] }] })
      expect(findExitCode(result)).toBe(3)
      expect(findExitCode(result, { acceptsBundle: true })).toBe(0)
    }
  })

  it.each<[string, (line: string, other: Parsed) => string]>([
    ['a changed record', (line) => change(line, setMessage)],
    ['a changed record with its hash', (line) => forge(line, setMessage)],
    [
      'another hash',
      (line) => change(line, (record) => Object.assign(record.integrity, { hash: 'A'.repeat(43) })),
    ],
    ['another id', (line) => change(line, (record) => Object.assign(record, { id: 'x' }))],
    ['another index', (line) => forge(line, (record) => Object.assign(record.integrity, { index: 4 }))],
    [
      'another run',
      (line) => forge(line, (record) => Object.assign(record, { run: 'x', id: `x-${record.seq}` })),
    ],
    [
      'the proof of another record',
      (line, other) => change(line, (_, parsed) => Object.assign(parsed, { proof: other.proof })),
    ],
    ['a proof without a hash', (line) => change(line, (_, { proof }) => proof.path.pop())],
    [
      'a proof with a longer hash',
      (line) => change(line, (_, { proof }) => Object.assign(proof.path, ['A'.repeat(200)])),
    ],
    [
      'a proof that is none',
      (line) => change(line, (_, parsed) => Object.assign(parsed, { proof: { path: 1 } })),
    ],
    [
      'the note of a smaller log',
      (line) =>
        change(line, (_, { proof }) =>
          Object.assign(proof, { note: JSON.parse(lines[5] as string).audit.checkpoint.note }),
        ),
    ],
    ['a key twice', (line) => line.replace('"message":', '"message":"forged","message":')],
  ])('makes bundles in which %s is found', async (_, edit) => {
    const { bundle } = await proveLines(lines)
    const edited = edit(bundle[3] as string, JSON.parse(bundle[4] as string))
    const result = await verifyLines(bundle.with(3, edited))
    expect(result.verdict).toBe('modified')
    expect(findExitCode(result, { acceptsBundle: true })).toBe(1)
  })

  it('makes bundles that another key cannot check', async () => {
    const { bundle } = await proveLines(lines)
    const other = formatVerifierKey(generateSignerKey('other.example.org'))
    expect(await verify({ keys: [other], inputs: [chunksOf(bundle)] })).toMatchObject({
      verdict: 'unknown key',
      runs: [{ verdicts: ['unknown key'] }],
    })
  })

  it('makes bundles that do not show what was left out', async () => {
    const { bundle } = await proveLines(lines)
    const result = await verifyLines(bundle.slice(0, 3))
    expect(result).toMatchObject({ verdict: 'included', runs: [{ included: [{ size: 10, records: 3 }] }] })
  })

  it('exports what a log that is not intact still proves', async () => {
    const changed = await proveLines(lines.with(3, change(lines[3] as string, setMessage)))
    expect(changed).toMatchObject({ exported: 9, unproven: 2, verification: { verdict: 'modified' } })
    const rewritten = await proveLines(lines.with(7, rehash(change(lines[7] as string, setMessage))))
    expect(rewritten).toMatchObject({ exported: 5, unproven: 6, verification: { verdict: 'modified' } })
    const cut = await proveLines([...lines.slice(0, 7), ...lines.slice(8)])
    expect(cut).toMatchObject({ exported: 5, unproven: 5, verification: { verdict: 'missing' } })
  })
})
