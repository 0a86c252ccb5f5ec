// Runs the work of this package at process exit, through one `exit` listener.

/** In this order: the records of requests in flight have to be made before the sinks write for the last time. */
const callbacks = { 'end exchanges': new Set<() => void>(), 'last write': new Set<() => void>() }
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
  if (!isListening) process.prependListener('exit', runHooks)
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
