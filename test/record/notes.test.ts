import { describe, expect, it } from '@jest/globals'
import { markDroppedNotes } from '#src/record/notes.js'
import { AUDITED_ACTIONS, type NoteRecord } from '#src/record/record.js'
import { completeDraft, formatDrafts } from '../helpers/record-arbitraries.js'

const notes = Array.from({ length: 20 }, (_, index): NoteRecord => {
  return { type: index === 19 ? 'ERROR' : 'INFO', message: `${index}: ${'x'.repeat(200)}` }
})

describe('a record with notes that is too long', () => {
  const shorten = (list: NoteRecord[], maxRecordBytes: number, format: 'audit' | 'ecs' | 'ocsf' = 'audit') =>
    // biome-ignore lint/suspicious/noExplicitAny: the tests read properties at any depth.
    formatDrafts([{ ...completeDraft, results: null, notes: list }], { format, maxRecordBytes })[0] as any

  it('keeps the first notes, and marks how many are missing with the most severe of their levels', () => {
    const { audit } = shorten(notes, 3000)
    const mark = audit.notes.at(-1)
    expect(audit.notes.length).toBeGreaterThan(3)
    expect(audit.notes.slice(0, -1)).toEqual(notes.slice(0, audit.notes.length - 1))
    expect(mark).toEqual({ type: 'ERROR', message: `…[+${21 - audit.notes.length} notes]` })
    expect(audit.truncated).toContain('notes')
    expect(audit.message).toBe('List Person')
  })

  it('counts the notes that were dropped before', () => {
    const mark = markDroppedNotes(30, 'CRITICAL')
    const { audit } = shorten([...notes, mark], 1600)
    const missing = 20 - (audit.notes.length - 1) + 30
    expect(audit.notes.at(-1)).toEqual({ type: 'CRITICAL', message: `…[+${missing} notes]` })
  })

  it.each([
    ['ecs', 'Audit'],
    ['ocsf', 'unmapped'],
  ] as const)('is shortened in the format %s too', (format, field) => {
    const line = shorten(notes, 3000, format)
    expect(line[field].notes.at(-1).message).toMatch(/^…\[\+\d+ notes\]$/)
    expect(line[field].truncated).toContain('notes')
  })
})

describe('the options for redaction', () => {
  const line = { ...completeDraft, notes: [{ type: 'INFO' as const, message: 'Jansen' }], message: 'Jansen' }
  const write = (paths: string[]) => {
    const [record] = formatDrafts([line], { redact: { paths } })
    // biome-ignore lint/suspicious/noExplicitAny: the tests read properties at any depth.
    return (record as any).audit
  }

  it.each(['message', 'notes', 'notes.message', 'notes.*', '*'])(
    'hide the messages of notes at the path %p',
    (path) => {
      expect(write([path]).notes).toEqual([{ type: 'INFO', message: '[REDACTED]' }])
    },
  )

  it('hide the messages of notes alone at the path `notes`', () => {
    expect(write(['notes']).message).toBe('Jansen')
  })
})

it('writes action and notes in every format that has a place for them', () => {
  const draft = { ...completeDraft, action: AUDITED_ACTIONS[0], notes: notes.slice(0, 1) }
  const shown = { notes: notes.slice(0, 1) }
  expect(formatDrafts([draft], { format: 'audit' })).toMatchObject([{ audit: { action: 'list', ...shown } }])
  expect(formatDrafts([draft], { format: 'ecs' })).toMatchObject([
    { event: { action: 'list' }, Audit: shown },
  ])
  expect(formatDrafts([draft], { format: 'ocsf' })).toMatchObject([{ unmapped: shown }])
  expect(JSON.stringify(formatDrafts([draft], { format: 'datapunt' }))).not.toContain('notes')
})
