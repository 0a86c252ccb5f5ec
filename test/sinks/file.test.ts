import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { AuditLogError, AuditLogger, auditLog, type FileOptions, type FileSink, file } from 'http-audit-log'
import { compiledProgram, waitForText } from '../helpers/child-process.js'
import { startServerProcess, stopServerProcesses } from '../helpers/hazard-process.js'
import { canTrace, traceCalls } from '../helpers/linux.js'
import { requestMany } from '../helpers/load.js'
import { startServer, stopServers } from '../helpers/servers.js'

const TIMEOUT_MS = 60_000
let directory: string
let path: string
const opened: FileSink[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'audit-'))
  path = join(directory, 'audit.log')
})
afterEach(async () => {
  await stopServers()
  await stopServerProcesses()
  for (const sink of opened.splice(0)) await sink.close()
  rmSync(directory, { recursive: true })
})

function open(options?: FileOptions, at = path): FileSink {
  const sink = file(at, options)
  opened.push(sink)
  return sink
}

const read = (from = path) => readFileSync(from, 'utf8')
const modeOf = (of: string) => statSync(of).mode & 0o777

describe('file()', () => {
  it('creates a file that only its owner can read', async () => {
    await open().write('one\n')
    expect(modeOf(path)).toBe(0o600)
  })

  it('creates a file with the given mode, and does not change the mode of an existing file', async () => {
    await open({ mode: 0o640 }).write('one\n')
    expect(modeOf(path)).toBe(0o640)
    chmodSync(path, 0o644)
    await open().write('two\n')
    expect(modeOf(path)).toBe(0o644)
  })

  it('appends whole lines to an existing file', async () => {
    writeFileSync(path, 'before\n')
    const sink = open()
    await sink.write('one\n')
    appendFileSync(path, 'another process\n')
    await sink.write(`${'x'.repeat(100_000)}\n`)
    expect(read()).toBe(`before\none\nanother process\n${'x'.repeat(100_000)}\n`)
  })

  it('ends the partial line of a crashed process before it writes its first line', async () => {
    writeFileSync(path, 'whole\n{"audit":{"half')
    const sink = open()
    await sink.write('one\n')
    await sink.write('two\n')
    expect(read()).toBe('whole\n{"audit":{"half\none\ntwo\n')
  })

  it('creates no file before auditLog() or the first logger', () => {
    const sink = open()
    expect(() => statSync(path)).toThrow('ENOENT')
    auditLog({ sink })
    expect(read()).toBe('')
  })

  it('writes to a new file with the old name when it is reopened after a rename', async () => {
    const sink = open()
    await sink.write('one\n')
    renameSync(path, `${path}.1`)
    await sink.write('two\n')
    sink.reopen()
    await sink.write('three\n')
    expect([read(`${path}.1`), read()]).toEqual(['one\ntwo\n', 'three\n'])
    expect(modeOf(path)).toBe(0o600)
  })

  it('loses no record when it is reopened during an fdatasync', async () => {
    const sink = open({ fsync: true })
    const first = sink.write('one\n')
    renameSync(path, `${path}.1`)
    sink.reopen()
    const second = sink.write('two\n')
    await Promise.all([first, second])
    expect([read(`${path}.1`), read()]).toEqual(['one\n', 'two\n'])
  })

  it('creates the file again after it was deleted', async () => {
    const sink = open()
    await sink.write('one\n')
    rmSync(path)
    await sink.write('two\n')
    expect(read()).toBe('two\n')
  })

  it('can be reopened before the first record, and written to after close()', async () => {
    const sink = open()
    sink.reopen()
    await sink.write('one\n')
    await sink.close()
    await sink.close()
    await sink.write('two\n')
    expect(read()).toBe('one\ntwo\n')
  })

  it('has accepted all records with fsync by the time it is closed', async () => {
    const sink = open({ fsync: true })
    const settled: string[] = []
    for (const name of ['one', 'two']) {
      void (sink.write(`${name}\n`) as Promise<void>).then(() => settled.push(name))
    }
    await sink.close()
    expect(settled).toEqual(['one', 'two'])
  })

  it('closes its descriptor in close()', async () => {
    const before = openDescriptors()
    const sink = open({ fsync: true })
    await sink.write('one\n')
    expect(openDescriptors()).toBe(before + 1)
    await sink.close()
    expect(openDescriptors()).toBe(before)
  })

  it('is down while its directory does not exist, and writes the buffered records once it does', async () => {
    const late = join(directory, 'not', 'yet')
    const sink = open({}, join(late, 'audit.log'))
    const audit = auditLog({ sink })
    const { url } = await startServer((request, response) => {
      audit(request, response)
      response.end('ok')
    })
    expect(await (await fetch(`${url}/one`)).text()).toBe('ok')
    expect(await (await fetch(`${url}/two`)).text()).toBe('ok')
    mkdirSync(late, { recursive: true })
    await audit.flush()
    const urls = read(join(late, 'audit.log')).split('\n').slice(0, -1).map(urlOf)
    expect(urls).toEqual([`${url}/one`, `${url}/two`])
    expect(audit.stats()).toMatchObject({ written: 2, waiting: 0, lost: 0 })
  })

  it.each<[string, unknown, unknown, RegExp]>([
    [
      'no path',
      undefined,
      {},
      /Expected the path of file\(\) to be a non-empty string .+, got undefined \(undefined\)/,
    ],
    ['an empty path', '', {}, /non-empty string.+, got '' \(string\)/],
    ['a path with NUL', 'a\0b', {}, /without NUL, got/],
    ['a mode that is a string', 'a.log', { mode: '0600' }, /Expected `mode` to be an integer from 0 to 511/],
    ['fsync that is a string', 'a.log', { fsync: 'yes' }, /Expected `fsync` to be true or false/],
    [
      'a name that is no signal',
      'a.log',
      { reopenOn: 'HUP' },
      /Expected `reopenOn` to be the name of a signal/,
    ],
    ['a signal that does not exist', 'a.log', { reopenOn: 'SIGHUB' }, /Expected `reopenOn`/],
    ['a signal that cannot be caught', 'a.log', { reopenOn: 'SIGKILL' }, /Expected `reopenOn`/],
    ['an unknown option', 'a.log', { sync: true }, /Unknown option `sync`. Did you mean `fsync`/],
    ['options that are no object', 'a.log', 7, /Expected the options to be a plain object/],
  ])('throws ERR_AUDIT_OPTIONS for %s', (_case, at, options, message) => {
    const make = () => file(at as string, options as FileOptions)
    expect(make).toThrow(AuditLogError)
    expect(make).toThrow(message)
  })

  it('listens for a signal only with reopenOn, and only until close()', async () => {
    const before = process.listenerCount('SIGHUP')
    const withoutSignal = open()
    expect(process.listenerCount('SIGHUP')).toBe(before)
    const sink = open({ reopenOn: 'SIGHUP' })
    expect(process.listenerCount('SIGHUP')).toBe(before + 1)
    await Promise.all([withoutSignal.close(), sink.close()])
    expect(process.listenerCount('SIGHUP')).toBe(before)
  })
})

