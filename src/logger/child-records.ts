// The records of the further actions of an exchange, or of a job: those of the loggers that `child()` returns.
import { addExitHook } from '../lib/exit-hooks.js'
import type { Reporter } from '../lib/reporter.js'
import { type Acceptance, allAccepted } from '../pipeline/acceptance.js'
import { createDraft, type RecordDraft } from '../record/record-draft.js'
import { mergeSecrets } from '../redact/found/merge-secrets.js'
import type { DraftRedactor } from './draft-parts.js'
import { fillSharedParts, linkToParent, type ParentRecord } from './family.js'
import type { LateChildren } from './late-children.js'
import { createNoopBuilder } from './noop-builder.js'
import { type DraftSender, RecordBuilder } from './record-builder.js'

/** How many records of one exchange may wait to be sent. Bounds the memory, and the work when the exchange ends. */
export const MAX_WAITING_CHILDREN = 1000

/** How many records are sent at a time, so that other requests get their turn and an asynchronous sink is not flooded. */
const MAX_BATCH = 64

export type WriteDraft = (draft: RecordDraft) => Acceptance

/** What the records have in common: the exchange, or the standalone logger whose `child()` was called. */
export interface ChildOwner {
  /** The draft of the record that the others name as their `parent`. */
  readonly draft: RecordDraft
  readonly redactor: DraftRedactor
  readonly reporter: Pick<Reporter, 'reportOnce'>
  /** As of {@link DraftSender}. */
  readonly lastMessageWins: boolean
  /** The client address, for a user without one. */
  readonly ip: string
  /** How many records of the largest size the sink may owe an answer for. */
  readonly maxBatch: number
  /** The records that are created when the exchange has ended. */
  readonly late: LateChildren
  /** Whether the records have left, so that those that are created now are sent by themselves. */
  hasEnded(): boolean
  /** The parts that all records have in common, as far as they are known now. */
  describeShared(): RecordDraft
  /** Whether a record is to be written at all. */
  isWritten?(draft: RecordDraft): boolean
  /** Writes a record for good: when the sink does not accept it, it is buffered, or counted as lost. */
  write: WriteDraft
  /** Called whenever the handler calls a method of one of the loggers. */
  onUse?(): void
}

/** The record of one further action. */
class ChildRecord implements DraftSender, ParentRecord {
  readonly draft = createDraft(Date.now())
  readonly builder: RecordBuilder
  /** `undefined` when the record has been sent: a chain of records must not be retained by the last one. */
  parent: ParentRecord | undefined
  /** Whether the record was sent while `failClosed` held the response, so that it may have to be corrected. */
  isCorrectable = false
  readonly #records: ChildRecords

  constructor(records: ChildRecords, parent: ParentRecord) {
    const { redactor, ip } = records.owner
    this.#records = records
    this.parent = parent
    this.builder = new RecordBuilder(this.draft, redactor, this, ip)
  }

  get reporter(): Pick<Reporter, 'reportOnce'> {
    return this.#records.owner.reporter
  }

  get lastMessageWins(): boolean {
    return this.#records.owner.lastMessageWins
  }

  onUse(): void {
    this.#records.owner.onUse?.()
  }

  createChild(): RecordBuilder {
    return this.#records.create(this)
  }

  /** Called by the builder if the handler calls `sendLog()`. */
  send(): void {
    this.#records.sendEarly(this)
  }
}

/** Created with the first call of `child()`, so that other exchanges do not pay for it. */
export class ChildRecords {
  readonly owner: ChildOwner
  /** In the order of creation, so that a record stands before those that name it as their parent. */
  #waiting = new Set<ChildRecord>()
  /** Sent while the response was held. */
  #held: ChildRecord[] = []
  /** Whether the sink has accepted the records that the handler sent by `sendLog()`. */
  #earlyAcceptance: Acceptance = true
  #removeExitHook: (() => void) | undefined

  constructor(owner: ChildOwner) {
    this.owner = owner
  }

