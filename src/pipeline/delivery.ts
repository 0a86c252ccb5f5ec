// Between the pipeline and a sink: loss is never silent.
import { channel } from 'node:diagnostics_channel'
import { addExitHook } from '../lib/exit-hooks.js'
import type { Reporter } from '../lib/reporter.js'
import type { Sink } from '../sinks/sink.js'
import { LineQueue } from './line-queue.js'

export interface Line {
  readonly text: string
  readonly seq: number
}

/** Lines that did not fit while the sink was down. */
export interface Loss {
  count: number
  fromSeq: number
  toSeq: number
}

/** Whether the sink has accepted a line: known at once from a synchronous sink, later from another. */
export type Acceptance = boolean | Promise<boolean>

export interface Delivery {
  /** Hands a line over. One that the sink does not accept is kept and handed over again, or counted as lost. */
  send(line: Line): Acceptance
  /** Hands a line over. One that the sink does not accept is the caller's again. */
  offer(line: Line): Acceptance
  /** Whether the sink is thought to take lines; if not, it is tried once more, but not more often than it should. */
  isUp(): boolean
  /** Waits until the sink has answered for every line it was given, or has been given up on. */
  flush(): Promise<void>
  counts(): { written: number; waiting: number; lost: number }
}

interface DeliveryOptions {
  readonly sink: Sink
  readonly maxBufferBytes: number
  readonly sinkTimeoutMs: number
  readonly reporter: Reporter
  /** Called when the sink is back and lines had been lost. */
  readonly onLoss: (loss: Loss) => void
}

interface Outage {
  readonly since: number
  nextAttemptAt: number
  isProbing: boolean
  /** Whether the sink has accepted a line that it was tried with, and no trouble came since. */
  isProven: boolean
  readonly writtenBefore: number
  loss: Loss | undefined
  /** The first line that did not fit. */
  fullFrom: number
}

/** How often a sink that is down is tried again, milliseconds. */
const RETRY_MS = 100

const lostChannel = channel('http-audit-log:lost')
const recoveredChannel = channel('http-audit-log:recovered')

