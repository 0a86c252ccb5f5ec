import { TRUNCATION_MARK } from '../../serialize/truncate.js'
import type { SensitiveKeys } from '../keys/sensitive-keys.js'
import type { Detector, DetectorContext } from './detector.js'
import { isHarmlessValue, lettersOf } from './shared/harmless-texts.js'
import { EndTags, START_TAG } from './shared/markup-syntax.js'
import { replaceParts } from './shared/replace-parts.js'

const ELEMENT = new RegExp(START_TAG, 'g')
/** An attribute that names the value of an element: `<entry key="password">geheim</entry>`. */
const NAME_ATTRIBUTE =
  /(?<![\w:.-])(?:name|key|id|type|field|property|k)\s{0,3}=\s{0,3}\\?["']([^"'<>\\]{1,100})/gi
/** Elements of a page whose attributes name a part of the page, and not a value. */
const PARTS_OF_A_PAGE = [
  'a|abbr|article|aside|body|div|dl|footer|h[1-6]|head(?:er)?|html|iframe|img|li|link|main|meta|nav|ol|p',
  'script|section|style|svg|table|tbody|template|tr|ul',
  'button|fieldset|form|input|label|legend|option|select',
].join('|')
/** Elements of a schema, whose attributes name a type. */
const PARTS_OF_A_SCHEMA = 'xsd?:.*|wsdl:.*'
const NAMES_NO_VALUE = new RegExp(`^(?:${PARTS_OF_A_PAGE}|${PARTS_OF_A_SCHEMA})$`, 'i')
/** Bounds the part of the content that is examined. */
const MAX_EXAMINED = 200

export const markupElements: Detector = {
  id: 'markup-elements',
  secret: 'The content of an XML or HTML element that has a sensitive name, or an attribute with one',
  reason: 'SOAP and other XML messages carry user names and passwords in elements',
  visible: 'The tags and the other elements',
  sources: [
    'https://www.w3.org/TR/xml/#sec-logical-struct',
    'https://docs.oasis-open.org/wss-m/wss/v1.1.1/os/wss-UsernameTokenProfile-v1.1.1-os.html',
  ],
  examples: [
    [
      '<wsse:Password Type="x">geheim</wsse:Password><city>Delft</city>',
      '<wsse:Password Type="x">[REDACTED]</wsse:Password><city>Delft</city>',
    ],
    ['<password><![CDATA[a<b]]></password>', '<password>[REDACTED]</password>'],
    ['<entry key="password">geheim</entry>', '<entry key="password">[REDACTED]</entry>'],
    ['&lt;password&gt;geheim&lt;/password&gt;', '&lt;password&gt;[REDACTED]&lt;/password&gt;'],
    ['Enter the <token> below', 'Enter the <token> below'],
  ],
  markers: ['<', '&lt;', '\\u003c'],
  needsName: true,
  redact(text, context) {
    // Without any end tag `<token>` is a placeholder. In a truncated text the end tag may be missing.
    const hasEndTag = text.includes('</') || text.includes('&lt;/') || text.includes('\\u003c/')
    return hasEndTag || TRUNCATION_MARK.test(text) ? redactElements(text, context) : text
  },
}

function redactElements(text: string, { sensitiveKeys, replacement }: DetectorContext): string {
  const endTags = new EndTags(text)
  return replaceParts(text, ELEMENT, ({ 0: tag, 1: element = '', 2: attributes = '', index }) => {
    if (attributes.endsWith('/') || tag.endsWith('/>')) return undefined
    const name = findSensitiveName(element, attributes, sensitiveKeys)
    if (name === undefined) return undefined
    const start = index + tag.length
    const end = endTags.find(element, start) ?? endOfContent(text, start, name === element)
    const content = text.slice(start, Math.min(end, start + MAX_EXAMINED))
    return end <= start || isHarmlessContent(name, content) ? undefined : { start, end, replacement }
  })
}

function findSensitiveName(element: string, attributes: string, keys: SensitiveKeys): string | undefined {
  if (keys.isSensitive(element)) return element
  if (attributes === '' || NAMES_NO_VALUE.test(element)) return undefined
  for (const [, name] of attributes.matchAll(NAME_ATTRIBUTE))
    if (keys.isSensitive(name as string)) return name
  return undefined
}

/** The end of an element without an end tag of its own: the next end tag, or the end of a truncated text. */
function endOfContent(text: string, start: number, isNamedByElement: boolean): number {
  if (!isNamedByElement) return start
  const index = text.indexOf('</', start)
  return index === -1 ? text.length : index
}

/** `<string name="password">Password</string>` is a label. */
export function isHarmlessContent(name: string, content: string): boolean {
  const written = content.trim()
  return (
    written === '' ||
    lettersOf(written) === lettersOf(name) ||
    isHarmlessValue(name, written, 'unquoted', false)
  )
}
