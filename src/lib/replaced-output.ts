// Detects that other code has replaced `process.stdout.write` or `process.stderr.write`. PM2 does so in cluster mode, and
// tools that capture output do: what is written to the descriptor then ends up somewhere else than what the application
// prints, such as in the log of PM2's daemon.
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads'
import { suppressRejection } from './safe-read.js'

type OutputName = 'stdout' | 'stderr'
type Callback = (error?: unknown) => void
type Write = (text: string, encoding: 'utf8', callback: Callback) => unknown

const DESCRIPTORS = { stdout: 1, stderr: 2 } as const
const KEY = 'http-audit-log/stdout-is-replaced'
/** The parameters of `write(chunk, encoding, callback)`. A function with fewer may drop the callback. */
const PARAMETERS_WITH_CALLBACK = 3
/** After this time a replacement counts as one that never calls back. */
const CALLBACK_TIMEOUT_MS = 1000

/** Bun and Deno themselves set `write` on some streams, so there the first function counts as the original one. */
const hasOwnWrites = process.versions.bun !== undefined || process.versions.deno !== undefined
const firstWrites = { stdout: readFirstWrite('stdout'), stderr: readFirstWrite('stderr') }
const isReplacedInMainThread = !isMainThread && getEnvironmentData(KEY) === true
const neverCallBack = new WeakSet<Write>()

function readFirstWrite(name: OutputName): unknown {
  try {
    return hasOwnWrites ? process[name].write : undefined
  } catch {
    return undefined
  }
}

/** Whether other code has replaced the stream, or its `write`. Cheap enough for each record. */
export function isOutputReplaced(name: OutputName): boolean {
  try {
    const stream = process[name]
    const { write } = stream
    if (write !== Object.getPrototypeOf(stream).write && write !== firstWrites[name]) return true
    // Only the main thread has the descriptor. In the other threads the stream leads to the main thread.
    return isMainThread ? stream.fd !== DESCRIPTORS[name] : isReplacedInMainThread && name === 'stdout'
  } catch {
    // Reading the stream throws when the process has none.
    return false
  }
}

/** Tells the threads that are started later to write their records through the main thread. */
export function announceReplacedStdout(): void {
  if (isMainThread) setEnvironmentData(KEY, true)
}

/**
 * Writes through the function that has replaced `write`.
 *
 * @returns a promise if the function has a parameter for the callback: it is fulfilled when the function calls back
 * @throws the error of the function
 */
export function writeToReplacement(name: OutputName, text: string): void | Promise<void> {
  const stream: NodeJS.WriteStream = process[name]
  const write: Write = stream.write
  const call = (callback: Callback) =>
    withoutErrorEvent(stream, () => suppressRejection(write.call(stream, text, 'utf8', callback)))
  if (write.length >= PARAMETERS_WITH_CALLBACK && !neverCallBack.has(write))
    return callAndWait(stream, write, call)
  call((error) => ignoreErrorEvent(stream, error))
}

function callAndWait(
  stream: NodeJS.WriteStream,
  write: Write,
  call: (callback: Callback) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      neverCallBack.add(write)
      resolve()
    }, CALLBACK_TIMEOUT_MS).unref()
    // If the function throws, the promise is rejected.
    call((error) => {
      clearTimeout(timer)
      ignoreErrorEvent(stream, error)
      if (error) reject(error)
      else resolve()
    })
  })
}

/** As `console.log` does: without a listener, the event 'error' ends the process. */
function withoutErrorEvent(stream: NodeJS.WriteStream, write: () => void): void {
  const isUnheard = stream.listenerCount('error') === 0
  if (isUnheard) stream.once('error', ignore)
  try {
    write()
  } finally {
    if (isUnheard) stream.removeListener('error', ignore)
  }
}

/** The stream emits the event after it has called back. */
function ignoreErrorEvent(stream: NodeJS.WriteStream, error: unknown): void {
  if (error && stream.listenerCount('error') === 0) stream.once('error', ignore)
}

function ignore(): void {}
