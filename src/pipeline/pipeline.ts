// The path of a record: complete -> bound -> redact -> render (fit, format, serialize) -> deliver. Nothing here throws. The draft
// has its results and its filter without secrets already: the logger redacts them when they are set.

import type { LineTemplate } from '../evidence/sealed-line.js'
import { addExitHook } from '../lib/exit-hooks.js'
import { keepAliveDuring, waitAtMost } from '../lib/keep-alive.js'
import type { Reporter } from '../lib/reporter.js'
import type { ResolvedLoggerOptions, ResponseHeaders } from '../options/resolve.js'
import { composeTargetMessage } from '../record/action-message.js'
import { boundRecord, type WholeSizes } from '../record/bound-record.js'
import { completeRecord } from '../record/complete-record.js'
import { AUDITED_ACTIONS, type AuditRecord } from '../record/record.js'
import { createDraft, type FoundSecret, NO_SECRETS, type RecordDraft } from '../record/record-draft.js'
import { allocateSequenceNumber, createSequence, type SequenceNumber } from '../record/sequence.js'
import { createRedactor, type Redactor } from '../redact/redactor.js'
import type { Seal, SealContext, SealedRun, SealStats } from '../seal/seal.js'
import { writesAtOnce } from '../sinks/sink.js'
import type { Acceptance } from './acceptance.js'
import { Delivery, type DeliveryCounts, toLineSink } from './delivery.js'
import { createDirectRenderer } from './direct-line.js'
import { createHeaderSelection } from './header-selection.js'
import type { Line } from './line-queue.js'
import { describeOrigin } from './origin.js'
import type { Loss } from './outage.js'
import { createLineRenderer } from './render-line.js'
import { createWitness } from './witness.js'

/** Turns drafts into lines and delivers them to the sink. */
export interface Pipeline {
  readonly redactor: Redactor
  readonly reporter: Reporter
  /** The secrets in the parts of a record that are redacted only when it is sent: texts and custom fields. */
  findSecrets(draft: RecordDraft): readonly FoundSecret[]
  /** Writes a record. When the sink does not accept it, the record is buffered, or counted as lost. */
  send(draft: RecordDraft): Acceptance
  /** Writes a record. When the sink does not accept it, the caller may send the draft again; it keeps its `seq`. */
  trySend(draft: RecordDraft): Acceptance
  /** How many records of the largest size may be on their way to the sink: half of the buffer must stay free. */
  readonly maxBatch: number
  /** Whether there is no outage of the sink. */
  isUp(): boolean
  counts(): DeliveryCounts & { readonly seal?: SealStats }
  /** Gives a record its number, before it is sent. */
  allocateSequence(): SequenceNumber
  /** Waits until the sink has accepted or rejected every record that it was given, or the record has timed out. */
  flush(): Promise<void>
  /** Flushes, then closes the sink, for which it waits at most `sinkTimeoutMs`. */
  close(): Promise<void>
}

