// Detects that other code has replaced `process.stdout.write` or `process.stderr.write`. PM2 does so in cluster mode, and
// tools that capture output do: what is written to the descriptor then ends up somewhere else than what the application
// prints, such as in the log of PM2's daemon.
import { Writable } from 'node:stream'
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

const nodeWrite: unknown = Writable.prototype.write
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
    // Hot path: with literal names V8 remembers where the properties are.
    const stream = name === 'stdout' ? process.stdout : process.stderr
    const { write } = stream
    // Not the prototype of the stream, whose method other code may have replaced too.
    if (write !== nodeWrite && write !== firstWrites[name]) return true
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
 * @returns a promise if the function may take the callback, or returns a promise: it is settled as the function reports
 * @throws the error of the function
 */
export function writeToReplacement(name: OutputName, text: string): void | Promise<void> {
  const stream: NodeJS.WriteStream = process[name]
  const write: Write = stream.write
  const call = (callback: Callback) =>
    withoutErrorEvent(stream, () => suppressRejection(write.call(stream, text, 'utf8', callback)))
  if (mayCallBack(write) && !neverCallBack.has(write)) return callAndWait(stream, write, call)
  let failure: unknown
  const result = call((error) => {
    ignoreErrorEvent(stream, error)
    failure ??= error
  })
  if (failure) throw failure
  if (result instanceof Promise) return result.then(() => {})
}

/** A function without named parameters may take the callback from `arguments`. */
function mayCallBack({ length }: Write): boolean {
  return length === 0 || length >= PARAMETERS_WITH_CALLBACK
}

function callAndWait(
  stream: NodeJS.WriteStream,
  write: Write,
  call: (callback: Callback) => unknown,
): Promise<void> {
  const { promise, resolve, reject } = createDeferred()
  const timer = setTimeout(() => {
    neverCallBack.add(write)
    resolve()
  }, CALLBACK_TIMEOUT_MS).unref()
  const settle = (error?: unknown) => {
    clearTimeout(timer)
    if (error) reject(error)
    else resolve()
  }
  try {
    const result = call((error) => {
      ignoreErrorEvent(stream, error)
      settle(error)
    })
    if (result instanceof Promise) {
      // A function that names the callback may fulfil its promise before it calls back.
      const onFulfilled = write.length < PARAMETERS_WITH_CALLBACK ? () => settle() : undefined
      result.then(onFulfilled, (error) => settle(error ?? new Error('rejected')))
    }
  } catch (error) {
    clearTimeout(timer)
    // It may have called back with an error before.
    promise.catch(ignore)
    throw error
  }
  return promise
}

function createDeferred() {
  let resolve = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<void>((onFulfilled, onRejected) => {
    resolve = onFulfilled
    reject = onRejected
  })
  return { promise, resolve, reject }
}

/** As `console.log` does: without a listener, the event 'error' ends the process. */
function withoutErrorEvent(stream: NodeJS.WriteStream, write: () => unknown): unknown {
  const isUnheard = stream.listenerCount('error') === 0
  if (isUnheard) stream.once('error', ignore)
  try {
    return write()
  } finally {
    if (isUnheard) stream.removeListener('error', ignore)
  }
}

/** The stream emits the event after it has called back. */
function ignoreErrorEvent(stream: NodeJS.WriteStream, error: unknown): void {
  if (error && stream.listenerCount('error') === 0) stream.once('error', ignore)
}

function ignore(): void {}
