export interface Tally {
  /** Lines that no process wrote as they are. */
  readonly torn: number
  /** What arrived of each run, in the order of its arrival. */
  readonly sequences: readonly (readonly number[])[]
}

/**
 * Counts lines that were cut, or continued by another. Some of them parse as JSON all the same, so the message of
 * each must be what all of them wrote.
 */
export function tally(text: string, size: number): Tally {
  const runs = new Map<string, number[]>()
  const message = 'x'.repeat(size)
  let torn = 0
  for (const line of text.split('\n').slice(0, -1)) {
    const record = parse(line)
    if (record?.message !== message) {
      torn += 1
      continue
    }
    const sequence = runs.get(record.run) ?? []
    runs.set(record.run, sequence)
    sequence.push(record.seq)
  }
  return { torn: text.endsWith('\n') ? torn : torn + 1, sequences: [...runs.values()] }
}

export const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

function parse(line: string): { run: string; seq: number; message: string } | undefined {
  try {
    return JSON.parse(line).audit
  } catch {
    return undefined
  }
}
