import type { AuditRecord } from 'http-audit-log'

/** Parses text of complete lines. Throws at any other text, also at a last line without `\n`. */
export function parseRecords(text: string): AuditRecord[] {
  const lines = text.split('\n')
  const rest = lines.pop()
  if (rest !== '') throw new Error(`The text ends inside a line: ${rest}`)
  return lines.map((line) => JSON.parse(line).audit)
}

export const seqsOf = (records: readonly AuditRecord[]) => records.map(({ seq }) => seq)

/** The numbers that `seq` skips between the first record and the last. */
export function missingSeqs(records: readonly AuditRecord[]): number[] {
  const present = new Set(seqsOf(records))
  return range(Math.min(...present), Math.max(...present)).filter((seq) => !present.has(seq))
}

/** The numbers that loss records report as lost. */
export function reportedLosses(records: readonly AuditRecord[]): number[] {
  return records.flatMap(({ lost }) => {
    if (lost === undefined) return []
    const seqs = range(lost.from_seq, lost.to_seq)
    if (seqs.length !== lost.count)
      throw new Error(`The count does not fit the range: ${JSON.stringify(lost)}`)
    return seqs
  })
}

export function isIncreasing(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number > (numbers[index - 1] as number))
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}

export interface LineCounts {
  /** How many lines are not a line that one of the processes wrote. */
  readonly torn: number
  /** Per run the sequence numbers that arrived, in order of arrival. */
  readonly sequences: readonly (readonly number[])[]
}

/**
 * Counts torn lines, and collects the sequence numbers of the others. A torn line may still parse as JSON, so its
 * message must also be the one that every process wrote: `size` times an `x`.
 */
export function countLines(text: string, size: number): LineCounts {
  const runs = new Map<string, number[]>()
  const message = 'x'.repeat(size)
  let torn = 0
  for (const line of text.split('\n').slice(0, -1)) {
    const record = parseLine(line)
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

function parseLine(line: string): { run: string; seq: number; message: string } | undefined {
  try {
    return JSON.parse(line).audit
  } catch {
    return undefined
  }
}
