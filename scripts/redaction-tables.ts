// The tables of docs/redaction-lists.md, which are made from the data of src/redact. To add a table, add an entry to TABLES,
// put its two markers into the page, and run `npm run docs:tables`.
import { DETECTORS } from '../src/redact/detectors/index.js'
import { VENDOR_KEY_FORMATS } from '../src/redact/detectors/vendor-key-formats.js'
import { parseShape } from '../src/redact/detectors/vendor-keys.js'
import type { ContextRule } from '../src/redact/keys/context/context-rule.js'
import { CONTEXT_RULES } from '../src/redact/keys/context/context-sensitive-keys.js'
import { HARMLESS_VALUE_RULES } from '../src/redact/keys/harmless-values.js'
import { KEY_GROUPS, wordsIn } from '../src/redact/keys/words/default-words.js'
import { HARMLESS_GROUPS } from '../src/redact/keys/words/groups/harmless.js'
import type { KeyGroup } from '../src/redact/keys/words/key-group.js'
import { LANGUAGES } from '../src/redact/keys/words/languages/index.js'
import { CAPABILITY_URLS, type CapabilityUrl } from '../src/redact/urls/capability-urls.js'

/** A table: its header and its rows, as cells of Markdown. */
interface Table {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const TABLES: Readonly<Record<string, () => Table>> = {
  detectors: () => ({
    header: ['detector', 'what is redacted', 'what remains visible', 'defined in'],
    rows: DETECTORS.map(({ id, secret, visible, sources }) => [`\`${id}\``, secret, visible, links(sources)]),
  }),
  'vendor-keys': () => ({
    header: ['vendor', 'secret', 'begins with', 'goes on with', 'defined in'],
    rows: VENDOR_KEY_FORMATS.map(({ vendor, secret, prefixes, before, shape, source }) => [
      vendor,
      secret,
      prefixes.map((prefix) => `${before === undefined ? '' : 'has '}\`${prefix}\``).join(', '),
      describeShape(shape),
      links([source]),
    ]),
  }),
  'sensitive-keys': () => ({
    header: ['a key is sensitive if it', 'because', 'source'],
    rows: KEY_GROUPS.map((group) => [describeKeys(group), group.reason, links(group.sources ?? [])]),
  }),
  'harmless-keys': () => ({
    header: ['a key stays visible if it ends in', 'because'],
    rows: HARMLESS_GROUPS.map(({ words, reason }) => [code(words), reason]),
  }),
  'context-rules': () => ({
    header: ['keys', 'are sensitive', 'because', 'source'],
    rows: CONTEXT_RULES.map((rule) => [
      codeOf(rule.keys),
      describeConditions(rule),
      rule.reason,
      links(rule.sources),
    ]),
  }),
  'harmless-values': () => ({
    header: ['value', 'stays visible, because', 'source'],
    rows: HARMLESS_VALUE_RULES.map(({ id, reason, sources }) => [id, reason, links(sources)]),
  }),
  'capability-urls': () => ({
    header: ['URL', 'grants', 'described in'],
    rows: CAPABILITY_URLS.map((url) => [describeUrls(url), url.grants, links([url.source])]),
  }),
  'key-languages': () => ({
    header: [
      'language',
      'a key is sensitive if it ends in',
      'has as its last words',
      'is',
      'behind which may stand',
    ],
    rows: LANGUAGES.map(({ name, endings, lastWords = '', wholeKeys = '', qualifiers }) => [
      name,
      code(endings),
      code(lastWords),
      code(wholeKeys),
      code(qualifiers),
    ]),
  }),
}

/** Matches the place of a table: `<!-- table: name -->`, the table, `<!-- end of table -->`. */
const PLACE = /(<!-- table: ([\w-]+) -->\n)[\s\S]*?(<!-- end of table -->)/g

/** Returns the page with updated tables. Throws if a table of {@link TABLES} has no place in the page. */
export function updateTables(page: string): string {
  const missing = new Set(Object.keys(TABLES))
  const updated = page.replace(PLACE, (_place, start: string, name: string, end: string) => {
    const table = TABLES[name]
    if (table === undefined) throw new Error(`scripts/redaction-tables.ts has no table ${name}`)
    missing.delete(name)
    return `${start}${toMarkdown(table())}\n${end}`
  })
  if (missing.size > 0) throw new Error(`The page has no place for the tables ${[...missing].join(', ')}`)
  return updated
}

/** `36 alnum` for the run `alnum:36`, and literal text in backticks. */
function describeShape(shape: string): string {
  return parseShape(shape)
    .map((part) => {
      if (typeof part === 'string') return `\`${part}\``
      return `${part.isLeast ? 'at least ' : ''}${part.length} ${part.alphabet}`
    })
    .join(' ')
}

function toMarkdown({ header, rows }: Table): string {
  const lines = [header, header.map(() => '---'), ...rows].map(
    (cells) => `| ${cells.map(escapeCell).join(' | ')} |`,
  )
  return lines.join('\n')
}

/** A pipe ends a cell, even within backticks. */
function escapeCell(text: string): string {
  return text.replaceAll('\n', ' ').replaceAll('|', '\\|')
}

const VERBS = { ending: 'ends in', 'last words': 'has as its last words', 'whole key': 'is' }

function describeKeys({ match, onlyInUrls, words, before }: KeyGroup): string {
  const keys = before === undefined ? code(words) : `one of ${code(words)} before one of ${code(before)}`
  return `${onlyInUrls ? 'in a URL, ' : ''}${VERBS[match]} ${keys}`
}

/** The words of a list, as code. */
function code(list: string): string {
  return codeOf(wordsIn(list))
}

function codeOf(texts: readonly string[]): string {
  return texts.map((text) => `\`${text}\``).join(', ')
}

function describeConditions(rule: ContextRule): string {
  const { beside, besideNameIn, besideTrue, besideText, under, inPathWith, inUrl, unlessBeside, value } = rule
  const conditions = [
    inUrl && 'in a URL or a form',
    inPathWith && `in a URL with ${codeOf(inPathWith)} in its host or path`,
    under && `under ${codeOf(under)}`,
    beside && `beside ${codeOf(beside)}`,
    besideNameIn && `beside a sensitive key in ${codeOf(besideNameIn)}`,
    besideTrue && `beside ${codeOf(besideTrue)} that is true`,
    besideText && `beside \`${besideText.key}\` with a text that the rule lists`,
    value && 'if the value has the shape of such a secret',
    unlessBeside && `not beside ${codeOf(unlessBeside)}`,
  ]
  return conditions.filter((condition) => typeof condition === 'string').join('; ')
}

function describeUrls({ hosts, paths, parameters = [] }: CapabilityUrl): string {
  const places = [...paths, ...parameters.map((name) => `?${name}={secret}`)]
  return `${codeOf(hosts)}: ${codeOf(places)}`
}

/** Links to sources, each with its host or the number of its RFC as the text. */
function links(sources: readonly string[]): string {
  return sources.map((source) => `[${nameOf(source)}](${source})`).join(', ')
}

function nameOf(source: string): string {
  const { hostname, pathname } = new URL(source)
  const rfc = /^\/rfc\/rfc(\d+)$/.exec(pathname)?.[1]
  return rfc === undefined ? hostname.replace(/^www\./, '') : `RFC ${rfc}`
}
