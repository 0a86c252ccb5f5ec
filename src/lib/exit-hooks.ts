// Runs the work of this package at process exit, through one `exit` listener.
import { RUNTIME } from './runtime.js'

/**
 * In this order: the records of requests in flight have to be made before the sinks write for the last time, and a sealed log ends
 * with its last checkpoint.
 */
const callbacks = {
  'end exchanges': new Set<() => void>(),
  'last write': new Set<() => void>(),
  'last checkpoint': new Set<() => void>(),
}
let isListening = false
let hasExitBegun = false

/**
 * Runs `callback` when the process exits: by `process.exit`, by an uncaught error, or because the event loop is empty.
 * It does not run when a signal kills the process. Only synchronous work still happens at exit.
 *
 * @returns a function that removes the hook
 */
export function addExitHook(phase: keyof typeof callbacks, callback: () => void): () => void {
  // First in the list, because no listener runs after one that calls `process.exit`.
  if (!isListening) {
    process.prependListener('exit', runHooks)
    if (RUNTIME.name === 'deno') watchUncaughtErrors()
  }
  isListening = true
  callbacks[phase].add(callback)
  return () => void callbacks[phase].delete(callback)
}

/** Whether the process is exiting, so that asynchronous work no longer happens. */
export function isExiting(): boolean {
  return hasExitBegun
}

function runHooks(): void {
  hasExitBegun = true
  for (const phase of Object.values(callbacks)) for (const callback of phase) callback()
}

interface FatalEvents {
  addEventListener?(type: 'error' | 'unhandledrejection', listener: (event: FatalEvent) => void): void
}

interface FatalEvent {
  readonly defaultPrevented: boolean
}

/**
 * Deno does not emit `exit` after an uncaught error, but dispatches an event before it ends the process. The process
 * survives if a listener handles the error, by `preventDefault()` or as `process.on('uncaughtException')`.
 */
function watchUncaughtErrors(): void {
  const survives = (event: string) => process.listenerCount(event) > 0
  const { addEventListener } = globalThis as FatalEvents
  addEventListener?.('error', (event) => {
    if (!event.defaultPrevented && !survives('uncaughtException')) runHooks()
  })
  addEventListener?.('unhandledrejection', (event) => {
    if (!event.defaultPrevented && !survives('unhandledRejection') && !survives('uncaughtException'))
      runHooks()
  })
}
