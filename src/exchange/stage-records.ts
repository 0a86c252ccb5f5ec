// The option `stages`: lines before the end of the exchange, with what is known by then.
import type { Acceptance } from '../pipeline/acceptance.js'
import type { EarlyStage } from '../record/record.js'
import type { RecordDraft } from '../record/record-draft.js'

/** The exchange, as {@link StageRecords} sees it. */
export interface StagedExchange {
  /** Has `onHeader()` called when the header of the response is final. */
  watchHeader(): void
  /** Returns the draft with the facts of the exchange that are known already. */
  describeSoFar(): RecordDraft
  /** Returns the parts of the record that follow from the header; `undefined` if there is no header. */
  describeStarted(): Partial<RecordDraft> | undefined
  write(draft: RecordDraft): Acceptance
}

/** Created for exchanges with stages only. */
export class StageRecords {
  readonly #exchange: StagedExchange
  readonly #draft: RecordDraft
  #isHeaderAwaited = false

  constructor(exchange: StagedExchange, draft: RecordDraft) {
    this.#exchange = exchange
    this.#draft = draft
  }

  awaitHeader(): void {
    this.#isHeaderAwaited = true
    // Every line of an exchange has a stage if one of them may have.
    this.#draft.stage = 'completed'
    this.#exchange.watchHeader()
  }

  /** To be called when the record at the end is sent: no other line follows it. */
  end(): void {
    this.#isHeaderAwaited = false
  }

  sendReceived(): Acceptance {
    return this.#send('received', {})
  }

  sendStarted(): void {
    const facts = this.#isHeaderAwaited ? this.#exchange.describeStarted() : undefined
    if (facts === undefined) return
    this.#isHeaderAwaited = false
    void this.#send('started', facts)
  }

  /** All lines of an exchange have the same `id`. */
  #send(stage: EarlyStage, facts: Partial<RecordDraft>): Acceptance {
    const draft = this.#draft
    const stageDraft: RecordDraft = { ...this.#exchange.describeSoFar(), ...facts, stage }
    const acceptance = this.#exchange.write(stageDraft)
    draft.stage = 'completed'
    draft.sequence = stageDraft.sequence
    return acceptance
  }
}
