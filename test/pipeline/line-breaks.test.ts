// A record is one line for every reader of lines, whatever characters a client or a handler puts into it.
import { spawnSync } from 'node:child_process'
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { AuditLogger, type AuditLoggerOptions, auditLog, memory } from 'http-audit-log'
import { stringifyJson } from '#src/serialize/stringify.js'
import { RawClient } from '../helpers/raw-client.js'
import { setEveryText } from '../helpers/record-arbitraries.js'
import { listenOn, stopServers } from '../helpers/servers.js'

/** U+007F to U+009F, U+2028 and U+2029: JSON.stringify writes them as they are. */
const UNSAFE = [
  ...Array.from({ length: 0x21 }, (_, index) => String.fromCharCode(0x7f + index)),
  '\u2028',
  '\u2029',
]
const ALL = UNSAFE.join('a')
const PYTHON = 'import sys; print(len(open(sys.argv[1], encoding="utf-8", newline="").read().splitlines()))'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-lines-'))
})
afterAll(async () => {
  await stopServers()
  rmSync(folder, { recursive: true })
})

function setUnsafeParts(logger: AuditLogger, text = ALL): AuditLogger {
  return setEveryText(logger, text)
    .setFilter(text, { [text]: text })
    .setResults([{ [text]: [text, { deep: text }] }])
    .setError(new Error(text))
    .critical(text)
}

function lineOf(options: AuditLoggerOptions): string {
  const sink = memory()
  setUnsafeParts(new AuditLogger({ ...options, sink, redact: false, maxRecordBytes: 200_000 })).sendLog()
  return sink.lines[0] as string
}

const LINES: [string, () => string][] = [
  ['the format audit', () => lineOf({})],
  ['the format datapunt', () => lineOf({ format: 'datapunt' })],
  ['the format ecs', () => lineOf({ format: 'ecs', service: { name: 'a\u2028b' } })],
  ['the format ocsf', () => lineOf({ format: 'ocsf', service: { name: 'a\u0085b' } })],
  ['a format function', () => lineOf({ format: () => ({ [ALL]: ALL, nested: { [ALL]: [ALL] } }) })],
]

describe.each(LINES)('a line in %s', (_name, makeLine) => {
  it('has none of the characters at which readers of lines break', () => {
    const line = makeLine()
    expect(UNSAFE.filter((character) => line.includes(character))).toEqual([])
    expect(JSON.stringify(JSON.parse(line))).toContain(JSON.stringify(ALL).slice(1, -1))
  })

  it('is one line for readline of Node, and for splitlines() of Python', async () => {
    const path = join(folder, 'audit.log')
    writeFileSync(path, makeLine() + makeLine())
    const lines: string[] = []
    for await (const line of createInterface({ input: createReadStream(path) })) lines.push(line)
    expect(lines.map((line) => typeof JSON.parse(line))).toEqual(['object', 'object'])

    const python = spawnSync('python3', ['-c', PYTHON, path], { encoding: 'utf8' })
    if (python.error) console.warn('NOT TESTED: splitlines() of Python, because there is no python3')
    else expect(python.stdout).toBe('2\n')
  })
})

it('a record of a request has none of them, when the client sends them as raw bytes', async () => {
  const sink = memory()
  const audit = auditLog({ sink })
  const server = createServer((request, response) => {
    audit(request, response)
    response.setHeader('x-echo', request.headers['user-agent'] ?? '')
    response.end()
  })
  const { port } = await listenOn(server)
  const client = new RawClient(port)
  client.socket.write(
    'GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: a\x85b\x9fc\r\nConnection: close\r\n\r\n',
    'latin1',
  )
  const [record] = await sink.waitFor(1)
  expect(record.audit.http_request.user_agent).toBe('a\u0085b\u009fc')
  expect(record.audit.http_response.headers['x-echo']).toBe('a\u0085b\u009fc')
  expect(sink.lines[0]).toContain('a\\u0085b\\u009fc')
  client.destroy()
})

describe('stringifyJson()', () => {
  it.each(UNSAFE.map((character) => [character.charCodeAt(0).toString(16), character]))(
    'escapes U+%s, and JSON.parse returns the same value',
    (_hex, character) => {
      for (const text of [character, `a${character}`, `é${character}`, `語${character}`, `\\${character}`]) {
        const json = stringifyJson({ [text]: text })
        expect(json.includes(character)).toBe(false)
        expect(JSON.parse(json)).toEqual({ [text]: text })
      }
    },
  )

  it('leaves every other character as JSON.stringify writes it', () => {
    for (const text of ['plain', 'é', '\u00a0', '\u2027\u202a', '語', '😀', '\ud800', '"\\\n\u0000']) {
      expect(stringifyJson([text])).toBe(JSON.stringify([text]))
    }
  })
})
