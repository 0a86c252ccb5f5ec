// Other code replaces `process.stdout.write`: PM2 in cluster mode, tools that capture output. Each test is a process of its
// own, whose descriptor 1 is read beside what the replacement gets.
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from '@jest/globals'
import { compiledRoot, runScript } from '../helpers/child-process.js'

const NOTICE = /^http-audit-log: Other code has replaced process\.stdout\.write/gm

/** Runs a script with `captured`, which it prints as JSON to stderr at its end. */
async function runWith(script: string) {
  const { stdout, stderr } = await runScript(`
    import { createServer } from 'node:http'
    import { setTimeout as delay } from 'node:timers/promises'
    import { Worker } from 'node:worker_threads'
    import { AuditLogger, auditLog } from 'http-audit-log'
    const captured = []
    const log = (message) => new AuditLogger().info(message).sendLog()
    ${script}
    process.on('exit', () => {
      process.stderr.write('\\nCAPTURED ' + JSON.stringify(captured) + '\\n')
    })
  `)
  const [, json = '[]'] = /^CAPTURED (.*)$/m.exec(stderr) ?? []
  return {
    captured: messagesOf((JSON.parse(json) as string[]).join('')),
    printed: messagesOf(stdout),
    notices: stderr.match(NOTICE)?.length ?? 0,
    stderr,
  }
}

function messagesOf(text: string): string[] {
  const lines = text.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => JSON.parse(line).audit.message)
}

const REPLACEMENTS: [string, string][] = [
  [
    'calls back later, as in PM2',
    'function (text, encoding, callback) { captured.push(String(text)); setImmediate(callback) }',
  ],
  ['calls back at once', 'function (text, encoding, callback) { captured.push(text); callback() }'],
  ['never calls back', 'function (text, encoding, callback) { captured.push(text); return true }'],
  ['takes the text alone', '(text) => { captured.push(text); return true }'],
  ['takes any arguments', '(...parts) => { captured.push(parts[0]); return true }'],
  ['returns a promise', 'async (text) => { captured.push(text) }'],
]

describe.each(REPLACEMENTS)('a replacement of process.stdout.write that %s', (_name, replacement) => {
  it('gets the records, and stderr reports it once', async () => {
    const { captured, printed, notices } = await runWith(`
      process.stdout.write = ${replacement}
      auditLog()
      log('one')
      log('two')
      await delay(50)
    `)
    expect([captured, printed, notices]).toEqual([['one', 'two'], [], 1])
  })

  it('gets the records from the moment it is set until it is removed', async () => {
    const { captured, printed, notices } = await runWith(`
      log('before')
      const { write } = process.stdout
      process.stdout.write = ${replacement}
      log('meanwhile')
      process.stdout.write = write
      log('after')
    `)
    expect([captured, printed, notices]).toEqual([['meanwhile'], ['before', 'after'], 1])
  })

  it('lets every response through with failClosed', async () => {
    const { stderr } = await runWith(`
      process.stdout.write = ${replacement}
      const audit = auditLog({ failClosed: true })
      const server = createServer((req, res) => audit(req, res, () => res.end('hello'))).listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      for (let count = 0; count < 2; count++) {
        const response = await fetch('http://127.0.0.1:' + server.address().port, { headers: { connection: 'close' } })
        console.error(response.status, await response.text())
      }
      server.close()
    `)
    expect(stderr.match(/200 hello/g)).toHaveLength(2)
  })
})

it('writes through a stream that stands in the place of process.stdout', async () => {
  const { captured, printed, notices } = await runWith(`
    const { Writable } = await import('node:stream')
    const stream = new Writable({
      write(chunk, _encoding, callback) {
        captured.push(String(chunk))
        callback()
      },
    })
    Object.defineProperty(process, 'stdout', { get: () => stream })
    log('one')
  `)
  expect([captured, printed, notices]).toEqual([['one'], [], 1])
})

