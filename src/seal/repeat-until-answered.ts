// A write to a sink that answers later, until it is known whether the sink has the line.
import { isLineBegun, type Sink } from '../sinks/sink.js'

/** How long a sink that has refused a repeated line is left alone, milliseconds. */
const RETRY_MS = 100

export interface RepeatedWrite {
  readonly sink: Sink
  readonly line: string
  readonly firstWrite: Promise<void>
  /** After so many milliseconds without an answer the line is written again. */
  readonly timeoutMs: number
  /** Called before the line is written again. */
  readonly onOverdue: () => void
}

/**
 * Writes the same line again while it is not known whether the sink has it. An identical duplicate does no harm, but another
 * line with the same index would.
 *
 * @returns a promise that is fulfilled when the sink has accepted the line, however late
 * @throws the last error, when the sink has rejected every write
 */
export function repeatUntilAnswered(options: RepeatedWrite): Promise<void> {
  const { sink, line, firstWrite, timeoutMs, onOverdue } = options
  return new Promise((resolve, reject) => {
    let unanswered = 0
    let isSettled = false
    let timer: NodeJS.Timeout | undefined
    follow(firstWrite)

    function follow(write: Promise<void>): void {
      unanswered += 1
      repeatAfter(timeoutMs)
      // A sink of the application may return any thenable.
      Promise.resolve(write).then(() => settle(resolve), onReject)
    }

    function repeatAfter(delayMs: number): void {
      clearTimeout(timer)
      timer = setTimeout(repeat, delayMs).unref()
    }

    function repeat(): void {
      onOverdue()
      try {
        const result = sink.write(line)
        if (result === undefined) settle(resolve)
        else follow(result)
      } catch (error) {
        unanswered += 1
        onReject(error)
      }
    }

    function onReject(error: unknown): void {
      // A rejected write whose line was begun still counts as unanswered: the sink has a part of the line.
      if (!isLineBegun(error)) unanswered -= 1
      if (isSettled) return
      if (unanswered === 0) settle(() => reject(error))
      else repeatAfter(RETRY_MS)
    }

    function settle(answer: () => void): void {
      isSettled = true
      clearTimeout(timer)
      answer()
    }
  })
}
