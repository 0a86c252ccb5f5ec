import { lazy } from '../../lib/lazy.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import type { Detector, DetectorContext } from './detector.js'
import { isHarmlessValue } from './shared/harmless-texts.js'
import { looksGenerated } from './shared/looks-generated.js'

/** Where a cell begins and ends in its line, without the blanks around it. */
type Cell = readonly [start: number, end: number]
/** Finds the cells of a line; every line of a table has the same way. */
type FindCells = (line: string) => readonly Cell[]

/** The line between head and rows: `|---|---|` of Markdown, `----+----` of psql, `+----+----+` of MySQL. */
const RULE = /^[ \t]{0,20}[|+]?[ \t]{0,3}:?-{2}[-+|: \t]{0,2000}$/
/** The same of columns that blanks align: `----  -----`. The runs of hyphens show where each column begins. */
const ALIGNED_RULE = /^[ \t]{0,20}-{2,200}(?:[ \t]{1,200}-{2,200}){1,50}[ \t]{0,20}$/
/** Names without other punctuation. A sentence has blanks behind its commas. */
const WORD = String.raw`["']?[\p{L}_][\p{L}\w.$-]{0,60}["']?`
const WORDS = String.raw`["']?[\p{L}_][\p{L}\w.$-]{0,60}(?: [\p{L}\w.$-]{1,60}){0,3}["']?`
const HEAD = lazy(
  () => new RegExp(`^(?:${WORDS}(?:([,;\\t])${WORDS}){1,50}|${WORD}(?:, ${WORD}){2,50})$`, 'u'),
)
const MAX_HEAD_LENGTH = 2000
/** The head of a table that has a name and its value in each row. */
const HEAD_OF_PAIRS = /^["']?(?:key|name|field|setting|parameter|property|variable|option)["']?$/i
const MAX_CELLS = 100

export const textTables: Detector = {
  id: 'text-tables',
  secret:
    'The cells of a column with a sensitive name in CSV, Markdown and the tables that databases and shells print',
  reason: 'Exports and printed results have the name of a value in the first line',
  visible: 'The table, and its other cells',
  sources: [
    'https://www.rfc-editor.org/rfc/rfc4180',
    'https://github.github.com/gfm/#tables-extension-',
    'https://learn.microsoft.com/powershell/module/microsoft.powershell.utility/format-table',
  ],
  examples: [
    ['city,password\nDelft,geheim\nGouda,again', 'city,password\nDelft,[REDACTED]\nGouda,[REDACTED]'],
    ['| id | token |\n|----|-------|\n| 1 | geheim |', '| id | token |\n|----|-------|\n| 1 | [REDACTED] |'],
    ['| password | geheim |\n| city | Delft |', '| password | [REDACTED] |\n| city | Delft |'],
    [
      'Name     Value\n----     -----\nPassword geheim',
      'Name     Value\n----     -----\nPassword [REDACTED]',
    ],
    ['city,price\nDelft,12', 'city,price\nDelft,12'],
    [
      'Enter your name, and your password\nHere, or there',
      'Enter your name, and your password\nHere, or there',
    ],
  ],
  markers: ['\n'],
  needsName: true,
  redact(text, context) {
    return /[|\t,;]|--/.test(text) ? redactTables(text, context) : text
  },
}

function redactTables(text: string, context: DetectorContext): string {
  const lines = text.split('\n')
  let isChanged = false
  for (let index = 0; index < lines.length; ) {
    const { firstRow, endRow, findCells, names } = findTable(lines, index, context) ?? pairAt(index)
    let row = firstRow
    for (; row < Math.min(endRow, lines.length); row++) {
      const line = lines[row] as string
      const cells = findCells(line)
      if (cells.length === 0 || (names.length > 0 && cells.length !== names.length)) break
      const redacted = redactRow(line, cells, names, context)
      isChanged ||= redacted !== line
      lines[row] = redacted
    }
    index = Math.max(row, index + 1)
  }
  return isChanged ? lines.join('\n') : text
}

interface Table {
  readonly firstRow: number
  /** Behind the last row at most; the table ends earlier with a line that has other cells. */
  readonly endRow: number
  readonly findCells: FindCells
  /** The names of the columns; empty if the table has no head. */
  readonly names: readonly string[]
}

/** A line that may be a row of its own: `| password | ... |`. */
function pairAt(index: number): Table {
  const findCells: FindCells = (line) => (/^\s{0,20}\|.*\|\s{0,20}$/.test(line) ? findPiped(line) : [])
  return { firstRow: index, endRow: index + 1, findCells, names: [] }
}

/** The table whose head is the line at this index. */
function findTable(
  lines: readonly string[],
  index: number,
  { sensitiveKeys }: DetectorContext,
): Table | undefined {
  const head = (lines[index] as string).trimEnd()
  const next = lines[index + 1]?.trimEnd()
  if (next === undefined || head.length > MAX_HEAD_LENGTH || head === '') return undefined
  const tableOf = (firstRow: number, findCells: FindCells): Table => {
    return { firstRow, endRow: Infinity, findCells, names: namesOf(head, findCells) }
  }
  if (ALIGNED_RULE.test(next)) return tableOf(index + 2, alignWith(next))
  if (head.includes('|') && RULE.test(next)) return tableOf(index + 2, findPiped)
  const match = HEAD().exec(head)
  if (match === null) return undefined
  const separator = match[1] ?? ','
  const table = tableOf(index + 1, (line) => findSeparated(line, separator))
  // `password,geheim1` has no names: each line is a name and its value.
  const [, second = ''] = table.names
  const isPair =
    table.names.length === 2 && looksGenerated(second, true) && !sensitiveKeys.isSensitive(second)
  return isPair ? { ...table, firstRow: index, names: [] } : table
}

function namesOf(head: string, findCells: FindCells): string[] {
  return findCells(head).map(([start, end]) => head.slice(start, end).replace(/["']/g, ''))
}

function redactRow(
  line: string,
  cells: readonly Cell[],
  names: readonly string[],
  { sensitiveKeys, replacement }: DetectorContext,
): string {
  let redacted = ''
  let copied = 0
  for (const [column, [start, end]] of cells.entries()) {
    const name = nameOfCell(line, cells, names, column, sensitiveKeys)
    const quote = /^["']/.exec(line.slice(start, end))?.[0] ?? ''
    const content = line.slice(start + quote.length, end - quote.length)
    if (name === undefined || content === '' || content === replacement) continue
    if (isHarmlessValue(name, content, 'unquoted', false)) continue
    redacted += `${line.slice(copied, start)}${quote}${replacement}${quote}`
    copied = end
  }
  return redacted + line.slice(copied)
}

/** The sensitive name of a cell: that of its column, or the first of two cells. */
function nameOfCell(
  line: string,
  cells: readonly Cell[],
  names: readonly string[],
  column: number,
  keys: SensitiveKeys,
): string | undefined {
  const name = names[column]
  if (name !== undefined && keys.isSensitive(name)) return name
  const isPair =
    cells.length === 2 && column === 1 && (names.length === 0 || HEAD_OF_PAIRS.test(names[0] ?? ''))
  if (!isPair) return undefined
  const first = line.slice(...(cells[0] as Cell)).replace(/["']/g, '')
  return keys.isSensitive(first) ? first : undefined
}

/** `| a | b |`, also without the outer lines. */
function findPiped(line: string): readonly Cell[] {
  if (!line.includes('|')) return []
  const cells = findSeparated(line, '|')
  const isEmpty = ([start, end]: Cell) => start === end
  const first = cells[0] !== undefined && isEmpty(cells[0]) ? 1 : 0
  const last = cells.length > 1 && isEmpty(cells.at(-1) as Cell) ? -1 : undefined
  return cells.slice(first, last)
}

/** Separators in quotes belong to a cell (RFC 4180, section 2). */
function findSeparated(line: string, separator: string): readonly Cell[] {
  if (!line.includes(separator)) return []
  const cells: Cell[] = []
  let start = 0
  while (cells.length < MAX_CELLS) {
    let end = start
    while (line[end] === ' ') end += 1
    if (line[end] === '"') end = endOfQuoted(line, end)
    const next = line.indexOf(separator, end)
    cells.push(trim(line, start, next === -1 ? line.length : next))
    if (next === -1) return cells
    start = next + 1
  }
  return []
}

function endOfQuoted(line: string, start: number): number {
  let end = line.indexOf('"', start + 1)
  while (end !== -1 && line[end + 1] === '"') end = line.indexOf('"', end + 2)
  return end === -1 ? line.length : end + 1
}

function alignWith(rule: string): FindCells {
  const starts = [...rule.matchAll(/-{2,}/g)].map(({ index }) => index)
  return (line) =>
    line.trim() === ''
      ? []
      : starts.map((start, column) => trim(line, start, starts[column + 1] ?? line.length))
}

function trim(line: string, start: number, end: number): Cell {
  const cell = line.slice(start, end)
  const first = start + cell.length - cell.trimStart().length
  return [first, Math.max(first, Math.min(end, start + cell.trimEnd().length))]
}
