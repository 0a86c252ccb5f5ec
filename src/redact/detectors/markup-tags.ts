import type { Detector, DetectorContext } from './detector.js'
import { replaceWithinQuotes } from './value-syntax.js'

const TAG = /<[a-z][\w:-]{0,40}\s(?:[^<>"']+|"[^"<]*"?|'[^'<]*'?)*/gi
const ATTRIBUTE = /(?<![\w:.-])([\w:.-]{1,40}[ \t]{0,3}=[ \t]{0,3})("[^"]*"?|'[^']*'?|[^\s"'<>]+)/g
/** An attribute that names the field. */
const NAME_ATTRIBUTE = /^(?:name|id|key|property)[ \t=]/i
/** An attribute that has the value of the field. */
const VALUE_ATTRIBUTE = /^(?:value|content)[ \t=]/i

export const markupTags: Detector = {
  id: 'markup-tags',
  secret: 'The value of a tag that names a sensitive field: `<input name>`, `<meta name>`, `<add key>`',
  reason: 'Pages carry CSRF tokens in hidden fields, and settings of .NET carry API keys in attributes',
  visible: 'The tag, the name and the other attributes',
  sources: [
    'https://html.spec.whatwg.org/multipage/input.html#hidden-state-(type=hidden)',
    'https://learn.microsoft.com/dotnet/framework/configure-apps/file-schema/appsettings/add-element-for-appsettings',
  ],
  examples: [
    ['<input name="csrf_token" value="abcdef">', '<input name="csrf_token" value="[REDACTED]">'],
    ["<meta content='abcdef' name='csrf-token'/>", "<meta content='[REDACTED]' name='csrf-token'/>"],
    ['<input name="city" value="Delft">', '<input name="city" value="Delft">'],
  ],
  markers: ['<'],
  redact: (text, context) => text.replace(TAG, (tag) => redactTag(tag, context)),
}

function redactTag(tag: string, { sensitiveKeys, replacement }: DetectorContext): string {
  const hasSensitiveName = [...tag.matchAll(ATTRIBUTE)].some(
    ([, name, value]) => NAME_ATTRIBUTE.test(name as string) && sensitiveKeys.isSensitive(value as string),
  )
  if (!hasSensitiveName) return tag
  return tag.replace(ATTRIBUTE, (attribute, name: string, value: string) =>
    VALUE_ATTRIBUTE.test(name) ? `${name}${replaceWithinQuotes(value, replacement)}` : attribute,
  )
}
