import type { AuditRecord } from 'http-audit-log'

/** The records of a text of whole lines. Throws at anything else, also at a last line without its end. */
export function wholeRecords(text: string): AuditRecord[] {
  const lines = text.split('\n')
  const rest = lines.pop()
  if (rest !== '') throw new Error(`The text ends inside a line: ${rest}`)
  return lines.map((line) => JSON.parse(line).audit)
}

export const seqsOf = (records: readonly AuditRecord[]) => records.map(({ seq }) => seq)

/** What `seq` skips between the first record and the last. */
export function missingSeqs(records: readonly AuditRecord[]): number[] {
  const present = new Set(seqsOf(records))
  return range(Math.min(...present), Math.max(...present)).filter((seq) => !present.has(seq))
}

/** What the records themselves tell to be lost. */
export function toldLosses(records: readonly AuditRecord[]): number[] {
  return records.flatMap(({ lost }) => {
    if (lost === undefined) return []
    const told = range(lost.from_seq, lost.to_seq)
    if (told.length !== lost.count) throw new Error(`It tells of holes: ${JSON.stringify(lost)}`)
    return told
  })
}

export function isIncreasing(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number > (numbers[index - 1] as number))
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