it.each([
  ['throws', '(text) => { throw new Error("for the test") }'],
  ['calls back with an error', 'function (text, encoding, callback) { callback(new Error("for the test")) }'],
  [
    'takes any arguments and calls back with an error',
    '(...args) => { setImmediate(args[2], new Error("for the test")) }',
  ],
  [
    'takes two arguments and calls back with an error',
    'function (text, encoding) { arguments[2](new Error("for the test")) }',
  ],
  ['returns a promise that is rejected', 'async (text) => { throw new Error("for the test") }'],
  [
    'returns a rejected promise and takes a callback',
    'async (text, encoding, callback) => { throw new Error("for the test") }',
  ],
])(
  'buffers the records while the replacement %s, and writes them when it works again',
  async (_case, replacement) => {
    const { captured, stderr } = await runWith(`
    process.stdout.write = ${replacement}
    log('one')
    await delay(10)
    process.stdout.write = (text) => { captured.push(text) }
    log('two')
    await delay(300)
  `)
    expect(captured).toEqual(['one', 'two'])
    expect(stderr).toMatch(/ERR_AUDIT_SINK\] The sink failed to write a record.*for the test/)
    expect(stderr).toMatch(/The sink recovered .* 2 records written, 0 lost/)
  },
)

it('reports at exit how many records a replacement has not written', async () => {
  const { stderr } = await runWith(`
    process.stdout.write = function (text, encoding, callback) {}
    log('one')
    process.exitCode = 0
  `)
  expect(stderr).toMatch(/The process exits and 1 records were not written/)
})

it('writes the records of threads through the main thread, whose output is replaced', async () => {
  const { captured, printed } = await runWith(`
    process.stdout.write = (text) => { captured.push(String(text)); return true }
    auditLog()
    const worker = new Worker("import('http-audit-log').then(({ AuditLogger }) => new AuditLogger().info('of a thread').sendLog())", { eval: true })
    await new Promise((resolve) => worker.once('exit', resolve))
    await delay(50)
  `)
  expect([captured, printed]).toEqual([['of a thread'], []])
})

describe('messages on stderr', () => {
  const sink = "const sink = { write() { throw new Error('down') } }"
  const fail = 'new AuditLogger({ sink }).sendLog()'

  it('go through a replacement of process.stderr.write', async () => {
    const { stdout, stderr } = await runScript(`
      import { AuditLogger } from 'http-audit-log'
      process.stderr.write = (text) => { console.log('captured', text.trimEnd()); return true }
      ${sink}
      ${fail}
    `)
    expect(stdout).toMatch(/^captured http-audit-log: \[ERR_AUDIT_SINK\].*down/)
    expect(stderr).toBe('')
  })

  it.each([
    ['throws', '() => { throw new Error("for the test") }'],
    [
      'sends a record that fails',
      '(text) => { new AuditLogger({ sink: { ...sink } }).sendLog(); process.stderr.write = original }',
    ],
  ])('go to the descriptor where the replacement %s', async (_case, replacement) => {
    const { stderr } = await runScript(`
      import { AuditLogger } from 'http-audit-log'
      ${sink}
      const original = process.stderr.write
      process.stderr.write = ${replacement}
      ${fail}
    `)
    expect(stderr).toMatch(/^http-audit-log: \[ERR_AUDIT_SINK\].*down/)
  })
})

describe('a stdout that leads nowhere', () => {
  const script =
    "import { AuditLogger } from 'http-audit-log'; for (let i = 0; i < 2; i++) new AuditLogger().sendLog()"
  const run = (redirection: string) =>
    spawnSync('sh', ['-c', `"$0" --input-type=module --eval "$1" ${redirection}`, process.execPath, script], {
      cwd: compiledRoot(),
      encoding: 'utf8',
    })

  it.each(['>&-', '>/dev/null'])('is reported once at start-up: %s', (redirection) => {
    const { stderr } = run(redirection)
    expect(stderr).toMatch(/^http-audit-log: stdout is closed or leads to \/dev\/null/)
    expect(stderr.trimEnd().split('\n')).toHaveLength(1)
  })

  it('is not reported where stdout is a pipe', () => {
    const { stdout, stderr } = run('')
    expect([stdout.trimEnd().split('\n').length, stderr]).toEqual([2, ''])
  })
})
