import { canBeSecret } from '../keys/harmless-values.js'
import type { Detector, DetectorContext } from './detector.js'
import { matchAt } from './shared/match-at.js'
import { replaceParts } from './shared/replace-parts.js'

/** `- - name: ` with the indentation (group 2) and the key (group 3). */
const KEY = String.raw`(([ \t]{0,100}(?:-[ \t]{1,10}){0,5})["']?([\w.-]{1,100})["']?[ \t]{0,10}:[ \t]{1,10})`
/** `!!binary` and `&anchor`. */
const TAGS_AND_ANCHORS = String.raw`(?:[!&]\S{1,100}[ \t]{1,10}){0,2}`
/** `|`, `>-` and `|2+`, with an optional comment. */
const BLOCK_INDICATOR = String.raw`[|>][\d+-]{0,2}[ \t]{0,10}(?:#[^\r\n]*)?$`
const BLOCK_HEADER = new RegExp(`^${KEY}${TAGS_AND_ANCHORS}${BLOCK_INDICATOR}`, 'gm')
/** A key, and the hyphen of the first item of the list below it. */
const LIST_KEY = String.raw`[ \t]{0,100}(?:-[ \t]{1,10}){0,5}["']?([\w.-]{1,100})["']?[ \t]{0,10}:[ \t]{0,10}\r?\n`
const LIST_HEADER = new RegExp(`^${LIST_KEY}(?=[ \\t]{0,100}-[ \\t])`, 'gm')
/** An item that is a text. Items with keys of their own are left to the other detectors. */
const TEXT_ITEM = /([ \t]{0,100}-[ \t]{1,10})([^\s:{}[\]#&*!|>][^\r\n:]{0,2000})(?:\r?\n|$)/y
/** A key, and a line below it that is indented further and has a key of its own. */
const MAPPING_KEY = String.raw`([ \t]{0,100}(?:-[ \t]{1,10}){0,5})["']?([\w.-]{1,100})["']?[ \t]{0,10}:[ \t]{0,10}`
const MAPPING_HEADER = new RegExp(`^${MAPPING_KEY}$(?=\\r?\\n[ \\t]{1,100}["']?[\\w.-]{1,100}["']?:)`, 'gm')
/** A value beside details about it. Those details stay: `password:` with `minLength: 8` below it. */
const VALUE_KEY = `["']?(?:value|val|v|raw|plain|plaintext|current|content|data|text|new|old)["']?`
const VALUE_LINE = new RegExp(`^([ \\t]{1,100}${VALUE_KEY}:[ \\t]{1,10})(?![|>{[])([^\\r\\n]{1,2000})`, 'gim')
const INDENTATION = /[ \t]+/y
const LINE_ENDS: ReadonlySet<string | undefined> = new Set(['\r', '\n', undefined])

export const yamlBlocks: Detector = {
  id: 'yaml-blocks',
  secret: 'A block scalar of YAML under a sensitive key: `password: |` and the indented lines below',
  reason: 'Kubernetes secrets and settings of CI systems write keys and certificates as blocks',
  visible: 'The key, and the lines that are not indented further than the key',
  sources: ['https://yaml.org/spec/1.2.2/#81-block-scalar-styles'],
  examples: [
    [
      'db:\n  password: |\n    geheim\n    again\n  user: app\n',
      'db:\n  password: [REDACTED]\n  user: app\n',
    ],
    ['- "pin": >-\n    1234\n  user: jan', '- "pin": [REDACTED]\n  user: jan'],
    ['tokens:\n  - geheim\n  - again\nuser: jan', 'tokens:\n  - [REDACTED]\n  - [REDACTED]\nuser: jan'],
    ['password:\n  value: geheim\n  min: 8\n', 'password:\n  value: [REDACTED]\n  min: 8\n'],
    ['title: |\n  The password\n', 'title: |\n  The password\n'],
  ],
  markers: [':'],
  needsName: true,
  redact(text, context) {
    return text.includes('\n')
      ? redactMappings(redactLists(redactBlocks(text, context), context), context)
      : text
  },
}

function redactBlocks(text: string, { sensitiveKeys, replacement }: DetectorContext): string {
  return replaceParts(text, BLOCK_HEADER, (match) => {
    const [header, beforeValue, indentation, key] = match as unknown as [string, string, string, string]
    if (!sensitiveKeys.isSensitive(key)) return undefined
    const contentStart = match.index + header.length
    const end = findBlockEnd(text, contentStart, indentation.length)
    if (end === contentStart) return undefined
    return { start: match.index + beforeValue.length, end, replacement }
  })
}

/** The end of the last line that is indented further than the key. Empty lines within the block belong to it. */
function findBlockEnd(text: string, start: number, keyIndentation: number): number {
  let end = start
  let line = text.indexOf('\n', start) + 1
  while (line > 0) {
    const indentation = matchAt(INDENTATION, text, line)?.length ?? 0
    const nextLine = text.indexOf('\n', line) + 1
    const isEmpty = LINE_ENDS.has(text[line + indentation])
    if (!isEmpty && indentation <= keyIndentation) return end
    if (!isEmpty) end = nextLine === 0 ? text.length : nextLine - 1
    line = nextLine
  }
  return end
}

/** The values in the lines below a sensitive key. */
function redactMappings(text: string, { sensitiveKeys, replacement }: DetectorContext): string {
  return replaceParts(text, MAPPING_HEADER, ({ 0: header, 1: indentation = '', 2: key = '', index }) => {
    if (!sensitiveKeys.isSensitive(key)) return undefined
    const start = index + header.length
    const end = findBlockEnd(text, start, indentation.length)
    const block = text
      .slice(start, end)
      .replace(VALUE_LINE, (_line, beforeValue: string) => `${beforeValue}${replacement}`)
    return { start, end, replacement: block }
  })
}

function redactLists(text: string, { sensitiveKeys, replacement }: DetectorContext): string {
  let redacted = ''
  let end = 0
  for (const { 0: header, 1: key, index } of text.matchAll(LIST_HEADER)) {
    if (index < end || !sensitiveKeys.isSensitive(key as string)) continue
    let item = index + header.length
    redacted += text.slice(end, item)
    for (;;) {
      TEXT_ITEM.lastIndex = item
      const match = TEXT_ITEM.exec(text)
      if (match === null) break
      const [line, beforeItem, content] = match as unknown as [string, string, string]
      const isSecret = canBeSecret(key as string, [content], sensitiveKeys)
      redacted += isSecret
        ? `${beforeItem}${replacement}${line.slice(beforeItem.length + content.length)}`
        : line
      item += line.length
      if (line === '') break
    }
    end = item
  }
  return redacted + text.slice(end)
}
