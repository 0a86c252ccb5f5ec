// Runs the corpora of texts through the public logger: no piece of a secret is in the line, and no harmless text changes.
import { describe, expect, it } from '@jest/globals'
import { HARMLESS_ERRORS, LIBRARY_ERRORS } from './corpus/library-errors.js'
import { HARMLESS_MARKUP, MARKUP } from './corpus/markup-texts.js'
import { HARMLESS_TABLES, TABLES } from './corpus/tables.js'
import {
  COMMANDS,
  CREDENTIALS,
  HARMLESS_NOTATIONS,
  HARMLESS_REFERENCES,
  HARMLESS_SCHEMES,
  HARMLESS_TEXTS,
  LABELLED_VALUES,
  OTHER_NOTATIONS,
  PROSE,
  QUOTED_VALUES,
  SETTINGS,
  SQL,
  type TextCase,
  WRAPPED_VALUES,
} from './corpus/text-values.js'
import { kwargsOf, lineOf } from './redacted-parts.js'
import { SECRET } from './secret-corpus.js'
import { expectNoPieceOf } from './secret-pieces.js'

const GROUPS: readonly (readonly [group: string, cases: readonly TextCase[]])[] = [
  ['a wrapped value', WRAPPED_VALUES],
  ['a quoted value', QUOTED_VALUES],
  ['a setting', SETTINGS],
  ['a command', COMMANDS],
  ['a statement of SQL', SQL],
  ['a sentence', PROSE],
  ['credentials', CREDENTIALS],
  ['markup', MARKUP],
  ['a label beside it', LABELLED_VALUES],
  ['another notation', OTHER_NOTATIONS],
  ['a table', TABLES],
  ['an error of a library', LIBRARY_ERRORS],
]

describe.each(GROUPS)('the line of a record has no piece of the secret of %s', (_group, cases) => {
  it.each(cases)('%s', (_title, make) => {
    expectNoPieceOf(SECRET, lineOf('results', { log: make(SECRET) }))
  })

  it.each(cases)('%s, among other text', (_title, make) => {
    expectNoPieceOf(SECRET, lineOf('results', { log: `2026-11-24 request 7 failed: ${make(SECRET)}` }))
  })

  it.each(cases)('%s, which the line without redaction would have', (_title, make) => {
    expect(lineOf('results', { log: make(SECRET) }, { redact: false })).toContain(SECRET.slice(0, 8))
  })
})

describe('a harmless text stays as it is', () => {
  it.each(HARMLESS_TEXTS)('%s', (text) => {
    expect(kwargsOf({ log: text })).toEqual({ log: text })
  })

  it.each([
    ...HARMLESS_NOTATIONS,
    ...HARMLESS_TABLES,
    ...HARMLESS_SCHEMES,
    ...HARMLESS_REFERENCES,
    ...HARMLESS_MARKUP,
    ...HARMLESS_ERRORS,
  ])('%s', (text) => {
    expect(kwargsOf({ log: text })).toEqual({ log: text })
  })
})
