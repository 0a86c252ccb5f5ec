import type { Reporter } from '../lib/reporter.js'
import type { Acceptance } from '../pipeline/acceptance.js'
import { createDraft, type FoundSecret, type RecordDraft } from '../record/record-draft.js'
import type { SequenceNumber } from '../record/sequence.js'
import type { DraftRedactor } from './draft-parts.js'
import { fillSharedParts, linkToParent, type ParentRecord } from './parent-link.js'
import { type DraftSender, RecordBuilder } from './record-builder.js'

/** What a child record needs of its application. It must not refer to the exchange, which a child may outlive by far. */
export interface ChildContext {
  readonly redactor: DraftRedactor
  readonly reporter: Pick<Reporter, 'reportOnce'>
  /** As of {@link DraftSender}. */
  readonly lastMessageWins: boolean
  /** The client address, for a user without one. */
  readonly ip: string
  /** The secrets in the texts and custom fields of a record. */
  findSecrets(draft: RecordDraft): readonly FoundSecret[]
  /** Whether a record is to be written at all. */
  isWritten?(draft: RecordDraft): boolean
  /** As of {@link Pipeline}. */
  allocateSequence(): SequenceNumber
  /** Writes a record for good: when the sink does not accept it, it is buffered, or counted as lost. */
  write(draft: RecordDraft): Acceptance
}

/** Creates and sends child records. */
export interface ChildGroup {
  create(parent: ChildRecord): RecordBuilder
  /** Called when the handler calls `sendLog()`. */
  send(child: ChildRecord): void
  /** As of {@link DraftSender}. */
  onLogger?(child: ChildRecord, logger: object): void
  /** As of {@link DraftSender}. */
  onUse?(): void
}

/** The record of one further action, which a logger of `child()` fills. */
export class ChildRecord implements DraftSender, ParentRecord {
  readonly draft = createDraft(Date.now())
  readonly builder: RecordBuilder
  readonly context: ChildContext
  /** `undefined` when the record has been sent: a chain of records must not be retained by the last one. */
  parent: ParentRecord | undefined
  readonly #group: ChildGroup

  constructor(group: ChildGroup, parent: ParentRecord, context: ChildContext) {
    this.#group = group
    this.parent = parent
    this.context = context
    parent.draft.children += 1
    this.builder = new RecordBuilder(this.draft, context.redactor, this, context.ip)
  }

  get reporter(): Pick<Reporter, 'reportOnce'> {
    return this.context.reporter
  }

  get lastMessageWins(): boolean {
    return this.context.lastMessageWins
  }

  createChild(): RecordBuilder {
    return this.#group.create(this)
  }

  onLogger(logger: object): void {
    this.#group.onLogger?.(this, logger)
  }

  onUse(): void {
    this.#group.onUse?.()
  }

  /** Called by the builder. */
  send(): void {
    this.#group.send(this)
  }

  /** Called by {@link LateChildren}. */
  abandon(): void {
    this.builder.send()
  }

  /**
   * Fills in what is known only when the record is sent.
   *
   * @param facts a draft with the parts that all records of the exchange have in common
   */
  complete(facts: RecordDraft): void {
    fillSharedParts(this, facts)
    if (this.builder.needsCompletion) this.builder.complete({ mayHaveBody: false })
  }

  /** The secrets of all parts, as they are now. */
  findSecrets(): readonly (readonly FoundSecret[])[] {
    return [this.draft.secrets, this.context.findSecrets(this.builder.describeSoFar())]
  }

  /** Call it when the record is complete. A record that is not written is no child of its parent. */
  isWritten(): boolean {
    if (this.context.isWritten?.(this.draft) !== false) return true
    if (this.parent !== undefined) this.parent.draft.children -= 1
    return false
  }

  write(write = this.context.write): Acceptance {
    linkToParent(this, this.context.allocateSequence)
    const acceptance = write(this.draft)
    this.parent = undefined
    return acceptance
  }
}