export function createPipeline(
  options: ResolvedLoggerOptions & { readonly responseHeaders?: ResponseHeaders },
): Pipeline {
  const { sink, sinkTimeoutMs, reporter, followsPython, responseHeaders = 'all' } = options
  const { redact, pseudonymize, maxRecordBytes } = options
  const redactor = createRedactor({ redact, pseudonymize, maxRecordBytes, onError: reportHiddenText })
  const selectHeaders = createHeaderSelection(responseHeaders, redactor, maxRecordBytes)
  const origin = describeOrigin(options.service)
  let removeExitHook: (() => void) | undefined
  const sealed = options.seal && beginRun(options.seal)
  const allocateSequence = sealed === undefined ? allocateSequenceNumber : createSequence(sealed.run)
  const renderLine = createLineRenderer(options, origin, sealed)
  const renderDirectly = createDirectRenderer(options, responseHeaders, redactor.harmlessParts, origin)
  const delivery = new Delivery({ ...options, sink: sealed?.sink ?? toLineSink(sink), onRecovery: recover })

  function createLine(draft: RecordDraft): Line | undefined {
    if (!isRecorded(draft)) return undefined
    draft.sequence ??= allocateSequence()
    const { sequence } = draft
    const rendered =
      renderDirectly?.(draft, sequence) ??
      redactAndRender(completeRecord(draft, sequence, followsPython), draft)
    return typeof rendered === 'string'
      ? { text: rendered, seq: sequence.seq }
      : {
          text: rendered.lineStart + rendered.lineMiddle + rendered.lineEnd,
          seq: sequence.seq,
          template: rendered,
        }
  }

  /** Last resort: an error in here must neither reach the request nor leave a gap in `seq`. */
  function redactAndRender(
    record: AuditRecord,
    { secrets, verdict, targetSource, seal: draftSeal }: RecordDraft,
  ): string | LineTemplate {
    // The records of the seal have nothing of a client, and a path of the options must not change what the verifier compares.
    if (draftSeal !== null) return renderLine(record)
    let redacted = record
    let wholeSizes: WholeSizes | undefined
    try {
      const headerSecrets = selectHeaders?.(record)
      wholeSizes = boundRecord(record, options.maxRecordBytes)
      const found = headerSecrets ? [...secrets, ...headerSecrets] : secrets
      redacted = redactor.redactRecord(record, found, followsPython ? 'none' : targetSource)
      // Composed of what is redacted already: a pseudonym in the target is then a pseudonym in the message.
      if (redacted.action !== undefined && redacted.message === '' && !followsPython)
        redacted.message = redactor.applyMessagePath(composeTargetMessage(redacted, verdict !== null))
    } catch (error) {
      const message =
        'A record could not be redacted, so it is written without its content. Please report this as a bug'
      reporter.reportOnce('ERR_AUDIT_FORMAT', message, error)
      redacted = withoutContent(record)
    }
    return renderLine(redacted, wholeSizes)
  }

  function findSecrets(draft: RecordDraft): readonly FoundSecret[] {
    // These parts were redacted when they were set, or are the same in all records of an exchange.
    const redactedParts = {
      filter: null,
      results: null,
      changes: null,
      request_body: null,
      http_response: null,
    }
    try {
      const record = completeRecord({ ...draft, ...redactedParts, detail: 'full' }, NO_SEQUENCE_NUMBER)
      boundRecord(record, options.maxRecordBytes)
      return redactor.findSecrets(record, draft.secrets)
    } catch {
      // The same error is reported when the record is sent, which is then written without its content.
      return NO_SECRETS
    }
  }

  function reportHiddenText(error: unknown): void {
    const message = 'A text could not be redacted, so it is hidden. Please report this as a bug'
    reporter.reportOnce('ERR_AUDIT_FORMAT', message, error)
  }

  /** A record that has its `seq` already (option `stages`) is always written, or the sequence would have a gap. */
  function isRecorded({ detail, sequence }: RecordDraft): boolean {
    return detail !== 'none' || sequence !== null
  }

  /** A record that is not to be written counts as accepted. */
  function send(draft: RecordDraft): Acceptance {
    const line = createLine(draft)
    if (line === undefined) return true
    const acceptance = delivery.send(line)
    if (sealed !== undefined) afterRecord(sealed, acceptance, draft.seal !== null)
    return acceptance
  }

  function trySend(draft: RecordDraft): Acceptance {
    const line = createLine(draft)
    if (line === undefined) return true
    const acceptance = delivery.trySend(line)
    if (sealed !== undefined) afterRecord(sealed, acceptance, false)
    return acceptance
  }

  /** A checkpoint can cover a record only when the sink has answered. */
  function afterRecord(run: SealedRun, acceptance: Acceptance, isOwn: boolean): void {
    removeExitHook ??= addExitHook('last checkpoint', () => endAtExit(run))
    if (typeof acceptance === 'boolean') run.afterRecord(isOwn)
    else void acceptance.then(() => run.afterRecord(isOwn))
  }

  /** @throws AuditLogError `ERR_AUDIT_SEAL` */
  function beginRun(seal: Seal): SealedRun {
    const run = seal.begin({
      sink,
      format: options.formatOption as SealContext['format'],
      maxRecordBytes,
      sinkTimeoutMs,
      reporter,
      write: (record, message, action) =>
        void send({
          ...createDraft(Date.now()),
          message,
          action,
          targets: [{ type: 'AuditLog', id: run.origin }],
          hasActionEnded: true,
          seal: record,
        }),
      createWitness: (witness) => createWitness(witness, options),
    })
    return run
  }

  function endAtExit(run: SealedRun): void {
    // A sink that is down can take nothing more, and neither can one that owes an answer, unless that is for the disk only.
    const owesAnswer = () => delivery.counts().waiting > 0 && !writesAtOnce(sink)
    if (!delivery.isUp() || owesAnswer()) return
    run.stop()
    if (!owesAnswer()) run.finish()
  }

  function recover(loss: Loss | undefined): void {
    if (loss !== undefined) recordLoss(loss)
    sealed?.writeCheckpoint()
  }

  /** Writes a record that states which records are missing. */
  function recordLoss({ count, fromSeq, toSeq }: Loss): void {
    void send({
      ...createDraft(Date.now()),
      type: 'CRITICAL',
      message: `Audit records were lost while the sink was down: ${count}, from seq ${fromSeq} to ${toSeq}`,
      lost: { count, from_seq: fromSeq, to_seq: toSeq },
    })
  }

  async function close(): Promise<void> {
    await flush()
    await closeSeal()
    try {
      const isClosed = await waitAtMost(Promise.resolve(sink.close?.()), sinkTimeoutMs)
      if (!isClosed) throw new Error(`its close() has not answered for ${sinkTimeoutMs} ms`)
    } catch (error) {
      reporter.report('ERR_AUDIT_SINK', 'The sink could not be closed', error)
    }
  }

  /** One after the other, because the last checkpoint covers the last record only when the sink has accepted it. */
  async function closeSeal(): Promise<void> {
    if (sealed === undefined) return
    sealed.stop()
    await flush()
    sealed.finish()
    await flush()
    // So that a pipeline that is no longer used can be garbage-collected. A later record adds the hook again.
    if (sealed.isStopped) {
      removeExitHook?.()
      removeExitHook = undefined
    }
    await keepAliveDuring(sealed.closeWitness())
  }

  function flush(): Promise<void> {
    return keepAliveDuring(delivery.flush())
  }

  delivery.open()
  sealed?.start()
  return {
    redactor,
    reporter,
    findSecrets,
    allocateSequence,
    send,
    trySend,
    maxBatch: Math.max(1, Math.floor(options.maxBufferBytes / (2 * maxRecordBytes))),
    isUp: () => delivery.isUp(),
    counts: () => ({ ...delivery.counts(), ...(sealed && { seal: sealed.stats() }) }),
    flush,
    close,
  }
}

const NO_SEQUENCE_NUMBER = { run: '', seq: 0 }

/** Keeps what cannot hold a secret: ids, times, method, status and outcome. */
function withoutContent(record: AuditRecord): AuditRecord {
  const { http_request: request, http_response: response, error: _error, route: _route, ...others } = record
  const { notes: _notes, action, target: _target, reason: _reason, ...withoutAct } = others
  const { changes: _changes, attributes: _attributes, request_body: _body, ...rest } = withoutAct
  return {
    ...rest,
    ...((AUDITED_ACTIONS as readonly unknown[]).includes(action) && { action }),
    http_request: request && { method: request.method, url: '', user_agent: '' },
    http_response: response && { status_code: response.status_code, reason: '', headers: null },
    user: null,
    filter: null,
    results: null,
    message: '',
    truncated: ['*'],
  }
}
