import { EventEmitter } from 'node:events'
import { type Checks, checkInteger, checkOptions, isObject } from '../lib/validate.js'
import type { AuditRecord } from '../record/record.js'
import { describeNearest, findMismatches, type NotInferred, type RecordMatch } from './match-record.js'
import type { Sink } from './sink.js'

/** A sink for tests, see {@link memory}. */
export interface MemorySink extends Sink {
  /** The lines as they were written, each with its `\n`. `lines.length = 0` removes them. */
  readonly lines: string[]
  /** Returns all lines, parsed. Name the type yourself, since it follows from your `format`. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read any depth of a record; `records<T>()` types it.
  records<Parsed = any>(): Parsed[]
  /** Returns the newest line, parsed; `undefined` if there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  last<Parsed = any>(): Parsed | undefined
  /**
   * Returns the first record that matches. In the default format that is the content of `audit`, in others the parsed line,
   * whose type you name yourself.
   *
   * @throws Error that shows what the nearest record lacks, if none matches
   * @example sink.find({ action: 'destroy', outcome: 'denied', target: { type: 'Person' } })
   */
  find<Parsed = AuditRecord>(match: RecordMatch<NotInferred<Parsed>>): Parsed
  /** Returns all records that match, as {@link find} does. There may be none. */
  findAll<Parsed = AuditRecord>(match: RecordMatch<NotInferred<Parsed>>): Parsed[]
  /**
   * Waits until there are at least `count` records, and returns them all. Use it after a request, because a client may
   * have its response a moment before the record is written.
   *
   * @param timeoutMs how long to wait, milliseconds; 5000 by default. The process stays alive meanwhile
   * @returns a promise, which is rejected after the timeout with an Error that has the number of records there were
   * @throws AuditLogError `ERR_AUDIT_OPTIONS` if an argument is missing or wrong
   */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  waitFor<Parsed = any>(count: number, timeoutMs?: number): Promise<Parsed[]>
  /**
   * Waits until a record matches, and returns it, as {@link find} does.
   *
   * @returns a promise, which is rejected after the timeout with an Error that shows what the nearest record lacks, and at once
   * with what a function of the match throws
   */
  waitFor<Parsed = AuditRecord>(match: RecordMatch<NotInferred<Parsed>>, timeoutMs?: number): Promise<Parsed>
}

const DEFAULT_TIMEOUT_MS = 5000
const CHECK_TIMEOUT = checkInteger(0, 2 ** 31 - 1)
const COUNT_CHECKS: Checks<{ count: number; timeoutMs: number }> = {
  count: { ...checkInteger(0, 2 ** 32), isRequired: true },
  timeoutMs: CHECK_TIMEOUT,
}
const MATCH_CHECKS: Checks<{ timeoutMs: number }> = { timeoutMs: CHECK_TIMEOUT }

/**
 * Stores every line in memory, without a limit. For tests only.
 *
 * @example
 * const sink = memory()
 * app.use(auditLog({ sink }))
 * await request(app).get('/persons')
 * const record = await sink.waitFor({ action: 'list', outcome: 'success' })
 * expect(record.http_response.status_code).toBe(200)
 */
export function memory(): MemorySink {
  const lines: string[] = []
  // Any number of callers may wait.
  const emitter = new EventEmitter().setMaxListeners(0)
  const records = () => lines.map((line) => JSON.parse(line))

  const findAll = (match: unknown) =>
    records()
      .map(unwrap)
      .filter((record) => findMismatches(match, record).length === 0)
  const describeFailure = (match: unknown) => describeNearest(match, records().map(unwrap))

  /** Keeps the process alive until then: otherwise a script would end in the middle of an `await`, without a word. */
  function waitUntil<Result>(
    find: () => Result | undefined,
    timeoutMs: number,
    describe: () => string,
  ): Promise<Result> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(new Error(describe()))), timeoutMs)
      function settle(answer: () => void): void {
        clearTimeout(timer)
        emitter.off('line', check)
        try {
          answer()
        } catch (error) {
          reject(error)
        }
      }
      /** Never throws: a match may, and the sink would then seem to have refused the line. */
      function check(): void {
        try {
          const result = find()
          if (result !== undefined) settle(() => resolve(result))
        } catch (error) {
          settle(() => reject(error))
        }
      }
      emitter.on('line', check)
      check()
    })
  }

  function waitFor(expected: unknown, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<unknown> {
    if (isObject(expected) || typeof expected === 'function') {
      checkOptions({ timeoutMs }, MATCH_CHECKS)
      const describe = () => `${describeFailure(expected)}\nWaited for ${timeoutMs} ms`
      return waitUntil(() => findAll(expected)[0], timeoutMs, describe)
    }
    const { count } = checkOptions<{ count: number }>({ count: expected, timeoutMs }, COUNT_CHECKS)
    return waitUntil(
      () => (lines.length < count ? undefined : records()),
      timeoutMs,
      () => `Expected ${count} audit records within ${timeoutMs} ms, got ${lines.length}`,
    )
  }

  return {
    lines,
    records,
    last: () => {
      const line = lines.at(-1)
      return line === undefined ? undefined : JSON.parse(line)
    },
    find(match) {
      const [record] = findAll(match)
      if (record === undefined) throw new Error(describeFailure(match))
      return record
    },
    findAll,
    write(line) {
      lines.push(line)
      emitter.emit('line')
    },
    waitFor: waitFor as MemorySink['waitFor'],
  }
}

/** The content of `audit` in the default format and in `datapunt`, so that a match needs not repeat it. */
function unwrap(line: unknown) {
  // biome-ignore lint/suspicious/noExplicitAny: the type follows from the format, which the caller names.
  return (isObject(line) && isObject(line.audit) ? line.audit : line) as any
}
