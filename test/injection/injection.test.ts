// Mounts the middleware in front of applications that do not know of it, and compares every response with the same
// response behind an empty middleware, and every record with what the client received.
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { compiledRoot } from '../helpers/child-process.js'
import { isSlowRun, repetitions } from '../helpers/slow.js'
import { findKnownDifference, KNOWN_DIFFERENCES, type KnownDifference } from './known-differences.js'
import type { InjectionReport } from './preload.js'
import type { Results } from './run-applications.js'
import { VARIANTS } from './variants.js'

const TIMEOUT_MS = 300_000
/** The quick run makes every n-th request. */
const STRIDE = repetitions(8, 1)
const TRANSPORTS = ['h1', 'h1+TLS', 'h2', 'h2+TLS']

interface Run extends Results {
  readonly report: InjectionReport
}

const folder = mkdtempSync(join(tmpdir(), 'audit-injection-'))
afterAll(() => rmSync(folder, { recursive: true }))

const occurred = new Set<KnownDifference>()

/** Runs all applications in a process of their own, with the preload. */
async function runApplications(variant: string): Promise<Run> {
  const reports = mkdtempSync(join(folder, 'reports-'))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      '--no-warnings',
      '--import',
      './test/injection/preload.js',
      'test/injection/run-applications.js',
      TRANSPORTS.join(','),
      String(STRIDE),
    ],
    {
      cwd: compiledRoot(),
      env: {
        ...process.env,
        NODE_ENV: 'test',
        AUDIT_INJECTION_REPORT: reports,
        AUDIT_INJECTION_VARIANT: variant,
      },
      timeout: TIMEOUT_MS,
      maxBuffer: 1024 * 1024 * 1024,
    },
  )
  const [file = ''] = readdirSync(reports)
  return { ...JSON.parse(stdout), report: JSON.parse(readFileSync(join(reports, file), 'utf8')) }
}

let control: Promise<Run>
beforeAll(async () => {
  control = runApplications('control')
  await control
}, TIMEOUT_MS)

describe.each(Object.keys(VARIANTS).filter((variant) => variant !== 'control'))('%s', (variant) => {
  let run: Run
  beforeAll(async () => {
    run = await runApplications(variant)
  }, TIMEOUT_MS)

  function isUnknown({ transport, path }: { transport: string; path: string }): boolean {
    const known = findKnownDifference(variant, transport, path)
    if (known !== undefined) occurred.add(known)
    return known === undefined
  }

  it('changes no response', async () => {
    const bare = (await control).results
    expect(Object.keys(run.results)).toHaveLength(Object.keys(bare).length)
    const differences = Object.entries(bare)
      .map(([name, { transport, path, received }]) => ({
        name,
        transport,
        path,
        bare: shorten(received),
        audited: shorten(run.results[name]?.received),
      }))
      .filter(({ bare, audited }) => bare !== audited)
      .filter(isUnknown)
    expect(differences).toEqual([])
    expect(run.uncaught).toEqual((await control).uncaught)
  })

  it('writes one record per request, which shows what the client received', () => {
    const requests = Object.values(run.report.requests).reduce((sum, count) => sum + count, 0)
    expect(Object.keys(run.report.requests).sort()).toEqual(['Connect', 'Express', 'Koa', 'node:http'])
    // The probe works: it has seen the clients. On a busy machine a few of those that leave are gone before it sees them.
    expect(run.report.observed).toBeGreaterThan(requests * 0.995)
    expect(run.report.observed).toBeLessThanOrEqual(requests)
    const mismatches = run.report.mismatches
      .filter(({ transport, request }) => isUnknown({ transport, path: request.split(' ')[1] as string }))
      .map(({ framework, transport, request, problem, client, record }) =>
        [framework, transport, request, problem, `client: ${client}`, `record: ${record}`].join(', '),
      )
    expect(mismatches).toEqual([])
  })
})

if (isSlowRun) {
  it('lists only known differences that still occur', () => {
    expect(KNOWN_DIFFERENCES.filter((known) => !occurred.has(known))).toEqual([])
  })
}

/** What a client received as text in which a person can see a difference, with the middle of a large body left out. */
function shorten(received: string | null | undefined): string | null | undefined {
  return received && received.length > 3000
    ? `${received.slice(0, 1500)}... ${received.length} characters ...${received.slice(-1500)}`
    : received
}
