// Checkpoints (https://github.com/C2SP/C2SP/blob/main/tlog-checkpoint.md): the name of a log, its size and its root, as the text of a note.
import { HASH_BYTES } from './merkle-tree.js'

export interface Checkpoint {
  /** The name of the log: that of the key, a slash, and the run. */
  readonly origin: string
  /** The number of entries. */
  readonly size: number
  readonly root: Buffer
}

export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`
}

/** `undefined` if the text is no checkpoint. Lines behind the root are extensions, which are not read. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin, digits, base64] = text.split('\n', 3)
  if (!text.endsWith('\n') || !origin || digits === undefined || base64 === undefined) return undefined
  const size = Number(digits)
  if (!/^(?:0|[1-9]\d*)$/.test(digits) || !Number.isSafeInteger(size)) return undefined
  const root = Buffer.from(base64, 'base64')
  return root.length === HASH_BYTES && root.toString('base64') === base64 ? { origin, size, root } : undefined
}
