// The real PM2, in both of its modes. In cluster mode it replaces `process.stdout.write` in the application.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { compiledRoot } from '../helpers/child-process.js'

jest.setTimeout(120_000)

const REQUESTS = 20
const TIMEOUT_MS = 60_000

/** Prints the port of the server to stderr, and fails in `exempt`, so that the package has something to report. */
const APPLICATION = `
import { createServer } from 'node:http'
import { auditLog } from 'http-audit-log'

const audit = auditLog({ failClosed: true, exempt: [() => { throw new Error('exempt fails') }] })
const server = createServer((req, res) => audit(req, res, () => res.end('hello')))
server.listen(0, '127.0.0.1', () => process.stderr.write('Port ' + server.address().port + '\\n'))
`

let folder: string
let application: string
let installed = false

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-pm2-'))
  // Inside the folder of the compiled sources, so that the application can import the package.
  application = join(mkdtempSync(join(compiledRoot(), 'pm2-')), 'application.mjs')
  writeFileSync(application, APPLICATION)
  cpSync(join(__dirname, 'pm2'), folder, { recursive: true })
  const { status, stderr } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
  })
  installed = status === 0
  if (!installed) console.warn(`NOT TESTED: PM2, because npm could not install it: ${stderr}`)
})

afterAll(() => {
  if (installed) pm2('kill')
  rmSync(folder, { recursive: true })
})

describe.each(['cluster', 'fork'] as const)('PM2 in %s mode', (mode) => {
  it('has the records in the log of the application, and the messages in its error log', async () => {
    if (!installed) return
    const [out, error] = ['out', 'error'].map((name) => join(folder, `${mode}-${name}.log`)) as [
      string,
      string,
    ]
    const options = ['--output', out, '--error', error, '--merge-logs', '--name', mode]
    pm2('start', application, ...(mode === 'cluster' ? ['-i', '1'] : []), ...options)

    const [, port] = await waitForLog(error, /^Port (\d+)$/m)
    for (let count = 0; count < REQUESTS; count++) {
      const response = await fetch(`http://127.0.0.1:${port}/${count}`)
      expect([response.status, await response.text()]).toEqual([200, 'hello'])
    }
    await waitForLog(out, new RegExp(`"seq":${REQUESTS},`))

    const records = readFileSync(out, 'utf8').trimEnd().split('\n')
    expect(records.map((line) => JSON.parse(line).audit.seq)).toEqual(
      Array.from({ length: REQUESTS }, (_, index) => index + 1),
    )
    expect(readFileSync(join(folder, 'home/pm2.log'), 'utf8')).not.toContain('"audit"')

    const messages = readFileSync(error, 'utf8').split('\n')
    expect(messages.filter((line) => line.includes('exempt fails'))).toHaveLength(1)
    expect(messages.filter((line) => line.includes('has replaced process.stdout.write'))).toHaveLength(
      mode === 'cluster' ? 1 : 0,
    )
  })
})

function pm2(...parameters: string[]): void {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(folder, 'node_modules/pm2/bin/pm2'), ...parameters],
    {
      encoding: 'utf8',
      env: { ...process.env, PM2_HOME: join(folder, 'home'), PM2_DISCRETE_MODE: 'true' },
    },
  )
  if (status !== 0) throw new Error(`pm2 ${parameters.join(' ')} ended with ${status}: ${stdout}${stderr}`)
}

/** Waits until the text of a log file matches. */
function waitForLog(path: string, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const find = () => pattern.exec(existsSync(path) ? readFileSync(path, 'utf8') : '')
    const check = () => {
      const found = find()
      if (found === null) return
      watcher.close()
      clearTimeout(timer)
      resolve(found)
    }
    const watcher = watch(folder, check)
    const timer = setTimeout(() => {
      watcher.close()
      reject(new Error(`${path} does not match ${pattern}`))
    }, TIMEOUT_MS)
    check()
  })
}
