import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

/** Reads a file of the repository. The path is relative to the root. */
export function readText(path: string): string {
  return readFileSync(resolve(__dirname, '../..', path), 'utf8')
}

export function readJson<Parsed>(path: string): Parsed {
  return JSON.parse(readText(path)) as Parsed
}
