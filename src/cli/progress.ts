import { statSync } from 'node:fs'
import type { Terminal } from './command.js'

/** How often the bar is drawn, milliseconds. */
const INTERVAL_MS = 200
const BAR_WIDTH = 30

/** Shows on a terminal how much of the files was read. @returns `add` counts bytes that were read, `end` removes the bar */
export function createProgress(
  files: readonly string[],
  { stderr }: Terminal,
): { add(bytes: number): void; end(): void } {
  if (!stderr.isTTY) return { add: () => {}, end: () => {} }
  const total = files.reduce((sum, file) => sum + sizeOf(file), 0)
  let read = 0
  let drawnAt = 0
  return {
    add(bytes) {
      read += bytes
      if (performance.now() - drawnAt < INTERVAL_MS) return
      drawnAt = performance.now()
      stderr.write(`\r${drawBar(read, total)}`)
    },
    end: () => void (drawnAt > 0 && stderr.write('\r\u001b[K')),
  }
}

/** Compressed files have more content than bytes, so the bar stops at its end. */
function drawBar(read: number, total: number): string {
  const megabytes = `${(read / 1e6).toFixed(0)} MB`
  if (total === 0) return megabytes
  const filled = Math.min(BAR_WIDTH, Math.round((read / total) * BAR_WIDTH))
  return `[${'#'.repeat(filled)}${' '.repeat(BAR_WIDTH - filled)}] ${megabytes}`
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size
  } catch {
    return 0
  }
}
