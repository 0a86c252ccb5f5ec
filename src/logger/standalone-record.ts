// The record of a logger without a request. The records of its children are sent with it.
import type { Reporter } from '../lib/reporter.js'
import type { StandalonePipeline } from '../pipeline/standalone-pipeline.js'
import { createDraft, type RecordDraft } from '../record/record-draft.js'
import { ChildRecords } from './child-records.js'
import { LateChildren } from './late-children.js'
import { type DraftSender, RecordBuilder } from './record-builder.js'

export interface StandaloneOptions {
  /** Links the record to a request. */
  readonly requestId?: string | undefined
  /** Given for loggers of a middleware, whose `close()` sends their late children. */
  readonly late?: LateChildren | undefined
}

class StandaloneRecord implements DraftSender {
  readonly draft: RecordDraft = createDraft(Date.now())
  /** As in Python. */
  readonly lastMessageWins = true
  readonly #pipeline: StandalonePipeline
  #late: LateChildren | undefined
  #children: ChildRecords | undefined
  #isSent = false
  /** Not sent by the application, so that nobody knows whether the action took place. */
  #isAbandoned = false

  constructor(pipeline: StandalonePipeline, { requestId, late }: StandaloneOptions) {
    this.#pipeline = pipeline
    this.#late = late
    if (requestId !== undefined) this.draft.request_id = requestId
  }

  get reporter(): Reporter {
    return this.#pipeline.reporter
  }

  createChild(): RecordBuilder {
    this.#children ??= this.#createChildren()
    return this.#children.create(this)
  }

  /** Called by the builder, once. */
  send(draft: RecordDraft): void {
    if (this.#isSent) return
    this.#late?.release(this)
    const children = this.#children
    this.#isSent = true
    draft.hasActionEnded = this.#hasActionEnded
    children?.shareSecrets()
    children?.discard()
    if (this.#pipeline.isWritten(draft)) void this.#pipeline.send(draft)
    // Late children must not name a record that does not exist.
    else draft.detail = 'none'
    if (this.#isAbandoned) children?.sendRest()
    else children?.sendAll()
  }

  /** Called by {@link LateChildren}: a child that was sent names this record, which the application has not sent. */
  abandon(): void {
    this.#isAbandoned = true
    this.send(this.draft)
  }

  get #hasActionEnded(): boolean {
    return !this.#isAbandoned && hasActionEnded(this.draft)
  }

  #createChildren(): ChildRecords {
    const { redactor, reporter, maxBatch, findSecrets, allocateSequence, send, isWritten } = this.#pipeline
    this.#late ??= new LateChildren()
    const late = this.#late
    return new ChildRecords({
      draft: this.draft,
      context: {
        redactor,
        reporter,
        lastMessageWins: true,
        ip: '',
        findSecrets,
        isWritten,
        allocateSequence,
        write: send,
      },
      maxBatch,
      late,
      hasEnded: () => this.#isSent,
      describeShared: () => this.#describeShared(),
      onEarlyChild: () => {
        if (!this.#isSent) late.hold(this, reporter)
      },
    })
  }

  /** A child is written only when the application has sent it, or this record. */
  #describeShared(): RecordDraft {
    const { draft } = this
    const detail = draft.detail === 'none' ? 'full' : draft.detail
    return { ...draft, detail, hasActionEnded: this.#hasActionEnded }
  }
}

/** Not for a request without a response: nothing shows what was done. */
function hasActionEnded({ http_request, http_response }: RecordDraft): boolean {
  return http_request === null || (http_response?.status_code ?? null) !== null
}

/** Creates the builder of a logger without a request. */
export function createStandaloneBuilder(
  pipeline: StandalonePipeline,
  options: StandaloneOptions = {},
): RecordBuilder {
  const record = new StandaloneRecord(pipeline, options)
  return new RecordBuilder(record.draft, pipeline.redactor, record, '')
}