export function createDelivery({
  sink,
  maxBufferBytes,
  sinkTimeoutMs,
  reporter,
  onLoss,
}: DeliveryOptions): Delivery {
  /** Lines that are ours, in the order of `seq`. */
  const waiting = new LineQueue()
  /** Lines that the sink has and has not answered for, each with what becomes of it. */
  const pending = new Map<Line, Promise<boolean>>()
  /** Those of them that it has had for too long. While there are any, the sink counts as down. */
  const overdue = new Set<Line>()
  let waitingBytes = 0
  let pendingBytes = 0
  let written = 0
  let lost = 0
  let outage: Outage | undefined
  let cancelAtExit: (() => void) | undefined

  function send(line: Line): Acceptance {
    if (outage !== undefined) {
      const isKept = keep(line)
      recover()
      return isKept && outage === undefined
    }
    const accepted = hand(line)
    if (typeof accepted !== 'boolean') return accepted.then((isAccepted) => isAccepted || giveUpOn(line))
    return accepted || giveUpOn(line)
  }

  function giveUpOn(line: Line): false {
    // What the sink still has may yet be written: it is not given twice.
    if (!pending.has(line)) keep(line)
    return false
  }

  function isUp(): boolean {
    recover()
    return outage === undefined
  }

  /** @param isOffered whether the line is the caller's again when the sink does not accept it in time */
  function hand(line: Line, isOffered = false): Acceptance {
    if (!hasRoomFor(line)) {
      beginOutage(new Error(`it has not answered for ${pending.size} records`))
      return false
    }
    try {
      const answer = sink.write(line.text)
      if (answer !== undefined) return follow(line, Promise.resolve(answer), isOffered)
      written += 1
      return true
    } catch (error) {
      beginOutage(error)
      return false
    }
  }

  /** Waits for the sink's answer, but not forever. */
  function follow(line: Line, answer: Promise<unknown>, isOffered: boolean): Promise<boolean> {
    const answered = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => {
        if (isOffered) release(line)
        else overdue.add(line)
        beginOutage(new Error(`it has not answered for ${sinkTimeoutMs} ms`)).isProven = false
        resolve(false)
      }, sinkTimeoutMs).unref()
      const settle = (isAccepted: boolean, error?: unknown) => {
        clearTimeout(timer)
        if (!release(line)) return
        if (isAccepted) written += 1
        else beginOutage(error).isProven = false
        resolve(isAccepted)
        if (overdue.delete(line)) {
          if (!isAccepted) keep(line)
          recover(Number.POSITIVE_INFINITY)
        }
      }
      answer.then(
        () => settle(true),
        (error) => settle(false, error),
      )
    })
    pending.set(line, answered)
    pendingBytes += sizeOf(line)
    cancelAtExit ??= addExitHook('last write', takeLastChance)
    return answered
  }

  /** Whether the sink may be given one more. One at a time it always may, or nothing could show that it is back. */
  function hasRoomFor(line: Line): boolean {
    if (outage !== undefined) {
      for (const stuck of overdue) {
        if (pendingBytes + sizeOf(line) <= maxBufferBytes) break
        abandon(stuck, outage)
      }
    }
    return pending.size === 0 || pendingBytes + sizeOf(line) <= maxBufferBytes
  }

  /** What the sink never answered for can be told no better than as lost. */
  function abandon(stuck: Line, during: Outage): void {
    overdue.delete(stuck)
    release(stuck)
    lose(during, stuck)
  }

  /** @returns whether the sink's answer for the line was still waited for */
  function release(line: Line): boolean {
    if (!pending.delete(line)) return false
    pendingBytes -= sizeOf(line)
    forgetExit()
    return true
  }

  /** The exit is of interest only while there is something to lose. */
  function forgetExit(): void {
    if (outage !== undefined || pending.size > 0) return
    cancelAtExit?.()
    cancelAtExit = undefined
  }

  /**
   * Keeps a line for when the sink is back. Once one did not fit, no later one does: what is lost is one stretch.
   * One always fits, as the sink must be tried with something.
   */
  function keep(line: Line): boolean {
    const during = beginOutage(new Error('it did not accept a record'))
    if (waitingBytes === 0) during.fullFrom = Number.POSITIVE_INFINITY
    else if (waitingBytes + sizeOf(line) > maxBufferBytes) {
      during.fullFrom = Math.min(during.fullFrom, line.seq)
    }
    if (line.seq >= during.fullFrom) {
      lose(during, line)
      return false
    }
    waitingBytes += sizeOf(line)
    waiting.insert(line)
    return true
  }

  function lose(during: Outage, { seq }: Line): void {
    lost += 1
    during.loss ??= { count: 0, fromSeq: seq, toSeq: seq }
    during.loss.count += 1
    during.loss.fromSeq = Math.min(during.loss.fromSeq, seq)
    during.loss.toSeq = Math.max(during.loss.toSeq, seq)
    if (lostChannel.hasSubscribers) lostChannel.publish({ seq })
  }

  function beginOutage(cause: unknown): Outage {
    if (outage !== undefined) return outage
    const now = performance.now()
    const begun: Outage = {
      since: now,
      nextAttemptAt: now + RETRY_MS,
      isProbing: false,
      isProven: false,
      writtenBefore: written,
      loss: undefined,
      fullFrom: Number.POSITIVE_INFINITY,
    }
    cancelAtExit ??= addExitHook('last write', takeLastChance)
    // Before anybody is told: an `onError` may well send a record.
    outage = begun
    scheduleRecovery()
    reporter.report(
      'ERR_AUDIT_SINK',
      `The sink took no record; up to ${maxBufferBytes} bytes wait until it is back`,
      cause,
    )
    return begun
  }

  function scheduleRecovery(): void {
    setTimeout(() => {
      recover()
      if (outage !== undefined) scheduleRecovery()
    }, RETRY_MS).unref()
  }

  /** Hands over what waits, oldest first. An outage has ended when the sink took it all. */
  function recover(now = performance.now()): void {
    if (outage === undefined || outage.isProbing || now < outage.nextAttemptAt) return
    outage.nextAttemptAt = performance.now() + RETRY_MS
    for (let line = waiting.first; line !== undefined; line = waiting.first) {
      const accepted = hand(line)
      if (accepted === false) {
        // An attempt may itself take long, and the process must not do nothing else.
        outage.nextAttemptAt = performance.now() + RETRY_MS
        return
      }
      waiting.takeFirst()
      if (accepted !== true) {
        void probe(outage, line, accepted)
        return
      }
      waitingBytes -= sizeOf(line)
      outage.isProven = true
    }
    const isBack = outage.isProven || (overdue.size === 0 && written > outage.writtenBefore)
    if (!isBack) return
    for (const stuck of overdue) abandon(stuck, outage)
    if (pendingBytes <= maxBufferBytes / 2) endOutage(outage)
  }

  /** Of a sink that answers later, one line at a time shows whether it is back. */
  async function probe(during: Outage, line: Line, accepted: Promise<boolean>): Promise<void> {
    during.isProbing = true
    during.isProven = await accepted
    during.isProbing = false
    // Its place was kept, for when it comes back. What the sink still has may yet be written: it does not.
    if (during.isProven || pending.has(line)) waitingBytes -= sizeOf(line)
    else waiting.insert(line)
    if (during.isProven) recover(Number.POSITIVE_INFINITY)
  }

  function endOutage(ended: Outage): void {
    outage = undefined
    forgetExit()
    const { loss } = ended
    const durationMs = Math.round(performance.now() - ended.since)
    const kept = written - ended.writtenBefore
    reporter.notify(
      `The sink is back after ${durationMs} ms: ${kept} waiting records written, ${loss?.count ?? 0} lost`,
    )
    if (recoveredChannel.hasSubscribers) recoveredChannel.publish({ durationMs, kept, loss })
    if (loss !== undefined) onLoss(loss)
  }

  function takeLastChance(): void {
    recover(Number.POSITIVE_INFINITY)
    const count = waiting.length + pending.size + (outage?.loss?.count ?? 0)
    if (count === 0) return
    const cause = outage === undefined ? 'the sink has not answered for them' : 'the sink is down'
    reporter.report('ERR_AUDIT_SINK', `The process exits, and ${count} records were not written`, cause)
  }

  async function flush(): Promise<void> {
    do {
      recover(Number.POSITIVE_INFINITY)
      // Those that there are now: under steady traffic there are always more.
      await Promise.all(pending.values())
    } while (outage?.isProbing)
  }

  return {
    send,
    offer: (line) => isUp() && hand(line, true),
    isUp,
    flush,
    counts: () => ({ written, waiting: waiting.length + pending.size, lost }),
  }
}

function sizeOf({ text }: Line): number {
  return Buffer.byteLength(text)
}
