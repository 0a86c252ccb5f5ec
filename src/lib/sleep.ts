const neverNotified = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))

/** Blocks the thread for so many milliseconds, for waits inside a synchronous write. */
export function sleepSync(ms: number): void {
  Atomics.wait(neverNotified, 0, 0, ms)
}
