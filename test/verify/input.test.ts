// Inputs that are damaged, cut, wrapped or something else: each gets its verdict or a clear error.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { EMPTY_ROOT } from '#src/evidence/merkle-tree.js'
import { formatVerifierKey, generateSignerKey } from '#src/evidence/note-keys.js'
import { findExitCode, type Verdict } from '#src/verify/findings.js'
import type { VerifyInput } from '#src/verify/read-input.js'
import { type VerifyOptions, verify } from '#src/verify/verify.js'
import { change, forge, runOf, signRoot, VERIFIER_KEY, writeRun } from '../helpers/sealed-log.js'

let folder: string
let lines: string[]
let text: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'input-'))
  lines = await writeRun()
  text = lines.join('')
})
afterAll(() => rmSync(folder, { recursive: true }))

async function* chunksOf(...chunks: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  yield* chunks
}

function writeInput(content: string | Uint8Array): string {
  const path = join(folder, 'input')
  writeFileSync(path, content)
  return path
}

const verifyInput = (input: VerifyInput, options: Partial<VerifyOptions> = {}) =>
  verify({ keys: [VERIFIER_KEY], inputs: [input], ...options })

/** As a parsed document, without the line break of the line. */
const parsedLines = () => lines.map((line) => JSON.parse(line))

const CONTENTS: readonly (readonly [string, Verdict, () => string | Uint8Array])[] = [
  ['the log', 'intact', () => text],
  ['no line break at the end', 'intact', () => text.trimEnd()],
  ['a byte order mark', 'intact', () => `\ufeff${text}`],
  ['line breaks of Windows', 'intact', () => text.replaceAll('\n', '\r\n')],
  ['zeros before a line', 'intact', () => `${'\0'.repeat(4096)}${text}`],
  [
    'lines of other programs',
    'intact',
    () => `Listening on 3000\n{ a: 1 }\n{"level":30}\n[1]\n\n${text}Bye\n`,
  ],
  ['an empty file', 'not sealed', () => ''],
  ['only lines of other programs', 'not sealed', () => 'Listening on 3000\n{"level":30}\n'],
  ['another log without a seal', 'not sealed', () => `${text}{"audit":{"message":"x"}}\n`],
  [
    'a damaged line',
    'missing',
    () => lines.with(3, (lines[3] as string).replace('"message"', '"message')).join(''),
  ],
  [
    'the first half of a line',
    'missing',
    () => lines.with(3, `${(lines[3] as string).slice(0, 200)}\n`).join(''),
  ],
  ['the second half of a line', 'missing', () => lines.with(3, (lines[3] as string).slice(200)).join('')],
  ['two lines in one', 'missing', () => lines.with(3, (lines[3] as string).trimEnd()).join('')],
  [
    'half of a line beside the whole one',
    'unreadable',
    () => `${text}${(lines[3] as string).slice(0, 200)}\n`,
  ],
  [
    'zeros within a line',
    'missing',
    () => lines.with(3, (lines[3] as string).replace('"message"', '"mess\0age"')).join(''),
  ],
  [
    'a line that is nested too deeply',
    'unreadable',
    () => `${text}${'{"audit":'.repeat(100_000)}1${'}'.repeat(100_000)}\n`,
  ],
  [
    'a string of millions of escapes beside a record',
    'intact',
    () => lines.with(3, (lines[3] as string).replace('{', `{ "x":"${'\\n'.repeat(7_000_000)}",`)).join(''),
  ],
  [
    'a note that is no text',
    'modified',
    () =>
      lines
        .with(
          10,
          forge(lines[10] as string, ({ checkpoint }) => (checkpoint.note = { a: 1 })),
        )
        .join(''),
  ],
  ['gzip', 'intact', () => gzipSync(text)],
  ['several members of gzip', 'intact', () => Buffer.concat(lines.map((line) => gzipSync(line)))],
  // What wraps lines
  [
    "Docker's log files",
    'intact',
    () =>
      lines
        .map((log) => `${JSON.stringify({ log, stream: 'stdout', time: '2026-01-01T00:00:00Z' })}\n`)
        .join(''),
  ],
  [
    "containerd's log files",
    'intact',
    () => lines.map((line) => `2026-01-01T00:00:00.000000000Z stdout F ${line}`).join(''),
  ],
  [
    'Filebeat that does not decode JSON',
    'intact',
    () =>
      lines
        .map(
          (line) =>
            `${JSON.stringify({ '@timestamp': 'x', message: line.trimEnd(), host: {}, log: { offset: 1 } })}\n`,
        )
        .join(''),
  ],
  [
    'exported documents',
    'intact',
    () =>
      parsedLines()
        .map((_source) => `${JSON.stringify({ _index: 'i', _id: '1', _source })}\n`)
        .join(''),
  ],
  [
    'a response of _search',
    'intact',
    () =>
      JSON.stringify({
        took: 1,
        hits: { total: { value: 11 }, hits: parsedLines().map((_source) => ({ _source })) },
      }),
  ],
  [
    'a response of _search without a document',
    'missing',
    () =>
      JSON.stringify({
        hits: {
          hits: parsedLines()
            .slice(1)
            .map((_source) => ({ _source })),
        },
      }),
  ],
]

