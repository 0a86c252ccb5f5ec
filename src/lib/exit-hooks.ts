// One listener on the process for all that must happen while it goes down.

/** Records of what is in flight come first; then whoever holds lines tries once more. */
const phases = { 'end exchanges': new Set<() => void>(), 'last chance': new Set<() => void>() }
let isListening = false
let isUnderWay = false

/**
 * Runs `callback` when the process exits: by `process.exit`, by an uncaught error, or because there is nothing
 * left to do. Not when a signal kills it. Only what is synchronous still happens then.
 *
 * @returns a function that takes it back
 */
export function addExitHook(phase: keyof typeof phases, callback: () => void): () => void {
  // First, as a listener that calls `process.exit` is the last one that is called.
  if (!isListening) process.prependListener('exit', runAll)
  isListening = true
  phases[phase].add(callback)
  return () => void phases[phase].delete(callback)
}

/** Whether the process is going down, so that what does not happen now does not happen at all. */
export function isExiting(): boolean {
  return isUnderWay
}

function runAll(): void {
  isUnderWay = true
  for (const callbacks of Object.values(phases)) for (const callback of callbacks) callback()
}
