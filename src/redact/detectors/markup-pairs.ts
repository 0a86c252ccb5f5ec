import type { Detector, DetectorContext } from './detector.js'
import { isHarmlessContent } from './markup-elements.js'
import { CLOSE, EndTags, OPEN } from './shared/markup-syntax.js'
import { replaceParts } from './shared/replace-parts.js'

/** Which elements have a name, and in which element the value of that name follows. */
const PAIRS: readonly { readonly name: string; readonly value: string; readonly source: string }[] = [
  { name: 'name|param-name', value: 'value|param-value|string', source: 'http://xmlrpc.com/spec.md' },
  {
    name: 'key|k',
    value: 'string|data|integer|real|array|dict|value|val|v',
    source: 'https://developer.apple.com/library/archive/documentation/Cocoa/Conceptual/PropertyLists/',
  },
  {
    name: 'field|fieldname|property|attribute|parameter|setting',
    value: 'value|data|text',
    source: 'https://www.w3.org/TR/xml/',
  },
  { name: 'td|th', value: 'td', source: 'https://html.spec.whatwg.org/multipage/tables.html' },
  {
    name: 'dt',
    value: 'dd',
    source: 'https://html.spec.whatwg.org/multipage/grouping-content.html#the-dl-element',
  },
  {
    name: 'label',
    value: 'span|output|code|div|p|b|strong|input',
    source: 'https://html.spec.whatwg.org/multipage/forms.html#the-label-element',
  },
]

const ATTRIBUTES = String.raw`(?:\s[^<>]{0,300})?`
const FORMAT = '(?:</?(?:b|i|strong|em|span|code|p)>\\s{0,5}){0,3}'
/** A name in an element of its own: letters, blanks, and a colon at the end. */
const NAME = String.raw`([^<>&\\:]{1,80})(?:[:：]\s{0,5})?`
const NAMESPACE = String.raw`(?:\w{1,20}:)?`
const PAIR_PATTERNS = PAIRS.map(({ name, value }) => {
  const nameStart = String.raw`${OPEN}(${NAMESPACE}(?:${name}))${ATTRIBUTES}${CLOSE}\s{0,50}${FORMAT}`
  const nameEnd = String.raw`\s{0,50}${FORMAT}${OPEN}/${NAMESPACE}(?:${name})${CLOSE}`
  const valueStart = String.raw`\s{0,100}${OPEN}(${NAMESPACE}(?:${value}))(${ATTRIBUTES})${CLOSE}`
  return new RegExp(nameStart + NAME + nameEnd + valueStart, 'gi')
})
/** Bounds the part of the content that is examined. */
const MAX_EXAMINED = 200
const VALUE_ATTRIBUTE = /(?<![\w:.-])(value\s{0,3}=\s{0,3}["']?)([^"'<>]{1,2000})/i

export const markupPairs: Detector = {
  id: 'markup-pairs',
  secret: 'The content of an element behind an element that has a sensitive name as its text',
  reason: 'XML-RPC, property lists and tables of HTML have names and values in elements of their own',
  visible: 'The tags and the name',
  sources: PAIRS.map(({ source }) => source),
  examples: [
    [
      '<name>password</name><value><string>geheim</string></value>',
      '<name>password</name><value>[REDACTED]</value>',
    ],
    ['<key>password</key><string>geheim</string>', '<key>password</key><string>[REDACTED]</string>'],
    ['<tr><td>Password:</td><td>geheim</td></tr>', '<tr><td>Password:</td><td>[REDACTED]</td></tr>'],
    ['<tr><th>Password</th><th>Last login</th></tr>', '<tr><th>Password</th><th>Last login</th></tr>'],
  ],
  markers: ['</', '&lt;/', '\\u003c/'],
  needsName: true,
  redact(text, context) {
    return PAIR_PATTERNS.reduce((redacted, pattern) => redactPairs(redacted, pattern, context), text)
  },
}

function redactPairs(text: string, pattern: RegExp, { sensitiveKeys, replacement }: DetectorContext): string {
  const endTags = new EndTags(text)
  return replaceParts(text, pattern, (match) => {
    const [whole, , name, element, attributes] = match as unknown as [string, string, string, string, string]
    if (!sensitiveKeys.isSensitive(name.trim())) return undefined
    const start = match.index + whole.length
    if (element.toLowerCase() === 'input') {
      const tag = whole.slice(whole.length - attributes.length - 1)
      const redactedTag = tag.replace(VALUE_ATTRIBUTE, (_match, before) => `${before}${replacement}`)
      return { start: start - tag.length, end: start, replacement: redactedTag }
    }
    const end = endTags.find(element, start) ?? text.length
    const content = text.slice(start, Math.min(end, start + MAX_EXAMINED))
    return isHarmlessContent(name, content) ? undefined : { start, end, replacement }
  })
}
