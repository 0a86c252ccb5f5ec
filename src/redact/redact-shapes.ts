// Secrets that can be told by their shape, wherever in a text they stand. Every pattern is linear in the length of the
// text: it begins where a word begins, and what it repeats cannot begin it anew.

import { TRUNCATION_MARK } from '../serialize/truncate.js'
import { redactLinks } from './redact-links.js'
import type { SensitiveKeys } from './sensitive-keys.js'

/** A JSON Web Token (RFC 7519): its header is JSON, which in base64url begins with `eyJ`. Also one that was cut. */
const JSON_WEB_TOKEN = /(?<![\w-])eyJ[\w-]{12,}\.[\w-]+(?:\.[\w-]*){0,3}/g
const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/
/**
 * `//user:password@`; up to the last `@`, since a password may have one. The `@` may be behind where it was cut. Some
 * write a password with `/`, `?` or `#` as it is; `//host:8080/@jan` has a port.
 */
const USER_INFO =
  /\/\/(?:[^/?#\s"'<>]*(?:@|(?=…\[\+\d+ characters\]$))|[^/?#\s"'<>:@[]{1,100}:(?![/?#]|\d{1,5}(?:[/?#]|$))[^\s"'<>]{1,200}@)/g
/** RFC 7235 credentials: a scheme, then the secret. */
const CREDENTIALS =
  /(?<![\w-])(bearer|basic|digest|negotiate|ntlm|apikey|aws4-hmac-sha256)[ \t]+(?=[^\s"'<>]{6})[^\s"'<>,;]+/gi
/** Credentials of which each has a name: `Digest username="jan", response="..."` (RFC 7616), those of AWS and OAuth 1. */
const NAMED_CREDENTIALS =
  /(?<![\w-])(digest|aws4-hmac-sha256|oauth|hawk|signature)[ \t]+(?:[\w-]{1,40}=(?:\\{0,2}"[^"\r\n]*"?|[^\s,"'<>]*)(?:,[ \t]{0,3})?)+/gi
const NAMED_CREDENTIALS_HERE = new RegExp(NAMED_CREDENTIALS, 'iy')
/** `a=1; b=2` behind the name of a cookie header: all of it. */
const COOKIES_HERE = /[^\s;,&"'<>=[\]{}]{1,200}=[^\r\n"'\\]*/y
/**
 * The name of `"name": value`, `name: "value"`, `name=value` and `\"name\": \"value\"`: JSON, GraphQL, settings; its quote,
 * which HTML may have escaped; and what stands behind it: also `===`, `:=` and `=>`. What is `null`, `true` or `false` is no
 * secret; what only begins so may be one.
 */
const NAME =
  /(?<![\w.[\]$-])([\w.[\]$-]{1,100})\\{0,8}(["']|&(?:quot|#0?3[49]|#x2[27]);)?(?:[ \t\xa0]{0,3}|[ \t\xa0]{4,10}(?=(?::?={1,3}>?|:)[ \t\xa0]{0,10}["']))(:?={1,3}>?|:)(?:[ \t\xa0]{4,10}(?=["'])|[ \t\r\n\xa0]{0,3})(?!(?:null|true|false)(?:[\s&;,"'<>{}[\]()\\]|$))/g
/**
 * In quotes (three of GraphQL, those of Python's bytes, those that HTML escaped), or up to the next delimiter; behind quotes
 * that are escaped themselves all of the rest.
 */
const VALUE =
  /"{3}(?:[^"\\]|\\[\s\S]|"(?!""))*(?:"{3})?|[bru]{0,2}"(?:[^"\\]|\\[\s\S])*"?|[bru]{0,2}'(?:[^'\\]|\\[\s\S])*'?|&(?:quot|#0?3[49]|#x2[27]);(?:[^&\\]|\\[\s\S]|&(?!(?:quot|#0?3[49]|#x2[27]);))*(?:&[\w#]{3,5};)?|\\+["'][\s\S]*|(?:(?:bearer|basic|digest|token)[ \t]+)?[^\s&;,"'<>{}[\]()\\][^\s&;,"'<>{}[\]()]*/iy
const QUOTE = /^(?:[bru]{0,2}(["'])|(&(?:quot|#0?3[49]|#x2[27]);))/i
/** `Name: value` on a line of its own, as header blocks and YAML have it, and `[name] => value` as PHP prints it. */
const LINE =
  /^([ \t]{0,20}["']?[\w.-]{1,100}["']?[ \t\xa0]{0,3}:[ \t\xa0]{0,3})([^\s"'{[\\][^\r\n]*)|^([ \t]{0,100}\[[\w.:-]{1,100}\] => )([^\r\n]+)/gm
/** `name: |` of YAML, also `- name: >-` and `name: !!binary |`: its value is what stands below, further to the right. */
const BLOCK =
  /^(([ \t]{0,100}(?:-[ \t]{1,10}){0,5})["']?([\w.-]{1,100})["']?[ \t]{0,10}:[ \t]{1,10})(?:[!&]\S{1,100}[ \t]{1,10}){0,2}[|>][\d+-]{0,2}[ \t]{0,10}(?:#[^\r\n]*)?$/gm
const RUBY_VALUE = /[bru]{0,2}["']|&(?:quot|#0?3[49]|#x2[27]);|[:\d]/iy
const REST_OF_LINE = /[^\r\n]+/y
const INDENTATION = /[ \t]+/y
const LINE_END = new Set(['\r', '\n', undefined])
/** What begins an element of XML, and what is in it, with other elements and CDATA, up to where one ends. */
const ELEMENT = /<([\w:.-]{1,100})(?:\s[^<>]*)?>/g
const CONTENT = /(?:[^<]+|<!\[CDATA\[(?:[^\]]+|\](?!\]>))*|<(?!\/))+/y
/** `<input name="csrf_token" value="...">`, `<meta name content>` and `<add key value>`: a tag, and what it says. */
const TAG = /<[a-z][\w:-]{0,40}\s(?:[^<>"']+|"[^"<]*"?|'[^'<]*'?)*/gi
const ATTRIBUTE = /(?<![\w:.-])([\w:.-]{1,40}[ \t]{0,3}=[ \t]{0,3})("[^"]*"?|'[^']*'?|[^\s"'<>]+)/g
const LABEL = /^(?:name|id|key|property)[ \t=]/i
const LABELLED = /^(?:value|content)[ \t=]/i
/** What begins a part of `multipart/form-data` (RFC 7578), names it, and ends its header. */
const BOUNDARY = /(\r?\n--)/
const PART_NAME = /\bname=(?:"([^"\r\n]{1,100})"|([^\s;"]{1,100}))/
const EMPTY_LINE = /\r?\n\r?\n/
const FIRST_WORD = /[\w.-]+/
/** Each shape has one of these, or a space. Without any there is nothing to look for: 0.1 µs instead of 2 for a header. */
export const IN_EVERY_SHAPE = /[\s:=<]|\/\/|eyJ/

/** RFC 3339. Most results have some, their colons look like those behind a name, and to look costs 4 µs each. */
const TIMESTAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?$/

/**
 * @example
 * cleanShapes('Login failed: {"password":"geheim"}', names, '[REDACTED]') // 'Login failed: {"password":"[REDACTED]"}'
 */
export function redactShapes(text: string, names: SensitiveKeys, replacement: string): string {
  if (!IN_EVERY_SHAPE.test(text) || TIMESTAMP.test(text)) return text
  if (text.includes('-----BEGIN') && PRIVATE_KEY.test(text)) return replacement
  // To look for one character is many times as quick as to look for a shape.
  const hasEquals = text.includes('=')
  const hasColon = text.includes(':')
  let cleaned = text
  if (text.includes('eyJ')) cleaned = cleaned.replace(JSON_WEB_TOKEN, () => replacement)
  if (text.includes('//')) cleaned = cleaned.replace(USER_INFO, () => `//${replacement}@`)
  if (hasEquals) cleaned = redactLinks(cleaned, names, replacement)
  if (hasEquals && text.includes('form-data')) cleaned = cleanFormParts(cleaned, names, replacement)
  if (text.includes('<')) cleaned = cleanMarkup(cleaned, names, replacement)
  if (hasColon && text.includes('\n')) cleaned = cleanBlocks(cleaned, names, replacement)
  if (hasColon || hasEquals) cleaned = cleanLines(cleaned, names, replacement)
  if (hasColon || hasEquals) cleaned = cleanPairs(cleaned, names, replacement)
  if (hasEquals) {
    cleaned = cleaned.replace(NAMED_CREDENTIALS, (_credentials, scheme) => `${scheme} ${replacement}`)
  }
  return cleaned.replace(CREDENTIALS, (_credentials, scheme) => `${scheme} ${replacement}`)
}

function cleanFormParts(text: string, names: SensitiveKeys, replacement: string): string {
  const parts = text.split(BOUNDARY).map((part) => {
    const gap = EMPTY_LINE.exec(part)
    const found = gap === null ? undefined : PART_NAME.exec(part.slice(0, gap.index))
    const name = found?.[1] ?? found?.[2]
    if (gap === null || name === undefined || !names.isSensitive(name)) return part
    return `${part.slice(0, gap.index + gap[0].length)}${replacement}`
  })
  return parts.join('')
}

function cleanMarkup(text: string, names: SensitiveKeys, replacement: string): string {
  const cleaned = text.includes('=') ? cleanTags(text, names, replacement) : text
  // Without an end of any, `<token>` is no element. It may be behind where the text was cut.
  return cleaned.includes('</') || TRUNCATION_MARK.test(cleaned)
    ? cleanElements(cleaned, names, replacement)
    : cleaned
}

function cleanTags(text: string, names: SensitiveKeys, replacement: string): string {
  return text.replace(TAG, (tag) => {
    const isSecret = [...tag.matchAll(ATTRIBUTE)].some(
      ([, name, value]) => LABEL.test(name as string) && names.isSensitive(value as string),
    )
    if (!isSecret) return tag
    return tag.replace(ATTRIBUTE, (attribute, name: string, value: string) =>
      LABELLED.test(name) ? `${name}${quoted(value, replacement)}` : attribute,
    )
  })
}

function cleanElements(text: string, names: SensitiveKeys, replacement: string): string {
  let cleaned = ''
  let done = 0
  for (const { 0: tag, 1: name, index } of text.matchAll(ELEMENT)) {
    if (index < done || tag.endsWith('/>') || !names.isSensitive(name as string)) continue
    const start = index + tag.length
    const content = matchAt(CONTENT, text, start)
    if (content === undefined) continue
    cleaned += text.slice(done, start) + replacement
    done = start + content.length
  }
  return cleaned + text.slice(done)
}

function cleanLines(text: string, names: SensitiveKeys, replacement: string): string {
  return text.replace(LINE, (line, header, _value, printed) => {
    const before: string = header ?? printed
    return names.isSensitive(FIRST_WORD.exec(before)?.[0] ?? '') ? `${before}${replacement}` : line
  })
}

function cleanBlocks(text: string, names: SensitiveKeys, replacement: string): string {
  let cleaned = ''
  let done = 0
  for (const { 0: header, 1: before, 2: margin, 3: name, index } of text.matchAll(BLOCK)) {
    if (index < done || !names.isSensitive(name as string)) continue
    const start = index + header.length
    const end = endOfBlock(text, start, (margin as string).length)
    if (end === start) continue
    cleaned += `${text.slice(done, index)}${before}${replacement}`
    done = end
  }
  return cleaned + text.slice(done)
}

/** Where the last line ends that stands further to the right. */
function endOfBlock(text: string, start: number, margin: number): number {
  let end = start
  let line = text.indexOf('\n', start) + 1
  while (line > 0) {
    const indentation = matchAt(INDENTATION, text, line)?.length ?? 0
    const nextLine = text.indexOf('\n', line) + 1
    const isEmpty = LINE_END.has(text[line + indentation])
    if (!isEmpty && indentation <= margin) return end
    if (!isEmpty) end = nextLine === 0 ? text.length : nextLine - 1
    line = nextLine
  }
  return end
}

/** Goes on inside of values that are not secret: they may be JSON themselves. */
function cleanPairs(text: string, names: SensitiveKeys, replacement: string): string {
  let cleaned = ''
  let done = 0
  for (const pair of text.matchAll(NAME)) {
    const [whole, name, quote, separator] = pair as unknown as [string, string, string?, string?]
    if (pair.index < done || !names.isSensitive(name)) continue
    const start = pair.index + whole.length
    const isCookie = /cookie/i.test(name)
    // By PHP, which puts no quotes around a value.
    const isPrinted = separator === '=>' && !quote && name.endsWith(']')
    // `token => token.id` is a function; `token => "..."` and `:pin => 1234` are Ruby's. Asked before anything longer is.
    const isArrow = separator === '=>' && !quote && !isPrinted
    if (isArrow && matchAt(RUBY_VALUE, text, start) === undefined) continue
    const value =
      matchAt(NAMED_CREDENTIALS_HERE, text, start) ??
      (isCookie ? matchAt(COOKIES_HERE, text, start) : undefined) ??
      matchAt(isPrinted ? REST_OF_LINE : VALUE, text, start)
    if (value === undefined) continue
    cleaned += text.slice(done, start) + quoted(value, replacement)
    done = start + value.length
  }
  return cleaned + text.slice(done)
}

/** What a sticky pattern finds at this very place. */
function matchAt(pattern: RegExp, text: string, start: number): string | undefined {
  pattern.lastIndex = start
  return pattern.exec(text)?.[0]
}

/** In the quotes that the value had, so that JSON stays JSON. */
function quoted(value: string, replacement: string): string {
  const [, character, escaped] = QUOTE.exec(value) ?? []
  const quote = character ?? escaped ?? ''
  return `${quote}${replacement}${quote}`
}
