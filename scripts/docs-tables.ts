// Writes the tables of docs/redaction-lists.md, which are made from the data of src/redact.
// Usage: npm run docs:tables
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { updateTables } from './redaction-tables.js'

const page = join(dirname(fileURLToPath(import.meta.url)), '../docs/redaction-lists.md')
writeFileSync(page, updateTables(readFileSync(page, 'utf8')))