describe('the content of a file', () => {
  it.each(CONTENTS)('%s: %s', async (_, wanted, create) => {
    const result = await verifyInput(writeInput(create()))
    expect({ verdict: result.verdict, problems: result.problems }).toEqual({ verdict: wanted, problems: [] })
    expect(findExitCode(result) === 0).toBe(wanted === 'intact')
  })

  it('may come in chunks of any length', async () => {
    const bytes = Buffer.from(text.replaceAll('transfer', 'überweisung'))
    const whole = await verifyInput(chunksOf(bytes))
    const split = await verifyInput(chunksOf(...[...bytes].map((byte) => Uint8Array.of(byte))))
    expect(split.runs).toEqual(whole.runs)
    const compressed = [...gzipSync(text)].map((byte) => Uint8Array.of(byte))
    expect((await verifyInput(chunksOf(...compressed))).verdict).toBe('intact')
  })

  it('may be of two logs with a key each', async () => {
    const key = generateSignerKey('other.example.org')
    const other = (await writeRun({ key })).join('')
    const keys = [VERIFIER_KEY, formatVerifierKey(key)]
    expect((await verifyInput(chunksOf(text, other), { keys })).verdict).toBe('intact')
    expect((await verifyInput(chunksOf(text, other))).verdict).toBe('unknown key')
  })
})

describe('an input that cannot be read', () => {
  it.each([
    ['a missing file', () => join(folder, 'none'), 'ENOENT'],
    ['a directory', () => folder, 'EISDIR'],
    ['gzip that is cut', () => writeInput(gzipSync(text).subarray(0, 300)), 'ends in the middle'],
    ['gzip that is damaged', () => writeInput(gzipSync(text).fill(1, 100, 200)), 'is damaged'],
  ])('is a problem: %s', async (_, create, problem) => {
    const result = await verifyInput(create())
    expect(result.problems).toEqual([expect.stringContaining(problem)])
    expect(findExitCode(result)).toBe(2)
  })

  it('is a problem if the stream fails', async () => {
    async function* fail() {
      yield text
      throw new Error('the cable')
    }
    const result = await verifyInput(fail())
    expect(result.problems).toEqual(['the stream: Error: the cable'])
    expect(findExitCode(result)).toBe(2)
  })

  it.each([
    ['of RSA', '-----BEGIN PUBLIC KEY-----'],
    ['of another algorithm', `audit.example.org+12345678+${Buffer.alloc(33, 4).toString('base64')}`],
    ['whose name was changed', VERIFIER_KEY.replace('audit', 'other')],
  ])('is an error for a key %s', async (_, key) => {
    await expect(verifyInput(chunksOf(text), { keys: [key] })).rejects.toMatchObject({
      code: 'ERR_AUDIT_KEY',
    })
  })
})

describe('a hostile input', () => {
  it('with a line of a gigabyte takes little memory', async () => {
    const chunk = Buffer.alloc(1 << 20, 'x')
    async function* endless() {
      yield '{"audit":"'
      for (let count = 0; count < 1024; count++) yield chunk
      yield '"}\n'
      yield text
    }
    const before = process.memoryUsage.rss()
    const result = await verifyInput(endless())
    expect(result).toMatchObject({ verdict: 'unreadable', tooLongLines: 1, records: 11 })
    expect(process.memoryUsage.rss() - before).toBeLessThan(300 << 20)
  })

  it('with indices far apart takes little memory', async () => {
    const line = change(lines[3] as string, (record) => {
      record.integrity.index = 'INDEX'
    })
    async function* sparse() {
      for (let count = 0; count < 20_000; count++) yield line.replace('"INDEX"', String(count * 2 ** 30))
    }
    const before = process.memoryUsage.rss()
    const result = await verifyInput(sparse())
    expect(result.runs[0]?.counts).toMatchObject({ modified: 20_000 })
    expect(result.verdict).toBe('modified')
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 << 20)
  })

  it('with more runs than a log has is a problem', async () => {
    const line = forge(lines[3] as string, (record) => {
      record.run = 'RUN'
      delete record.id
    })
    async function* manyRuns() {
      for (let count = 0; count < 101_000; count += 1000)
        yield Array.from({ length: 1000 }, (_, index) => line.replaceAll('RUN', `RUN${count + index}`)).join(
          '',
        )
    }
    const result = await verifyInput(manyRuns())
    expect(result.problems).toEqual([expect.stringContaining('more than 100000 runs')])
  })

  it.each([5000, 2 ** 53 - 1])(
    'with a checkpoint of %d records that never were is missing records',
    async (size) => {
      const { note } = signRoot(`audit.example.org/${runOf(lines[0] as string)}`, size, EMPTY_ROOT)
      const result = await verifyInput(chunksOf(text), { witnesses: [String(note)] })
      expect(result.verdict).toBe('missing')
      expect(result.runs[0]?.missing).toEqual([{ first: 11, last: size - 1 }])
    },
  )

  it.each([
    [100, 'intact'],
    [101, 'modified'],
  ])('with a note of %d signatures', async (count, verdict) => {
    const signature = `— other ${Buffer.alloc(68, 1).toString('base64')}\n`
    const input = lines.with(
      10,
      forge(lines[10] as string, ({ checkpoint }) => {
        checkpoint.note += signature.repeat(count - 1)
      }),
    )
    expect((await verifyInput(chunksOf(input.join('')))).verdict).toBe(verdict)
  })
})