  /** Never throws. */
  create(parent: ParentRecord): RecordBuilder {
    const { owner } = this
    if (owner.hasEnded()) return owner.late.create(parent, owner.describeShared(), owner)
    if (this.#waiting.size >= MAX_WAITING_CHILDREN) return this.#drop(parent)
    parent.draft.children += 1
    const child = new ChildRecord(this, parent)
    this.#waiting.add(child)
    return child.builder
  }

  /** Has the secrets of the records that wait hidden in the record of the owner. Call it before that is sent. */
  shareSecrets(): void {
    const { draft } = this.owner
    for (const child of this.#waiting) draft.secrets = mergeSecrets(draft.secrets, child.draft.secrets)
  }

  /** Removes the records that are not to be written, from the last one on: a record with children is written. */
  discard(): void {
    const facts = this.owner.describeShared()
    for (const child of [...this.#waiting].reverse()) {
      this.#complete(child, facts)
      if (!this.#isWritten(child)) this.#waiting.delete(child)
    }
  }

  /** Sends one record, before the others. */
  sendEarly(child: ChildRecord): void {
    if (!this.#waiting.delete(child)) return
    this.#complete(child, this.owner.describeShared())
    if (!this.#isWritten(child)) return
    this.#earlyAcceptance = allAccepted([this.#earlyAcceptance, this.#send(child, this.owner.write)])
  }

  /** Sends the records that wait, while `failClosed` holds the response: when one is refused, the others wait on. */
  sendHeld(trySend: WriteDraft): Acceptance {
    if (this.#earlyAcceptance === false) return false
    const sent = this.#sendInBatches((child) => {
      child.isCorrectable = true
      this.#held.push(child)
      return this.#send(child, trySend)
    }, true)
    return allAccepted([this.#earlyAcceptance, sent])
  }

  /** Has the records that were sent while the response was held sent once more, since the response differs from them. */
  correct(): void {
    for (const { draft } of this.#held) draft.stage = 'corrected'
    this.#waiting = new Set([...this.#held, ...this.#waiting])
    this.#held = []
  }

  /** Sends the records that wait. */
  sendAll(): void {
    const sent = this.#sendInBatches((child) => this.#send(child, this.owner.write), false)
    if (typeof sent !== 'boolean') this.owner.late.track(sent)
  }

  /** Has the records sent at the latest when the process exits. */
  sendAtExit(): void {
    this.#removeExitHook ??= addExitHook('end exchanges', () => this.sendRest())
  }

  /** Sends the records that wait at once, however many there are. */
  sendRest(): void {
    if (this.#waiting.size === 0) return
    const facts = this.owner.describeShared()
    for (const child of this.#waiting) {
      this.#waiting.delete(child)
      this.#complete(child, facts)
      void this.#send(child, this.owner.write)
    }
  }

  #sendInBatches(send: (child: ChildRecord) => Acceptance, stopsAtRefusal: boolean): Acceptance {
    if (this.#waiting.size === 0) return true
    const facts = this.owner.describeShared()
    const sendBatch = (): Acceptance => {
      const acceptances: Acceptance[] = []
      for (const child of this.#waiting) {
        if (acceptances.length === Math.min(MAX_BATCH, this.owner.maxBatch)) break
        this.#waiting.delete(child)
        this.#complete(child, facts)
        const acceptance = send(child)
        acceptances.push(acceptance)
        if (acceptance === false && stopsAtRefusal) break
      }
      return allAccepted(acceptances)
    }
    const first = sendBatch()
    if (this.#waiting.size === 0 || (first === false && stopsAtRefusal)) return first
    this.sendAtExit()
    return this.#sendFurtherBatches(first, sendBatch, stopsAtRefusal)
  }

  async #sendFurtherBatches(
    first: Acceptance,
    sendBatch: () => Acceptance,
    stopsAtRefusal: boolean,
  ): Promise<boolean> {
    let isAccepted = await first
    while (this.#waiting.size > 0 && (isAccepted || !stopsAtRefusal)) {
      await new Promise(setImmediate)
      isAccepted = (await sendBatch()) && isAccepted
    }
    if (this.#waiting.size === 0) {
      this.#removeExitHook?.()
      this.#removeExitHook = undefined
    }
    return isAccepted
  }

  /** A record that is not written is no child of its parent. */
  #isWritten({ draft, parent }: ChildRecord): boolean {
    if (this.owner.isWritten?.(draft) !== false) return true
    if (parent !== undefined) parent.draft.children -= 1
    return false
  }

  #complete(child: ChildRecord, facts: RecordDraft): void {
    const { draft } = child
    fillSharedParts(child, facts)
    if (child.builder.needsCompletion) child.builder.complete({ mayHaveBody: false })
    const { draft: first } = this.owner
    if (first.secrets.length + draft.secrets.length > 0) {
      first.secrets = mergeSecrets(first.secrets, draft.secrets)
      draft.secrets = mergeSecrets(draft.secrets, first.secrets)
    }
  }

  #send(child: ChildRecord, write: WriteDraft): Acceptance {
    linkToParent(child)
    const acceptance = write(child.draft)
    child.parent = undefined
    return acceptance
  }

  #drop(parent: ParentRecord): RecordBuilder {
    parent.draft.children_dropped += 1
    this.owner.reporter.reportOnce(
      'ERR_AUDIT_CHILDREN',
      `More than ${MAX_WAITING_CHILDREN} loggers of child() wait for the end of one exchange, so that of further ones nothing is ` +
        'recorded but their number, as `children_dropped`. Call sendLog() of each when its action is done',
    )
    return createNoopBuilder({ lastMessageWins: true, send() {}, createChild: () => this.#drop(parent) })
  }
}
