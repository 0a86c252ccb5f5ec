// The records of loggers that `child()` returns when the record of the exchange has been sent, as in background work after the
// response. Each is sent by its own `sendLog()`. One that the application does not send is written when its logger has been
// garbage-collected, by `close()`, or when the process exits, and its outcome is unknown. So is a job whose child was sent, because
// the child names it as its parent; its logger is not observed.
import { addExitHook } from '../lib/exit-hooks.js'
import { keepAliveDuring } from '../lib/keep-alive.js'
import type { Reporter } from '../lib/reporter.js'
import type { RecordDraft } from '../record/record-draft.js'
import { mergeAllSecrets } from '../redact/found/merge-secrets.js'
import { type ChildContext, type ChildGroup, ChildRecord } from './child-record.js'
import type { ParentRecord } from './parent-link.js'
import type { RecordBuilder } from './record-builder.js'

/** How many records wait for `sendLog()`. Beyond that the oldest is written as it is. */
const MAX_UNSENT = 10_000

/** A record that is written as it is when the application does not send it. */
export interface UnsentRecord {
  abandon(): void
}

/** The late records of one pipeline. */
export class LateChildren implements ChildGroup {
  readonly #unsent = new Set<UnsentRecord>()
  /** Records that are being sent in batches. */
  readonly #sending = new Set<Promise<unknown>>()
  #registry: FinalizationRegistry<ChildRecord> | undefined
  #removeExitHook: (() => void) | undefined

  create(parent: ChildRecord): RecordBuilder {
    return this.createFor(parent, parent.draft, parent.context)
  }

  /** @param facts a draft with the parts that all records of the exchange have in common */
  createFor(parent: ParentRecord, facts: RecordDraft, context: ChildContext): RecordBuilder {
    // Not the parent itself, which would retain the whole chain of parents.
    const child = new ChildRecord(this, { draft: parent.draft }, context)
    // The response was sent before the action, so it does not show how the action ends.
    child.complete({ ...facts, http_response: null, ended: null, hasActionEnded: false })
    child.draft.secrets = mergeAllSecrets([facts.secrets, context.findSecrets(parent.draft)])
    this.hold(child, context.reporter)
    return child.builder
  }

  /** Has a record written at the latest when the process exits. */
  hold(record: UnsentRecord, reporter: Pick<Reporter, 'reportOnce'>): void {
    if (this.#unsent.has(record)) return
    if (this.#unsent.size >= MAX_UNSENT) this.#sendOldest(reporter)
    this.#unsent.add(record)
    this.#removeExitHook ??= addExitHook('end exchanges', () => this.sendAll())
  }

  /** @returns whether the record was held */
  release(record: UnsentRecord): boolean {
    const wasHeld = this.#unsent.delete(record)
    if (this.#unsent.size === 0) {
      this.#removeExitHook?.()
      this.#removeExitHook = undefined
    }
    return wasHeld
  }

  /** Has the record sent when its logger has been garbage-collected, so that nobody can call `sendLog()` any more. */
  onLogger(child: ChildRecord, logger: object): void {
    this.#registry ??= new FinalizationRegistry((held) => this.#abandon(held))
    this.#registry.register(logger, child, child)
  }

  /** Called by the builder. */
  send(child: ChildRecord): void {
    // `#abandon()` has removed the record already.
    child.draft.hasActionEnded = this.release(child)
    this.#registry?.unregister(child)
    if (child.builder.needsCompletion) child.builder.complete({ mayHaveBody: false })
    if (child.isWritten()) void child.write()
  }

  /** Writes a record that the application has not sent, and which it cannot send any more. */
  #abandon(record: UnsentRecord): void {
    this.release(record)
    record.abandon()
  }

  sendAll(): void {
    for (const record of this.#unsent) this.#abandon(record)
  }

  /** Records in batches that {@link whenSent} waits for. */
  track(sending: Promise<unknown>): void {
    this.#sending.add(sending)
    void sending.then(() => this.#sending.delete(sending))
  }

  /** The process stays alive meanwhile. */
  async whenSent(): Promise<void> {
    if (this.#sending.size > 0) await keepAliveDuring(Promise.all(this.#sending))
  }

  #sendOldest(reporter: Pick<Reporter, 'reportOnce'>): void {
    const [oldest] = this.#unsent
    if (oldest !== undefined) this.#abandon(oldest)
    reporter.reportOnce(
      'ERR_AUDIT_CHILDREN',
      `${MAX_UNSENT} loggers of child() that were created after the end of their exchange, and jobs whose child was sent, wait ` +
        'for sendLog(), so the oldest records are written as they are. Call sendLog() of each when its action is done',
    )
  }
}
