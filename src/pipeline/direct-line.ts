// The line of a usual exchange, written straight from the draft. The general path (pipeline.ts) copies a draft to a record, redacts
// and formats it, and writes the result: far more than is needed where nothing has to be redacted, shortened or renamed.

import type { LineTemplate } from '../evidence/sealed-line.js'
import { formatAudit } from '../formats/audit.js'
import { detachString, memoizeLast } from '../lib/bounded-cache.js'
import type { ResolvedLoggerOptions, ResponseHeaders } from '../options/resolve.js'
import { fitsBytes } from '../record/fit-record.js'
import { describeOutcome, findLevel } from '../record/outcome.js'
import type { Ending, FilterRecord, Outcome, UserRecord } from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'
import type { SequenceNumber } from '../record/sequence.js'
import type { HarmlessParts } from '../redact/harmless-parts.js'
import type { JsonValue } from '../serialize/json-value.js'
import { quoteText } from '../serialize/quote-text.js'
import { stringifyJson } from '../serialize/stringify.js'
import { DirectParts, isAnonymous, writeRequestId } from './direct-parts.js'
import type { Origin } from './origin.js'
import { serializeEnd } from './render-line.js'
import { SealedDirectLine } from './sealed-direct-line.js'

/**
 * Returns the line of a draft, or its template if the log is sealed; `undefined` if it needs the general path. Both write the same
 * line.
 */
export type DirectRenderer = (
  draft: RecordDraft,
  sequence: SequenceNumber,
) => string | LineTemplate | undefined

/** @returns `undefined` if the options need the general path for every record */
export function createDirectRenderer(
  { format, maxRecordBytes, seal }: Pick<ResolvedLoggerOptions, 'format' | 'maxRecordBytes' | 'seal'>,
  responseHeaders: ResponseHeaders,
  harmless: HarmlessParts | undefined,
  origin: Origin,
): DirectRenderer | undefined {
  const selectsHeaders = responseHeaders !== 'all' && responseHeaders !== 'default'
  if (format !== formatAudit || selectsHeaders || harmless === undefined) return undefined
  const writer =
    seal === undefined
      ? new DirectLine(harmless, origin)
      : new SealedDirectLine(harmless, origin, maxRecordBytes)

  return (draft, sequence) => {
    try {
      const line = writer.write(draft, sequence)
      return typeof line !== 'string' || fitsBytes(line, maxRecordBytes) ? line : undefined
    } catch {
      // The general path reports it.
      return undefined
    }
  }
}

class DirectLine {
  readonly #parts: DirectParts
  readonly #end: string
  // Parts that are the same in most records, as the last record had them.
  readonly #writeEmptyAct = memoizeLast((level: string) => writeAct(null, null, level, ''))
  readonly #writeRun = memoizeLast(writeRun)
  #lastEnding: { outcome: Outcome | ''; ended: Ending | null; json: string } = {
    outcome: '',
    ended: null,
    json: '',
  }

  constructor(harmless: HarmlessParts, origin: Origin) {
    this.#parts = new DirectParts(harmless, '{"audit":{', 'default')
    this.#end = serializeEnd(origin)
  }

  /** Hot path: few concatenations, because each costs more than the characters that it adds. */
  write(draft: RecordDraft, sequence: SequenceNumber): string | undefined {
    const exchange = this.#parts.writeExchange(draft)
    if (exchange === undefined) return undefined
    return (
      exchange +
      writeUser(draft.user) +
      this.#writeAct(draft) +
      draft.time +
      DURATION +
      (Number.isFinite(draft.duration_ms) ? draft.duration_ms : 'null') +
      this.#writeEnding(draft) +
      writeRequestId(draft.request_id) +
      this.#writeIdentity(draft.trace_id, sequence) +
      this.#writeOptionalParts(draft) +
      this.#end
    )
  }

  /** From the filter to the time, without it. */
  #writeAct(draft: RecordDraft): string {
    const { filter, results, message } = draft
    const level = findLevel(draft, false)
    const isEmpty = filter === null && results === null && message === ''
    return isEmpty ? this.#writeEmptyAct(level) : writeAct(filter, results, level, message)
  }

  /** Outcome and ending, and the name of the request id. */
  #writeEnding(draft: RecordDraft): string {
    const { ended } = draft
    const outcome = describeOutcome(draft)
    if (outcome !== this.#lastEnding.outcome || ended !== this.#lastEnding.ended) {
      const json = `,"outcome":"${outcome}","ended":${ended === null ? 'null' : `"${ended}"`},"request_id":`
      this.#lastEnding = { outcome, ended, json }
    }
    return this.#lastEnding.json
  }

  #writeIdentity(trace: string | null, { run, seq }: SequenceNumber): string {
    const text = String(seq)
    const { beforeSeq, beforeId } = this.#writeRun(run)
    return writeTrace(trace) + beforeSeq + text + beforeId + text + QUOTE
  }

  /** Parts that not all records have, and that stand behind the others. */
  #writeOptionalParts({ span_id, route, action, targets }: RecordDraft): string {
    let parts = span_id === null ? '' : `,"span_id":${quoteText(span_id)}`
    if (route !== null) parts += this.#parts.writeRoute(route)
    if (action !== null) parts += `,"action":${quoteText(action)}`
    if (targets.length > 0) parts += `,"target":${stringifyJson(targets)}`
    return parts
  }
}

const DURATION = '","duration_ms":'
const NO_TRACE = ',"trace_id":null'
const QUOTE = '"'
const END = '}'

function writeAct(filter: FilterRecord | null, results: JsonValue, level: string, message: string): string {
  return (
    `,"filter":${filter === null ? 'null' : stringifyJson(filter)}` +
    `,"results":${results === null ? 'null' : stringifyJson(results)}` +
    `,"type":"${level}","message":${quoteText(message)},"time":"`
  )
}

/** The texts before the number of a record, and before its id, which ends in the number. */
function writeRun(run: string): { readonly beforeSeq: string; readonly beforeId: string } {
  return { beforeSeq: detachString(`,"run":"${run}","seq":`), beforeId: detachString(`,"id":"${run}-`) }
}

function writeTrace(id: string | null): string {
  return id === null ? NO_TRACE : `,"trace_id":${quoteText(id)}`
}

const ANONYMOUS = ',"user":{"authenticated":false,"provider":"","realm":"","email":"","roles":null,"ip":'

function writeUser(user: UserRecord | null): string {
  return user?.authenticated === false && isAnonymous(user)
    ? ANONYMOUS + quoteText(user.ip) + END
    : `,"user":${user === null ? 'null' : stringifyJson(user)}`
}
