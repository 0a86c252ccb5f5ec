import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** A file of the repository, by its path from the root. */
export function readText(path: string): string {
  return readFileSync(resolve(__dirname, '../..', path), 'utf8')
}

export function readJson<Parsed>(path: string): Parsed {
  return JSON.parse(readText(path)) as Parsed
}
