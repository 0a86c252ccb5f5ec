// Writes the tables of docs/redaction.md that are made from the data of src/redact.
// Usage: npx tsx scripts/docs-tables.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { updateTables } from './redaction-tables.js'

const page = join(dirname(fileURLToPath(import.meta.url)), '../docs/redaction.md')
writeFileSync(page, updateTables(readFileSync(page, 'utf8')))
