// The records of the further actions of an exchange, or of a job: those of the loggers that `child()` returns.
import { addExitHook } from '../lib/exit-hooks.js'
import { type Acceptance, allAccepted } from '../pipeline/acceptance.js'
import type { FoundSecret, RecordDraft } from '../record/record-draft.js'
import { MAX_SECRETS_OF_DRAFT } from '../redact/found/found-secrets.js'
import { mergeAllSecrets, mergeSecrets } from '../redact/found/merge-secrets.js'
import { type ChildContext, type ChildGroup, ChildRecord } from './child-record.js'
import type { LateChildren } from './late-children.js'
import type { ParentRecord } from './parent-link.js'
import { createNoopBuilder, type RecordBuilder } from './record-builder.js'

/** How many records of one exchange may wait to be sent. Bounds the memory, and the work when the exchange ends. */
const MAX_WAITING = 1000

/** How many records are sent at a time, so that other requests get their turn and an asynchronous sink is not flooded. */
const MAX_BATCH = 64

/** What the records have in common: the exchange, or the standalone logger whose `child()` was called. */
export interface ChildOwner {
  /** The draft of the record that the others name as their `parent`. */
  readonly draft: RecordDraft
  readonly context: ChildContext
  /** How many records of the largest size the sink may owe an answer for. */
  readonly maxBatch: number
  /** The records that are created when the exchange has ended. */
  readonly late: LateChildren
  /** Whether the records have left, so that those that are created now are sent by themselves. */
  hasEnded(): boolean
  /** The parts that all records have in common, as far as they are known now. */
  describeShared(): RecordDraft
  /** Called when a child was sent before the record that it names as its parent. */
  onEarlyChild?(): void
  /** Called whenever the handler calls a method of one of the loggers. */
  onUse?(): void
}

/** Created with the first call of `child()`, so that other exchanges do not pay for it. */
export class ChildRecords implements ChildGroup {
  readonly #owner: ChildOwner
  /** In the order of creation, so that a record stands before those that name it as their parent. */
  #waiting = new Set<ChildRecord>()
  /** Sent while the response was held. */
  #held: ChildRecord[] = []
  /** Whether the sink has accepted the records that the handler sent by `sendLog()`. */
  #earlyAcceptance: Acceptance = true
  #removeExitHook: (() => void) | undefined
  /** The secrets that all records that wait have; `undefined` if one of them may have others. */
  #sharedSecrets: readonly FoundSecret[] | undefined

  constructor(owner: ChildOwner) {
    this.#owner = owner
  }

  /** Never throws. */
  create(parent: ParentRecord): RecordBuilder {
    const owner = this.#owner
    if (owner.hasEnded()) return owner.late.createFor(parent, owner.describeShared(), owner.context)
    if (this.#waiting.size >= MAX_WAITING) return this.#drop(parent)
    const child = new ChildRecord(this, parent, owner.context)
    this.#waiting.add(child)
    this.#sharedSecrets = undefined
    return child.builder
  }

  /**
   * Has the secrets of the owner and of the records that wait hidden in all of them. Call it before one of them is sent: it has
   * no effect if nothing was added since.
   */
  shareSecrets(): void {
    const { draft, context } = this.#owner
    if (this.#sharedSecrets === draft.secrets || this.#waiting.size === 0) return
    const own = [draft.secrets, context.findSecrets(draft)]
    const ofChildren = [...this.#waiting].map((child) => ({
      draft: child.draft,
      secrets: child.findSecrets(),
    }))
    const shared = mergeAllSecrets([...own, ...ofChildren.flatMap(({ secrets }) => secrets)])
    const isFull = shared.length === MAX_SECRETS_OF_DRAFT
    draft.secrets = shared
    for (const child of ofChildren)
      child.draft.secrets = isFull ? mergeAllSecrets([...child.secrets, shared]) : shared
    this.#sharedSecrets = shared
  }

  /** As {@link shareSecrets}, for a line of an earlier stage: all records may still change after it. */
  shareSecretsSoFar(): void {
    this.shareSecrets()
    this.#sharedSecrets = undefined
  }

  /** Removes the records that are not to be written, from the last one on: a record with children is written. */
  discard(): void {
    const facts = this.#owner.describeShared()
    for (const child of [...this.#waiting].reverse()) {
      child.complete(facts)
      if (!child.isWritten()) this.#waiting.delete(child)
    }
  }

  onUse(): void {
    this.#sharedSecrets = undefined
    this.#owner.onUse?.()
  }

  /** Sends one record, before the others. Called by the builder. */
  send(child: ChildRecord): void {
    if (!this.#waiting.delete(child)) return
    const { draft } = this.#owner
    child.complete(this.#owner.describeShared())
    draft.secrets = mergeSecrets(draft.secrets, mergeAllSecrets(child.findSecrets()))
    child.draft.secrets = mergeAllSecrets([child.draft.secrets, draft.secrets])
    if (!child.isWritten()) return
    this.#earlyAcceptance = allAccepted([this.#earlyAcceptance, child.write()])
    this.#owner.onEarlyChild?.()
  }

  /** Sends the records that wait, while `failClosed` holds the response: when one is refused, the others wait on. */
  sendHeld(trySend: ChildContext['write']): Acceptance {
    if (this.#earlyAcceptance === false) return false
    const sent = this.#sendInBatches((child) => {
      this.#held.push(child)
      return child.write(trySend)
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
    const sent = this.#sendInBatches((child) => child.write(), false)
    if (typeof sent !== 'boolean') this.#owner.late.track(sent)
  }

  /** Has the records sent at the latest when the process exits. */
  sendAtExit(): void {
    this.#removeExitHook ??= addExitHook('end exchanges', () => this.sendRest())
  }

  /** Sends the records that wait at once, however many there are. */
  sendRest(): void {
    if (this.#waiting.size === 0) return
    this.shareSecrets()
    const facts = this.#owner.describeShared()
    for (const child of this.#waiting) {
      this.#waiting.delete(child)
      child.complete(facts)
      void child.write()
    }
  }

  #sendInBatches(send: (child: ChildRecord) => Acceptance, stopsAtRefusal: boolean): Acceptance {
    if (this.#waiting.size === 0) return true
    const facts = this.#owner.describeShared()
    const sendBatch = (): Acceptance => {
      this.shareSecrets()
      const acceptances: Acceptance[] = []
      for (const child of this.#waiting) {
        if (acceptances.length === Math.min(MAX_BATCH, this.#owner.maxBatch)) break
        this.#waiting.delete(child)
        child.complete(facts)
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

  #drop(parent: ParentRecord): RecordBuilder {
    parent.draft.children_dropped += 1
    this.#owner.context.reporter.reportOnce(
      'ERR_AUDIT_CHILDREN',
      `More than ${MAX_WAITING} loggers of child() wait for the end of one exchange, so that of further ones nothing is ` +
        'recorded but their number, as `children_dropped` of a parent that was not sent before. Call sendLog() of each when its action is done',
    )
    return createNoopBuilder({ lastMessageWins: true, send() {}, createChild: () => this.#drop(parent) })
  }
}
