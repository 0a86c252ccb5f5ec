import { expect, it } from '@jest/globals'
import { updateTables } from '../../scripts/redaction-tables.js'
import { readText } from '../helpers/read-file.js'

const page = readText('docs/redaction-lists.md')

it('docs/redaction-lists.md has the tables that `npm run docs:tables` writes', () => {
  expect(page).toBe(updateTables(page))
})

it('detects a row that was changed by hand', () => {
  const changed = page.replace('| `json-web-token` |', '| `json-web-tokens` |')
  expect(changed).not.toBe(page)
  expect(updateTables(changed)).toBe(page)
})

it('rejects a page without the place of a table, and a place without a table', () => {
  expect(() => updateTables('')).toThrow(/no place for the tables detectors/)
  expect(() => updateTables('<!-- table: detector -->\n<!-- end of table -->')).toThrow(/no table detector/)
})
