import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import type { Detector, DetectorContext } from './detector.js'
import { matchAt } from './shared/match-at.js'
import { replaceParts } from './shared/replace-parts.js'
import { replaceValue, scanValue } from './shared/value-syntax.js'

/** `IDENTIFIED BY 'geheim'`, also with a plugin, and `SET PASSWORD FOR 'jan'@'%' = 'geheim'`. */
const BEFORE_PASSWORD = new RegExp(
  [
    String.raw`\bidentified\s{1,10}(?:with\s{1,10}\S{1,60}\s{1,10})?(?:by|as)\s{1,10}(?:values\s{1,10}|password\s{1,10})?`,
    String.raw`\bset\s{1,10}password\s{1,10}for\s{1,10}\S{1,100}\s{1,10}(?:=|to)\s{0,10}`,
    // A call, with the text that is to be encrypted or the key in its arguments.
    String.raw`\b(?:crypt|encrypt|aes_encrypt|des_encrypt|pgp_sym_(?:en|de)crypt|hashbytes|old_password)(?=\(["'N])`,
  ].join('|'),
  'gi',
)
const INSERT_INTO = String.raw`\b(?:insert|replace)\s{1,10}(?:ignore\s{1,10})?into\s{1,10}[^\s(]{1,200}\s{0,10}`
const COLUMNS = String.raw`\(([^()]{1,5000})\)\s{0,10}`
const VALUES = String.raw`(?:output\s[^(]{1,200})?values\s{0,10}(?=\()`
const INSERT = new RegExp(INSERT_INTO + COLUMNS + VALUES, 'gi')
const BLANKS = /\s{0,100}/y

export const sqlStatements: Detector = {
  id: 'sql-statements',
  secret:
    'Passwords in statements of SQL: `IDENTIFIED BY`, `crypt(...)`, and values of an INSERT by their column',
  reason: 'Errors and logs of databases quote the statement that failed',
  visible: 'The statement, and the values of other columns',
  sources: [
    'https://dev.mysql.com/doc/refman/8.4/en/create-user.html',
    'https://www.postgresql.org/docs/current/pgcrypto.html',
    'https://www.postgresql.org/docs/current/sql-insert.html',
  ],
  examples: [
    ["CREATE USER jan IDENTIFIED BY 'geheim'", "CREATE USER jan IDENTIFIED BY '[REDACTED]'"],
    ["SELECT crypt('geheim', gen_salt('bf'))", 'SELECT crypt([REDACTED])'],
    [
      "INSERT INTO users (id, password) VALUES (1, 'geheim'), (2, 'again')",
      "INSERT INTO users (id, password) VALUES (1, '[REDACTED]'), (2, '[REDACTED]')",
    ],
    ["INSERT INTO users (id, name) VALUES (1, 'jan')", "INSERT INTO users (id, name) VALUES (1, 'jan')"],
  ],
  markers: ['IDENTIFIED', 'identified', 'PASSWORD', 'password', 'rypt(', 'RYPT(', 'BYTES(', 'INTO', 'into'],
  redact(text, context) {
    return redactInserts(redactPasswords(text, context), context)
  },
}

function redactPasswords(text: string, { replacement }: DetectorContext): string {
  return replaceParts(text, BEFORE_PASSWORD, ({ 0: before, index }) => {
    const start = index + before.length
    const value = text.startsWith(replacement, start) ? undefined : scanValue(text, start)
    if (value === undefined) return undefined
    const isCall = text[start] === '('
    const written = isCall ? `(${replacement})` : replaceValue(value, replacement)
    return { start, end: value.end, replacement: written }
  })
}

function redactInserts(text: string, context: DetectorContext): string {
  return replaceParts(text, INSERT, ({ 0: before, 1: columns = '', index }) => {
    const sensitiveColumns = findSensitiveColumns(columns, context.sensitiveKeys)
    if (sensitiveColumns.size === 0) return undefined
    const start = index + before.length
    const { redacted, end } = redactRows(text, start, sensitiveColumns, context.replacement)
    return { start, end, replacement: redacted }
  })
}

function findSensitiveColumns(columns: string, keys: SensitiveKeys): ReadonlySet<number> {
  const sensitive = new Set<number>()
  columns.split(',').forEach((column, index) => {
    if (keys.isSensitive(column.replace(/["'`[\]\s]/g, ''))) sensitive.add(index)
  })
  return sensitive
}

/** Replaces the values of some columns in the rows that begin at this index: `(1, 'a'), (2, 'b')`. */
function redactRows(
  text: string,
  start: number,
  columns: ReadonlySet<number>,
  replacement: string,
): { redacted: string; end: number } {
  let redacted = ''
  let index = start
  let column = 0
  let isInRow = false
  while (index < text.length) {
    const character = text[index] as string
    if (!isInRow && !/[\s,(]/.test(character)) break
    if (isInRow && !/[\s,)]/.test(character)) {
      const value = scanValue(text, index)
      const valueEnd = value?.end ?? index + 1
      const written = text.slice(index, valueEnd)
      const isSecret =
        value !== undefined && columns.has(column) && !/^(?:null|default|\?|[$:@]\w{1,60}|%s)$/i.test(written)
      redacted += isSecret ? replaceValue(value, replacement) : written
      index = valueEnd
      continue
    }
    if (character === '(') isInRow = true
    if (character === ')') isInRow = false
    column = character === ',' && isInRow ? column + 1 : isInRow ? column : 0
    const blanks = character === '(' || character === ',' ? (matchAt(BLANKS, text, index + 1) ?? '') : ''
    redacted += character + blanks
    index += 1 + blanks.length
  }
  return { redacted, end: index }
}
