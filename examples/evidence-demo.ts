// Shows what sealed records prove: `npm run demo:evidence`. Records requests to a server in this process, then damages copies of the
// log as an attacker would, and verifies each with the public key. All files are in a temporary folder, which is removed at the end.
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { auditLog, file } from 'http-audit-log'
import { seal } from 'http-audit-log/seal'
// The command `http-audit-log`, in this process.
import { main } from '../src/cli/main.js'

const READERS = ['alice', 'bob', 'eve', 'alice', 'bob', 'carol', 'bob', 'alice']
const start = process.cwd()
const folder = mkdtempSync(join(tmpdir(), 'evidence-demo-'))

try {
  process.chdir(folder)
  await play()
} finally {
  process.chdir(start)
  rmSync(folder, { recursive: true })
}

async function play(): Promise<void> {
  tell('The keys: the application gets signing.key, an auditor gets signing.key.pub')
  await run('keygen', '--name', 'bank.example.org', '--out', 'signing.key')

  tell(`${READERS.length} requests are recorded and sealed`)
  await recordRequests()
  const lines = readFileSync('audit.log', 'utf8').split('\n').slice(0, -1)
  console.log(
    `audit.log has ${lines.length} lines: the requests, the start, the stop, and signed checkpoints`,
  )

  tell('The log as it was written')
  await verify('audit.log')

  const readByEve = lines.findIndex((line) => line.includes('"id":"eve"'))
  tell('Somebody changes one byte: "eve" becomes "eva"')
  save('changed.log', lines.with(readByEve, lines[readByEve]?.replace('"id":"eve"', '"id":"eva"') ?? ''))
  await verify('changed.log')

  tell('Somebody deletes that record')
  save('deleted.log', lines.toSpliced(readByEve, 1))
  await verify('deleted.log')

  tell('Somebody cuts off the end. The log alone looks like that of a process that was killed')
  save('cut.log', lines.slice(0, 6))
  await verify('cut.log')
  tell('The witness has a later checkpoint, which is out of reach of who can write the log')
  await verify('--witness', 'witness', 'cut.log')
}

async function recordRequests(): Promise<void> {
  const key = readFileSync('signing.key', 'utf8').trim()
  const audit = auditLog({
    sink: file('audit.log'),
    seal: seal({ key, every: { records: 4 }, state: 'state.json', witness: file('witness') }),
  })
  const app = express()
  app.use(audit)
  app.get('/accounts/:id', (req, res) => {
    req.audit
      .setUser({ authenticated: true, id: req.get('x-user') ?? '' })
      .setAction('retrieve', { type: 'Account', id: req.params.id })
    res.json({ id: req.params.id, balance: 100 })
  })
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  for (const [index, user] of READERS.entries()) {
    const response = await fetch(`http://127.0.0.1:${port}/accounts/${index}`, {
      headers: { 'x-user': user, connection: 'close' },
    })
    await response.text()
  }
  server.close()
  await audit.close()
}

function save(path: string, lines: readonly string[]): void {
  writeFileSync(path, `${lines.join('\n')}\n`)
}

function tell(title: string): void {
  console.log(`\n# ${title}`)
}

async function verify(...args: string[]): Promise<void> {
  await run('verify', '--key', 'signing.key.pub', ...args)
}

async function run(...args: string[]): Promise<void> {
  console.log(`$ npx http-audit-log ${args.join(' ')}`)
  console.log(`(exit code ${await main(args, process)})`)
}
