import { describe, expect, it } from '@jest/globals'
import { AuditLogger } from '#src/logger/audit-logger.js'
import { memory } from '#src/sinks/memory.js'

describe('sequence', () => {
  const sink = memory()
  /** Writes a record, and returns its `seq`. */
  const writeRecord = (): number => {
    new AuditLogger({ sink }).sendLog()
    return sink.records().at(-1).audit.seq
  }

  it('has no gap across loggers, sinks and formats', () => {
    const other = memory()
    const first = writeRecord()
    new AuditLogger({ sink: other, format: 'datapunt' }).sendLog()
    new AuditLogger({ sink: other }).sendLog()
    expect(other.records()[1].audit.seq).toBe(first + 2)
    expect([writeRecord(), writeRecord()]).toEqual([first + 3, first + 4])
  })

  it('has one UUID per run, and ids of the form <run>-<seq>', () => {
    writeRecord()
    const audits = sink.records().map((record) => record.audit)
    expect(new Set(audits.map(({ run }) => run)).size).toBe(1)
    for (const { run, seq, id } of audits) {
      expect(run).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
      expect(id).toBe(`${run}-${seq}`)
    }
  })

  it.each([
    ['a record below the level', () => new AuditLogger({ sink, level: 'error' }).warning('x').sendLog()],
    ['a logger that is never sent', () => void new AuditLogger({ sink }).info('x')],
  ])('skips no number for %s', (_name, skipRecord) => {
    const before = writeRecord()
    skipRecord()
    expect(writeRecord()).toBe(before + 1)
  })

  it('uses one number for a record that is sent twice', () => {
    const before = writeRecord()
    const logger = new AuditLogger({ sink })
    logger.sendLog()
    logger.sendLog()
    expect(writeRecord()).toBe(before + 2)
  })
})
