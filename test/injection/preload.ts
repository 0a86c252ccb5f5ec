// Loaded with `node --import` before an application or a test suite: mounts the middleware in front of everything, and
// at exit writes a report on the differences between its records and what clients received. Environment variables:
// - AUDIT_INJECTION_REPORT: the folder for the reports, one file per process
// - AUDIT_INJECTION_VARIANT: a name of variants.ts
import { writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { auditLog } from '../../src/index.js'
import { auditLog as auditKoa, type KoaContext } from '../../src/koa.js'
import { ClientProbe } from './client-probe.js'
import { findMismatches, type Mismatch } from './compare.js'
import { type Middlewares, mountEverywhere } from './mount.js'
import { type AuditRecord, RequestTracker } from './tracker.js'
import { createSink, VARIANTS, type Variant } from './variants.js'

/** What the preload found in one process. */
export interface InjectionReport {
  readonly command: string
  /** How many requests reached the middleware, by the application that it was mounted on. */
  readonly requests: Readonly<Record<string, number>>
  /** Requests of which the probe saw the client. */
  readonly observed: number
  readonly mismatches: readonly Mismatch[]
}

const { AUDIT_INJECTION_REPORT: folder, AUDIT_INJECTION_VARIANT: variantName = 'default' } = process.env
const tracker = new RequestTracker()
const probe = new ClientProbe()
const variant = VARIANTS[variantName]
if (variant === undefined) throw new Error(`There is no variant ${variantName}`)

mountEverywhere(variant === null ? createControl() : createAudited(variant), {
  onConnection: (socket) => tracker.addConnection(socket as Socket),
  onRequest: (request, response) => void tracker.track(request, response),
})
probe.install()
reportLast()

function createControl(): Middlewares {
  return {
    node(framework, request, response, next) {
      tracker.track(request, response).framework ??= framework
      next()
    },
    koa(context, next) {
      tracker.track(context.req, context.res).framework ??= 'Koa'
      return next()
    },
  }
}

function createAudited({ options, sinkDelayMs }: Variant): Middlewares {
  // The values of headers are compared, so they must be whole.
  const sink = createSink(sinkDelayMs, addLine)
  const allOptions = {
    maxRecordBytes: 256 * 1024,
    redact: false,
    responseHeaders: 'all',
    sink,
    ...options,
  } as const
  const audit = auditLog<IncomingMessage>(allOptions)
  const koaAudit = auditKoa(allOptions)
  const mark = (request: IncomingMessage, response: ServerResponse, framework: string) => {
    const tracked = tracker.track(request, response)
    tracked.framework ??= framework
    return String(tracked.id)
  }
  return {
    node(framework, request, response, next) {
      const id = mark(request, response, framework)
      audit(request, response, (error) => {
        ;(request as unknown as { audit: ReturnType<typeof audit> }).audit.setFilter('Injected', { id })
        next(error)
      })
      reportLast()
    },
    koa(context, next) {
      const id = mark(context.req, context.res, 'Koa')
      const handled = koaAudit(context as KoaContext, () => {
        ;(context as KoaContext).audit.setFilter('Injected', { id })
        return next()
      })
      reportLast()
      return handled
    },
  }
}

function addLine(line: string): void {
  const { audit } = JSON.parse(line) as { audit: AuditRecord & { filter: { kwargs: { id: string } } | null } }
  if (audit.stage === 'received' || audit.stage === 'started' || audit.filter === null) return
  tracker.all[Number(audit.filter.kwargs.id)]?.records.push(audit)
}

/** The middleware sends the records of open requests at exit, in a listener that it adds with its first request. */
function reportLast(): void {
  process.removeListener('exit', writeReport)
  process.on('exit', writeReport)
}

function writeReport(): void {
  const requests: Record<string, number> = {}
  for (const { framework } of tracker.all) {
    if (framework !== undefined) requests[framework] = (requests[framework] ?? 0) + 1
  }
  if (folder === undefined || tracker.all.length === 0) return
  const { mismatches, observed } =
    variant === null ? { mismatches: [], observed: 0 } : findMismatches(tracker, probe)
  const report: InjectionReport = { command: process.argv.join(' '), requests, observed, mismatches }
  writeFileSync(join(folder, `${process.pid}-${performance.timeOrigin}.json`), JSON.stringify(report))
}
