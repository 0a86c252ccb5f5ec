import { TRUNCATION_MARK } from '../../serialize/truncate.js'
import type { Detector, DetectorContext } from './detector.js'
import { matchAt } from './value-syntax.js'

const START_TAG = /<([\w:.-]{1,100})(?:\s[^<>]*)?>/g
/** Text, CDATA sections and start tags of inner elements, up to the first end tag. */
const CONTENT = /(?:[^<]+|<!\[CDATA\[(?:[^\]]+|\](?!\]>))*|<(?!\/))+/y

export const markupElements: Detector = {
  id: 'markup-elements',
  secret: 'The content of an XML or HTML element that has a sensitive name',
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
    ['Enter the <token> below', 'Enter the <token> below'],
  ],
  markers: ['<'],
  redact(text, context) {
    // Without any end tag `<token>` is a placeholder. In a truncated text the end tag may be missing.
    return text.includes('</') || TRUNCATION_MARK.test(text) ? redactElements(text, context) : text
  },
}

function redactElements(text: string, { sensitiveKeys, replacement }: DetectorContext): string {
  let redacted = ''
  let end = 0
  for (const { 0: tag, 1: name, index } of text.matchAll(START_TAG)) {
    if (index < end || tag.endsWith('/>') || !sensitiveKeys.isSensitive(name as string)) continue
    const start = index + tag.length
    const content = matchAt(CONTENT, text, start)
    if (content === undefined) continue
    redacted += text.slice(end, start) + replacement
    end = start + content.length
  }
  return redacted + text.slice(end)
}
