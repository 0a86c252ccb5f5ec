// Between the pipeline and a sink: retries what the sink does not accept, and reports each loss.
import { channel } from 'node:diagnostics_channel'
import { addExitHook } from '../lib/exit-hooks.js'
import type { Reporter } from '../lib/reporter.js'
import type { Sink } from '../sinks/sink.js'
import type { Acceptance } from './acceptance.js'
import { type Line, LineQueue } from './line-queue.js'
import { type Loss, Outage } from './outage.js'
import { PendingWrites, type TimeoutAction } from './pending-writes.js'

export interface DeliveryCounts {
  /** Lines that the sink has accepted. */
  readonly written: number
  /** Lines that are buffered, and lines for which the sink has not answered yet. */
  readonly waiting: number
  readonly lost: number
}

/** Where lines are written: a sink, or the seal before it. */
export interface LineSink {
  open?(): void
  write(line: Line): void | Promise<void>
}

/** A sink as one of lines. */
export function toLineSink(sink: Sink): LineSink {
  return { open: () => sink.open?.(), write: ({ text }) => sink.write(text) }
}

export interface DeliveryOptions {
  readonly sink: LineSink
  /** Bounds the buffer of an outage, and once more the lines for which the sink has not answered yet. */
  readonly maxBufferBytes: number
  readonly sinkTimeoutMs: number
  readonly reporter: Reporter
  /** Called after an outage, with the lines that were lost in it. */
  readonly onRecovery: (loss: Loss | undefined) => void
  /** What is written to, for messages. @default 'The sink' */
  readonly name?: string
  /** Whether losses and recoveries are published to diagnostics channels. @default true */
  readonly publishesEvents?: boolean
}

const lostChannel = channel('http-audit-log:lost')
const recoveredChannel = channel('http-audit-log:recovered')

/**
 * Writes lines to a sink, in the order of `seq`. During an outage lines are buffered and written again; those that
 * the buffer has no room for are counted and reported as lost.
 */
export class Delivery {
  readonly #sink: LineSink
  readonly #maxBufferBytes: number
  readonly #reporter: Reporter
  readonly #onRecovery: (loss: Loss | undefined) => void
  readonly #name: string
  readonly #publishesEvents: boolean
  readonly #buffer: LineQueue
  readonly #pending: PendingWrites
  readonly #outage = new Outage(() => this.#retryIfDue())
  #written = 0
  #lost = 0
  /** Whether the sink could not be opened, and has accepted no line since. */
  #isUnopened = false
  #removeExitHook: (() => void) | undefined

