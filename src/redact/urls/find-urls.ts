// Finds the URLs within a text. How far each extends is a guess: texts put punctuation, quotes and brackets around URLs, and
// URLs may contain all of these.

/** `https://`, `app:/`, and `https:\/\/` as JSON may write it. */
const ABSOLUTE = String.raw`\b[a-z][a-z0-9+.-]{0,30}:\\{0,8}/`
/** `//host` and `/path` where a word begins. */
const RELATIVE = String.raw`(?<=^|[\s"'\`(=<>,;[|])\\{0,8}/(?=[\w/.~%?#;\\-])`
/** The URL of a link in HTML or Markdown may begin with anything. */
const IN_ATTRIBUTE = String.raw`(?<=\b(?:href|src|action|formaction|url)[ \t]{0,3}=[ \t]{0,3}["']?)[\w.?#%-]`
const IN_MARKDOWN = String.raw`(?<=\]\()[\w.?#%-]`
/** The query of a URL without a scheme: `example.org/cb?code=S`. */
const QUERY = String.raw`\?(?=[\w.[\]%-]{1,100}=)`
const URL_START = new RegExp([ABSOLUTE, RELATIVE, IN_ATTRIBUTE, IN_MARKDOWN, QUERY].join('|'), 'gi')

/** The characters at which a URL may end. */
const CANDIDATE = /[\s"'<>`\\(){}[\],]/g
/** Behind a quote or a bracket, the URL goes on with one of these. */
const CONTINUES = /[\w%&=/?#;+~@$|-]/
/** Escapes of JSON that stand for a character of a URL: `\/` and `\u0026`. */
const JSON_ESCAPE = /\\{1,8}(?:\/|u00[2-7][\da-f])/iy
const ANOTHER_URL = /[a-z][a-z0-9+.-]{0,30}:\/\//iy
const CLOSERS: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }
/** Belongs to the sentence, not to the URL. */
const SENTENCE_END = new Set('.,:;!?*')

/** Bounds the search for the end of JSON, and how often it may fail in one text. */
const MAX_JSON_LENGTH = 4000
const MAX_FAILED_SEARCHES = 20
const JSON_TOKEN = /"(?:[^"\\]+|\\[\s\S])*"?|[[\]{}]/g

/** Returns the text with each URL replaced by what the function returns for it. Linear in the length of the text. */
export function replaceUrls(text: string, replace: (url: string) => string): string {
  let replaced = ''
  let copied = 0
  const budget = { searches: MAX_FAILED_SEARCHES }
  URL_START.lastIndex = 0
  for (let match = URL_START.exec(text); match !== null; match = URL_START.exec(text)) {
    const start = match.index
    const end = Math.max(findEnd(text, start, budget), start + match[0].length)
    replaced += text.slice(copied, start) + replaceEscaped(text.slice(start, end), replace)
    copied = end
    URL_START.lastIndex = end
  }
  return copied === 0 ? text : replaced + text.slice(copied)
}

/** A URL in JSON may have escapes, which are read before it is redacted. */
function replaceEscaped(url: string, replace: (url: string) => string): string {
  if (!url.includes('\\')) return replace(url)
  const plain = url
    .replace(/\\{1,8}\//g, '/')
    .replace(/\\{1,8}u00([2-7][\da-f])/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    )
  const replaced = replace(plain)
  if (replaced === plain) return url
  return url.includes('\\/') ? replaced.replaceAll('/', '\\/') : replaced
}

function findEnd(text: string, start: number, budget: { searches: number }): number {
  const open: string[] = []
  CANDIDATE.lastIndex = start
  for (let match = CANDIDATE.exec(text); match !== null; match = CANDIDATE.exec(text)) {
    const { index } = match
    const [character] = match
    if (goesOn(text, index, character, open)) continue
    const jsonEnd = findJsonEnd(text, start, index, budget)
    if (jsonEnd === undefined) return trimSentence(text, start, index)
    open.length = 0
    CANDIDATE.lastIndex = jsonEnd
  }
  return trimSentence(text, start, text.length)
}

/** Whether the URL goes on behind this character. Keeps account of the brackets that are open within the URL. */
function goesOn(text: string, index: number, character: string, open: string[]): boolean {
  const next = text[index + 1] ?? ' '
  switch (character) {
    case '(':
    case '[':
    case '{':
      open.push(character)
      return true
    case ')':
    case ']':
    case '}':
      if (open.at(-1) !== CLOSERS[character]) return CONTINUES.test(next)
      open.pop()
      return true
    case "'":
      return CONTINUES.test(next)
    case ',':
      ANOTHER_URL.lastIndex = index + 1
      return !ANOTHER_URL.test(text)
    case '\\':
      JSON_ESCAPE.lastIndex = index
      if (!JSON_ESCAPE.test(text)) return false
      CANDIDATE.lastIndex = JSON_ESCAPE.lastIndex
      return true
    default:
      return false
  }
}

/** The end of JSON that is not escaped and is the value of a parameter: `?filter={"a": "b"}`. */
function findJsonEnd(
  text: string,
  start: number,
  index: number,
  budget: { searches: number },
): number | undefined {
  if (budget.searches <= 0) return undefined
  const equals = text.slice(start, index).lastIndexOf('=')
  if (equals === -1 || !/[[{]/.test(text[start + equals + 1] ?? '')) return undefined
  const json = text.slice(start + equals + 1, start + equals + 1 + MAX_JSON_LENGTH)
  let depth = 0
  for (const { 0: token, index: position } of json.matchAll(JSON_TOKEN)) {
    if (token === '[' || token === '{') depth += 1
    if (token === ']' || token === '}') depth -= 1
    const end = start + equals + 1 + position + token.length
    // The index was passed already where it is behind the end of the JSON.
    if (depth <= 0) return end > index ? end : undefined
  }
  budget.searches -= 1
  return undefined
}

function trimSentence(text: string, start: number, end: number): number {
  let trimmed = end
  while (trimmed > start && SENTENCE_END.has(text[trimmed - 1] as string)) trimmed -= 1
  return trimmed
}
