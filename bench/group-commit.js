// What it costs that a record is on the disk before its response leaves: requests per second at a concurrency of 64,
// with one fdatasync(2) for all records that wait, against a file that only the kernel has.
// Usage: npm run build && node bench/group-commit.js [directory]
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AuditLogger, auditLog, file } from '../dist/esm/index.js'

const CONCURRENCY = 64
const RECORDS = 20_000
const ROUNDS = 3
const directory = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'audit-bench-'))

/** Records per second through a sink alone: each of 64 writers waits for its record before it writes the next. */
async function throughSink(fsync) {
  const sink = file(join(directory, `sink-${fsync}`), { fsync })
  const lines = []
  new AuditLogger({ sink: { write: (line) => void lines.push(line) } })
    .info('A record of the usual size')
    .sendLog()
  let left = RECORDS
  const begin = performance.now()
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      while (left-- > 0) await sink.write(lines[0])
    }),
  )
  const perSecond = RECORDS / ((performance.now() - begin) / 1000)
  await sink.close()
  return perSecond
}

/** Requests per second of a server that answers `ok`, under `failClosed`. */
async function throughServer(fsync) {
  const audit = auditLog({ sink: file(join(directory, `server-${fsync}`), { fsync }), failClosed: true })
  const server = createServer((request, response) => audit(request, response, () => response.end('ok')))
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  let left = RECORDS
  const begin = performance.now()
  await Promise.all(
    Array.from({ length: CONCURRENCY }, () => keepBusy(server.address().port, () => left-- > 0)),
  )
  const perSecond = RECORDS / ((performance.now() - begin) / 1000)
  server.close()
  await audit.close()
  return perSecond
}

function keepBusy(port, isMore) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1').setEncoding('latin1')
    let received = ''
    const ask = () => (isMore() ? socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n') : socket.end())
    socket.on('data', (chunk) => {
      received += chunk
      if (!received.endsWith('\r\n\r\nok')) return
      received = ''
      ask()
    })
    socket.on('close', resolve)
    ask()
  })
}

async function best(measure, fsync) {
  let highest = 0
  for (let i = 0; i < ROUNDS; i++) highest = Math.max(highest, await measure(fsync))
  return Math.round(highest)
}

console.log(`records per second at a concurrency of ${CONCURRENCY}, best of ${ROUNDS} rounds of ${RECORDS}`)
for (const [name, measure] of [
  ['the sink alone', throughSink],
  ['a server under failClosed', throughServer],
]) {
  const without = await best(measure, false)
  const withFsync = await best(measure, true)
  console.log(`${name}: fsync ${withFsync}, without ${without}, ratio ${(withFsync / without).toFixed(2)}`)
}
rmSync(directory, { recursive: true })