describe('file() in a child process', () => {
  type Appender = ChildProcessByStdio<Writable, null, Readable>
  const appenders: Appender[] = []
  afterEach(() => {
    for (const child of appenders.splice(0)) child.kill('SIGKILL')
  })

  async function append(env: Record<string, string>) {
    const child = spawn(process.execPath, [compiledProgram('append')], {
      env: { ...process.env, AUDIT_FILE: path, ...env },
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    appenders.push(child)
    await once(child.stderr, 'data')
    const write = async (count: number) => {
      const done = once(child.stderr, 'data')
      child.stdin.write(`${count}\n`)
      await done
    }
    return { child, write }
  }

  it('is reopened on the signal reopenOn', async () => {
    const { child, write } = await append({ REOPEN_ON: 'SIGHUP' })
    await write(2)
    renameSync(path, `${path}.1`)
    child.kill('SIGHUP')
    // The signal and the lines on stdin are handled in later turns of the event loop, in any order.
    for (let i = 0; i < 1000 && !exists(path); i++) await write(1)
    const seqs = [`${path}.1`, path].flatMap((from) => read(from).split('\n').slice(0, -1).map(seqOf))
    expect(seqs).toEqual(seqs.map((_seq, index) => index + 1))
    expect(child.exitCode).toBeNull()
  })

  it('does not block on a named pipe without a reader, and writes once there is a reader', async () => {
    execFileSync('mkfifo', [path])
    const { child, write } = await append({})
    const reported = waitForText(child.stderr, /ERR_AUDIT_SINK.*ENXIO/)
    child.stdin.write('1\n')
    await reported
    const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'ignore'] })
    const received = waitForText(reader.stdout, /"seq":2[\s\S]*\n/)
    await write(1)
    expect((await received)[0]).toBeDefined()
    child.kill()
    await once(reader, 'exit')
  })

  it('leaves the signal to Node without reopenOn', async () => {
    const { child, write } = await append({})
    await write(1)
    child.kill('SIGHUP')
    const [, signal] = await once(child, 'exit')
    expect(signal).toBe('SIGHUP')
  })
})

