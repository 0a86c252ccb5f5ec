import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { readText } from '../helpers/read-file.js'

/** A code block of a page, with the annotation that stands before it in an HTML comment, which GitHub does not show. */
export interface CodeBlock {
  readonly page: string
  readonly line: number
  readonly language: string
  /** `run`, `run GET /path`, `run WS /path message`, `requests`, `output`, `skip: reason`, or `file path` of a part of this repository; without one a block is only checked. */
  readonly annotation: string | undefined
  readonly code: string
}

/** README.md, the other pages in the root, docs/ and what a user reads besides. */
export const PAGES: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'deploy/README.md',
  'test/README.md',
  ...readdirSync(resolve(__dirname, '../../docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

const CODE_BLOCK = /(?:^<!-- example: (.+) -->\n)?^```(\w+)\n([\s\S]*?)^```$/gm

export function codeBlocksOf(page: string): CodeBlock[] {
  const text = readText(page)
  return [...text.matchAll(CODE_BLOCK)].map(({ index, 1: annotation, 2: language = '', 3: code = '' }) => ({
    page,
    line: text.slice(0, index).split('\n').length,
    language,
    annotation,
    code,
  }))
}

/** A page without its code blocks: what is left is prose, with its links. */
export function proseOf(page: string): string {
  return readText(page).replaceAll(CODE_BLOCK, '')
}
