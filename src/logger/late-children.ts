// The records of loggers that `child()` returns when the record of the exchange has been sent, as in background work after the
// response. Each is sent by its own `sendLog()`. One that nobody sends is written when its logger has been garbage-collected,
// by `close()`, or when the process exits.
import { addExitHook } from '../lib/exit-hooks.js'
import type { Reporter } from '../lib/reporter.js'
import type { Acceptance } from '../pipeline/acceptance.js'
import { createDraft, type RecordDraft } from '../record/record-draft.js'
import type { DraftRedactor } from './draft-parts.js'
import { fillSharedParts, linkToParent, type ParentRecord } from './family.js'
import { type DraftSender, RecordBuilder } from './record-builder.js'

/** How many records wait for `sendLog()`. Beyond that the oldest is written as it is. */
const MAX_UNSENT = 10_000

/** What a late record has in common with the others of its exchange. */
interface LateChildOwner {
  readonly redactor: DraftRedactor
  readonly reporter: Pick<Reporter, 'reportOnce'>
  readonly lastMessageWins: boolean
  readonly ip: string
  isWritten?(draft: RecordDraft): boolean
  write(draft: RecordDraft): Acceptance
}

class LateChild implements DraftSender, ParentRecord {
  readonly draft = createDraft(Date.now())
  readonly builder: RecordBuilder
  readonly parent: ParentRecord
  readonly owner: LateChildOwner
  readonly #siblings: LateChildren

  constructor(siblings: LateChildren, parent: ParentRecord, facts: RecordDraft, owner: LateChildOwner) {
    this.#siblings = siblings
    this.owner = owner
    // Not the parent itself, which would retain the whole chain of parents.
    this.parent = { draft: parent.draft }
    fillSharedParts(this, facts)
    this.draft.secrets = facts.secrets
    this.builder = new RecordBuilder(this.draft, owner.redactor, this, owner.ip)
  }

  get reporter(): Pick<Reporter, 'reportOnce'> {
    return this.owner.reporter
  }

  get lastMessageWins(): boolean {
    return this.owner.lastMessageWins
  }

  createChild(): RecordBuilder {
    return this.#siblings.create(this, this.draft, this.owner)
  }

  onLogger(logger: object): void {
    this.#siblings.watch(this, logger)
  }

  send(): void {
    this.#siblings.send(this)
  }
}

/** The late records of one pipeline. */
export class LateChildren {
  readonly #unsent = new Set<LateChild>()
  /** Records that are being sent in batches. */
  readonly #sending = new Set<Promise<unknown>>()
  #registry: FinalizationRegistry<LateChild> | undefined
  #removeExitHook: (() => void) | undefined

  create(parent: ParentRecord, facts: RecordDraft, owner: LateChildOwner): RecordBuilder {
    if (this.#unsent.size >= MAX_UNSENT) this.#sendOldest(owner)
    parent.draft.children += 1
    const child = new LateChild(this, parent, facts, owner)
    this.#unsent.add(child)
    this.#removeExitHook ??= addExitHook('end exchanges', () => this.sendAll())
    return child.builder
  }

  /** Has the record sent when its logger has been garbage-collected, so that nobody can call `sendLog()` any more. */
  watch(child: LateChild, logger: object): void {
    this.#registry ??= new FinalizationRegistry(({ builder }) => builder.send())
    this.#registry.register(logger, child, child)
  }

  /** Called by the builder. */
  send(child: LateChild): void {
    this.#unsent.delete(child)
    this.#registry?.unregister(child)
    this.#write(child)
    if (this.#unsent.size > 0) return
    this.#removeExitHook?.()
    this.#removeExitHook = undefined
  }

  #write(child: LateChild): void {
    const { draft, builder, owner } = child
    if (builder.needsCompletion) builder.complete({ mayHaveBody: false })
    if (owner.isWritten?.(draft) === false) return
    linkToParent(child)
    void owner.write(draft)
  }

  sendAll(): void {
    for (const { builder } of this.#unsent) builder.send()
  }

  /** Records in batches that {@link whenSent} waits for. */
  track(sending: Promise<unknown>): void {
    this.#sending.add(sending)
    void sending.then(() => this.#sending.delete(sending))
  }

  async whenSent(): Promise<void> {
    await Promise.all(this.#sending)
  }

  #sendOldest({ reporter }: LateChildOwner): void {
    const [oldest] = this.#unsent
    oldest?.builder.send()
    reporter.reportOnce(
      'ERR_AUDIT_CHILDREN',
      `${MAX_UNSENT} loggers of child() that were created after the end of their exchange wait for sendLog(), so the oldest ` +
        'records are written as they are. Call sendLog() of each when its action is done',
    )
  }
}