  constructor(options: DeliveryOptions) {
    const { sink, maxBufferBytes, sinkTimeoutMs, reporter, onRecovery } = options
    this.#sink = sink
    this.#maxBufferBytes = maxBufferBytes
    this.#reporter = reporter
    this.#onRecovery = onRecovery
    this.#name = options.name ?? 'The sink'
    this.#publishesEvents = options.publishesEvents ?? true
    this.#buffer = new LineQueue(maxBufferBytes)
    this.#pending = new PendingWrites({
      maxBytes: maxBufferBytes,
      timeoutMs: sinkTimeoutMs,
      onAccept: (wasOverdue) => this.#onAccept(wasOverdue),
      onReject: (line, error, wasOverdue) => this.#onReject(line, error, wasOverdue),
      onTimeout: () => this.#fail(new Error(`the sink has not answered for ${sinkTimeoutMs} ms`)),
    })
  }

  /** Opens a sink that can be opened, so that a wrong path is reported at start-up. A failure begins an outage. */
  open(): void {
    try {
      this.#sink.open?.()
      this.#isUnopened = false
    } catch (error) {
      this.#isUnopened = true
      this.#fail(error, 'could not be opened')
    }
  }

  /** Writes a line. When the sink does not accept it, the line is buffered and written later, or counted as lost. */
  send(line: Line): Acceptance {
    if (this.#outage.isActive) {
      const isBuffered = this.#bufferOrLose(line)
      this.#retryIfDue()
      // An outage ends only when the buffer is empty, so that the sink has accepted this line too.
      return isBuffered && !this.#outage.isActive
    }
    const acceptance = this.#write(line)
    if (typeof acceptance === 'boolean') return acceptance || this.#bufferUnlessPending(line)
    return acceptance.then((isAccepted) => isAccepted || this.#bufferUnlessPending(line))
  }

  /** Writes a line if the sink is up. When the sink does not accept it, the caller may send it again. */
  trySend(line: Line): Acceptance {
    return this.isUp() && this.#write(line, 'forget')
  }

  /** Whether there is no outage. During an outage this retries first, but not more often than every 100 ms. */
  isUp(): boolean {
    this.#retryIfDue()
    return !this.#outage.isActive
  }

  /** Waits until the sink has accepted or rejected every line that it was given, or the line has timed out. */
  async flush(): Promise<void> {
    do {
      this.#retryNow()
      await this.#pending.waitUntilSettled()
    } while (this.#outage.state === 'probing')
  }

  counts(): DeliveryCounts {
    return { written: this.#written, waiting: this.#buffer.length + this.#pending.size, lost: this.#lost }
  }

  #write(line: Line, timeoutAction: TimeoutAction = 'keep'): Acceptance {
    if (!this.#makeRoomFor(line)) {
      this.#fail(new Error(`the sink has not answered for ${this.#pending.size} records`))
      return false
    }
    try {
      const result = this.#sink.write(line)
      if (result !== undefined) {
        const acceptance = this.#pending.add(line, Promise.resolve(result), timeoutAction)
        this.#addExitHook()
        return acceptance
      }
    } catch (error) {
      this.#fail(error)
      return false
    }
    this.#countWritten()
    return true
  }

  /** Makes room for a retry by giving up the lines that have been overdue the longest. */
  #makeRoomFor(line: Line): boolean {
    while (!this.#pending.hasRoomFor(line)) {
      const overdue = this.#pending.takeOldestOverdue()
      if (overdue === undefined) return false
      this.#countLost(overdue)
    }
    return true
  }

  #onAccept(wasOverdue: boolean): void {
    this.#countWritten()
    if (wasOverdue) this.#retryNow()
    this.#removeExitHookWhenIdle()
  }

  #onReject(line: Line, error: unknown, wasOverdue: boolean): void {
    this.#fail(error)
    if (wasOverdue) {
      this.#bufferOrLose(line)
      this.#retryNow()
    }
  }

  #fail(cause: unknown, whatHappened = 'failed to write a record'): void {
    if (!this.#outage.fail()) return
    this.#addExitHook()
    // Last, because `onError` may send a record.
    this.#reporter.report(
      'ERR_AUDIT_SINK',
      `${this.#name} ${whatHappened}. Up to ${this.#maxBufferBytes} bytes of records are buffered until it recovers; ` +
        'what exceeds that is lost. Check that the destination can be written',
      cause,
    )
  }

  /** A line that the sink still has may yet be written, and must not be written twice. */
  #bufferUnlessPending(line: Line): false {
    if (!this.#pending.has(line)) this.#bufferOrLose(line)
    return false
  }

  #bufferOrLose(line: Line): boolean {
    if (!this.#outage.isActive) this.#fail(new Error('the sink did not accept a record'))
    const isBuffered = this.#buffer.add(line)
    if (!isBuffered) this.#countLost(line)
    return isBuffered
  }

  #countWritten(): void {
    this.#isUnopened = false
    this.#written += 1
    this.#outage.countWritten()
  }

  #countLost({ seq }: Line): void {
    this.#lost += 1
    this.#outage.countLost(seq)
    if (this.#publishesEvents && lostChannel.hasSubscribers) lostChannel.publish({ seq })
  }

  /** Retries unless the last attempt was less than 100 ms ago. */
  #retryIfDue(): void {
    if (this.#outage.isRetryDue) this.#retryNow()
  }

  /** Writes the buffered lines, oldest first. The outage is over when the sink has accepted them all. */
  #retryNow(): void {
    const outage = this.#outage
    const buffer = this.#buffer
    if (!outage.canRetry) return
    outage.delayRetry()
    if (buffer.length === 0 && this.#isUnopened) this.#reopen()
    for (let line = buffer.first; line !== undefined; line = buffer.first) {
      const acceptance = this.#write(line)
      if (acceptance === false) {
        // Counted from the end of the attempt: a slow one must not leave the process no time for anything else.
        outage.delayRetry()
        return
      }
      buffer.takeFirst()
      if (acceptance !== true) {
        void this.#probe(line, acceptance)
        return
      }
      buffer.release(line)
      outage.acceptRetry()
    }
    if (outage.hasRecovered(this.#pending.hasOverdue)) this.#endOutageIfRoom()
  }

  /** Ends an outage in which there is no line to write: a request must not be refused when the sink can be opened again. */
  #reopen(): void {
    this.open()
    if (!this.#isUnopened) this.#outage.acceptRetry()
  }

  /** An asynchronous sink gets one line at a time until it has shown that it works again. */
  async #probe(line: Line, acceptance: Promise<boolean>): Promise<void> {
    this.#outage.beginProbe()
    const isAccepted = await acceptance
    this.#outage.endProbe(isAccepted)
    // The sink still has an overdue line, and may yet write it.
    if (isAccepted || this.#pending.has(line)) this.#buffer.release(line)
    else this.#buffer.putBack(line)
    if (isAccepted) this.#retryNow()
  }

  /** The outage continues while the sink owes the answer for so many lines that the next one would begin it again. */
  #endOutageIfRoom(): void {
    // The sink accepts later lines, so it has dropped those that it never answered for.
    for (let line = this.#pending.takeOldestOverdue(); line; line = this.#pending.takeOldestOverdue()) {
      this.#countLost(line)
    }
    if (this.#pending.bytes > this.#maxBufferBytes / 2) return
    const { durationMs, written, loss } = this.#outage.end()
    this.#removeExitHookWhenIdle()
    const lost =
      loss && ` (seq ${loss.fromSeq} to ${loss.toSeq}). Raise maxBufferBytes to buffer longer outages`
    this.#reporter.notify(
      `${this.#name} recovered after ${durationMs} ms: ${written} records written, ${loss?.count ?? 0} lost${lost ?? ''}`,
    )
    if (this.#publishesEvents && recoveredChannel.hasSubscribers)
      recoveredChannel.publish({ durationMs, written, loss })
    this.#onRecovery(loss)
  }

  #addExitHook(): void {
    this.#removeExitHook ??= addExitHook('last write', () => this.#writeAtExit())
  }

  /** Registered only while lines can be lost, so that a delivery that is no longer used can be collected. */
  #removeExitHookWhenIdle(): void {
    if (this.#outage.isActive || this.#pending.size > 0) return
    this.#removeExitHook?.()
    this.#removeExitHook = undefined
  }

  #writeAtExit(): void {
    this.#retryNow()
    const count = this.#buffer.length + this.#pending.size + this.#outage.lostCount
    if (count === 0) return
    this.#reporter.report(
      'ERR_AUDIT_SINK',
      `The process exits and ${count} records were not written. Await close() before the exit to give the sink time`,
      this.#outage.isActive ? 'the sink is down' : 'the sink has not answered for them',
    )
  }
}
