import type { Detector, DetectorContext } from './detector.js'
import { replaceParts } from './shared/replace-parts.js'
import { replaceValue, scanValue } from './shared/value-syntax.js'

const SEPARATOR = String.raw`\\{0,7}["'\`]?\s{0,3}(?:=>|[:=])\s{0,3}`
/** The key of a value whose name is the value of another key. */
const VALUE_KEY = new RegExp(
  `(?<![\\w.-])(?:value|val|v|received|input|content|oldValue|newValue|old|new)${SEPARATOR}(?=[^\\s,;{}()])`,
  'g',
)
const LABEL = String.raw`(?<![\w.-])(?:name|key|field|fieldname|param|parameter|property|path|label|header|k)${SEPARATOR}`
const LABEL_WITH_NAME = new RegExp(String.raw`${LABEL}\\{0,7}["'\`]?([\w .[\]-]{1,60})`, 'g')
/** Bounds the part of the text in which the name is searched, in front of the value and behind it. */
const MAX_DISTANCE = 200

export const labelledValues: Detector = {
  id: 'labelled-values',
  secret: "A value beside a label with a sensitive name: `{ name: 'password', value: '...' }`",
  reason:
    'Errors of validators, and lists of headers and parameters, have names and values under keys of their own',
  visible: 'The label, the keys and the quotes',
  sources: ['http://www.softwareishard.com/blog/har-12-spec/#headers', 'https://joi.dev/api/#list-of-errors'],
  examples: [
    ["failed: { name: 'password', value: 'geheim' }", "failed: { name: 'password', value: '[REDACTED]' }"],
    ['Parameter{value=geheim, name=token}', 'Parameter{value=[REDACTED], name=token}'],
    ["{ name: 'city', value: 'Delft' }", "{ name: 'city', value: 'Delft' }"],
    ["{ name: 'password' }, { value: 'Delft' }", "{ name: 'password' }, { value: 'Delft' }"],
  ],
  markers: ['val', 'v:', 'v=', 'received', 'input', 'content', 'old', 'new'],
  needsName: true,
  redact(text, context) {
    return replaceParts(text, VALUE_KEY, ({ 0: key, index }) => {
      const start = index + key.length
      if (text.startsWith(context.replacement, start)) return undefined
      if (!isNamedInFront(text, index, context) && !isNamedBehind(text, start, context)) return undefined
      const value = scanValue(text, start)
      return value && { start, end: value.end, replacement: replaceValue(value, context.replacement) }
    })
  },
}

function isNamedInFront(text: string, index: number, context: DetectorContext): boolean {
  const before = text.slice(Math.max(0, index - MAX_DISTANCE), index)
  return hasSensitiveLabel(before.slice(before.search(/[^{}()<>]*$/)), context)
}

function isNamedBehind(text: string, start: number, context: DetectorContext): boolean {
  const rest = text.slice(start, start + MAX_DISTANCE * 2)
  const behind = rest.slice(scanValue(rest, 0)?.end ?? rest.length)
  return hasSensitiveLabel(/^[^{}()<>]*/.exec(behind)?.[0] ?? '', context)
}

function hasSensitiveLabel(part: string, { sensitiveKeys }: DetectorContext): boolean {
  for (const [, name] of part.matchAll(LABEL_WITH_NAME))
    if (sensitiveKeys.isSensitive(name as string)) return true
  return false
}