const isTraced = canTrace()
if (!isTraced)
  console.warn('Skipped: testing that a record is on disk before its response leaves needs strace')

;(isTraced ? describe : describe.skip)('file({ fsync: true }) under failClosed', () => {
  const listen = () => startServerProcess({ env: { AUDIT_FILE: path, FSYNC: '1', FAIL_CLOSED: '1' } })

  it(
    'has the record on disk before the response is sent',
    async () => {
      const { child, getStatus } = await listen()
      await getStatus('/first')
      const calls = await traceCalls(
        child.pid as number,
        'fdatasync,write,sendto,writev',
        () => getStatus('/second'),
        /HTTP\/1\.1 200/,
      )
      const steps = calls.flatMap((call) => {
        if (/fdatasync/.test(call)) return 'synced'
        if (/"\{\\"audit\\"/.test(call)) return 'written'
        return /HTTP\/1\.1 200/.test(call) ? 'responded' : []
      })
      expect(steps).toEqual(['written', 'synced', 'responded'])
    },
    TIMEOUT_MS,
  )

  it(
    'syncs many records with one fdatasync',
    async () => {
      const { child, url, getStatus } = await listen()
      await getStatus('/first')
      const calls = await traceCalls(
        child.pid as number,
        'fdatasync',
        () => requestMany(url, 1280, { connections: 64 }).done,
        /fdatasync/,
      )
      const count = calls.filter((call) => call.includes('fdatasync')).length
      expect(count).toBeGreaterThan(0)
      expect(count).toBeLessThan(1280 / 8)
      expect(read().split('\n')).toHaveLength(1280 + 2)
    },
    TIMEOUT_MS,
  )
})

it('rejects a record that could not be synced to disk', async () => {
  // /dev/null can be written to but not synced: fdatasync fails with EINVAL.
  const sink = open({ fsync: true }, '/dev/null')
  await expect(sink.write('one\n')).rejects.toThrow('EINVAL')
})

it('writes the record of a logger to the file', async () => {
  const sink = open()
  new AuditLogger({ sink }).info('to the file').sendLog()
  expect(read()).toMatch(/^\{"audit":.*"message":"to the file".*\}\n$/)
})

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length
}

function exists(at: string): boolean {
  return statSync(at, { throwIfNoEntry: false }) !== undefined
}

const urlOf = (line: string) => JSON.parse(line).audit.http_request.url
const seqOf = (line: string) => JSON.parse(line).audit.seq

describe('a path that cannot be opened', () => {
  const start = (sink: FileSink) => {
    const errors: AuditLogError[] = []
    return { audit: auditLog({ sink, failClosed: true, onError: (error) => errors.push(error) }), errors }
  }

  it.each<[string, () => string, string]>([
    ['in a folder that does not exist', () => join(directory, 'missing/audit.log'), 'ENOENT'],
    ['that is a folder', () => directory, 'EISDIR'],
    ['below a file', () => join(__filename, 'audit.log'), 'ENOTDIR'],
  ])('%s is reported at start-up', (_name, pathOf, code) => {
    const { errors } = start(open({}, pathOf()))
    expect(errors.map((error) => [error.code, error.message])).toEqual([
      ['ERR_AUDIT_SINK', expect.stringMatching(`^The sink could not be opened: Error: ${code}.*Check that`)],
    ])
  })

  it('is tried again: once it can be opened, a request is not refused', async () => {
    const folder = join(directory, 'later')
    const { audit, errors } = start(open({}, join(folder, 'audit.log')))
    const { url } = await startServer((request, response) =>
      audit(request, response, () => response.end('hello')),
    )
    mkdirSync(folder)
    await waitForOpenFile(join(folder, 'audit.log'))
    const response = await fetch(url)
    expect([response.status, await response.text()]).toEqual([200, 'hello'])
    expect(errors).toHaveLength(1)
    expect(JSON.parse(read(join(folder, 'audit.log'))).audit.http_response.status_code).toBe(200)
  })

  async function waitForOpenFile(of: string): Promise<void> {
    while (!existsSync(of)) await new Promise(setImmediate)
  }
})

it('calls open() of a sink of the application at start-up, and reports what it throws', () => {
  const calls: string[] = []
  auditLog({ sink: { open: () => void calls.push('open'), write: () => {} } })
  expect(calls).toEqual(['open'])
  const errors: string[] = []
  const failing = {
    open() {
      throw new Error('not reachable')
    },
    write() {},
  }
  auditLog({ sink: failing, onError: ({ message }) => errors.push(message) })
  expect(errors).toEqual([expect.stringMatching(/^The sink could not be opened: Error: not reachable\./)])
})
