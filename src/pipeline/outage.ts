/**
 * The states of a sink:
 * - `up`: it accepts lines.
 * - `down`: a write has failed. New lines are buffered; the oldest is written again every 100 ms.
 * - `probing`: the sink answers later, and has one buffered line. Nothing else is written until it answers.
 * - `recovering`: it has accepted a buffered line; the remaining lines follow.
 *
 *     up --fail--> down <--fail-- recovering --end--> up
 *                  down --beginProbe--> probing --endProbe--> recovering | down
 *                  down --acceptRetry--> recovering
 */
export type SinkState = 'up' | 'down' | 'probing' | 'recovering'

/** The lines that an outage has cost. */
export interface Loss {
  readonly count: number
  readonly fromSeq: number
  readonly toSeq: number
}

/** How an outage went, once it is over. */
export interface OutageSummary {
  readonly durationMs: number
  /** How many lines were written since it began: from the buffer, and late answers of the sink. */
  readonly written: number
  readonly loss: Loss | undefined
}

/** How long a sink that is down is left alone between two attempts, milliseconds. */
export const RETRY_MS = 100

/** Tracks whether the sink is down, when to write to it again, and what was lost meanwhile. Does no writing itself. */
export class Outage {
  readonly #onRetry: () => void
  #state: SinkState = 'up'
  #startedAt = 0
  #nextRetryAt = 0
  #written = 0
  #loss: Loss | undefined
  #timer: NodeJS.Timeout | undefined

  /** @param onRetry called every 100 ms during an outage, even when the application is idle */
  constructor(onRetry: () => void) {
    this.#onRetry = onRetry
  }

  get state(): SinkState {
    return this.#state
  }

  get isActive(): boolean {
    return this.#state !== 'up'
  }

  get lostCount(): number {
    return this.#loss?.count ?? 0
  }

  /**
   * A write has failed: rejected, thrown or overdue.
   *
   * @returns whether this begins an outage
   */
  fail(): boolean {
    // The probe's own answer decides what follows `probing`.
    if (this.#state === 'recovering') this.#state = 'down'
    if (this.#state !== 'up') return false
    this.#state = 'down'
    this.#startedAt = performance.now()
    this.#written = 0
    this.delayRetry()
    this.#timer = setInterval(this.#onRetry, RETRY_MS).unref()
    return true
  }

  /** Whether buffered lines may be written: not while the sink still has to answer for one of them. */
  get canRetry(): boolean {
    return this.#state === 'down' || this.#state === 'recovering'
  }

  /** Whether a retry is possible, and the last one was at least 100 ms ago. */
  get isRetryDue(): boolean {
    return this.canRetry && performance.now() >= this.#nextRetryAt
  }

  delayRetry(): void {
    this.#nextRetryAt = performance.now() + RETRY_MS
  }

  beginProbe(): void {
    this.#state = 'probing'
  }

  endProbe(isAccepted: boolean): void {
    this.#state = isAccepted ? 'recovering' : 'down'
  }

  /** A synchronous sink has accepted a buffered line. */
  acceptRetry(): void {
    this.#state = 'recovering'
  }

  countWritten(): void {
    this.#written += 1
  }

  countLost(seq: number): void {
    const { count, fromSeq, toSeq } = this.#loss ?? { count: 0, fromSeq: seq, toSeq: seq }
    this.#loss = { count: count + 1, fromSeq: Math.min(fromSeq, seq), toSeq: Math.max(toSeq, seq) }
  }

  /**
   * Whether the sink works again, given that no line is buffered: it has accepted a retried line, or it has accepted an
   * overdue line and no other line is overdue.
   */
  hasRecovered(hasOverdueWrites: boolean): boolean {
    return this.#state === 'recovering' || (!hasOverdueWrites && this.#written > 0)
  }

  end(): OutageSummary {
    clearInterval(this.#timer)
    const loss = this.#loss
    this.#state = 'up'
    this.#loss = undefined
    return { durationMs: Math.round(performance.now() - this.#startedAt), written: this.#written, loss }
  }
}
