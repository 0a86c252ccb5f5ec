import type { Detector, DetectorContext } from './detector.js'
import { matchAt } from './shared/match-at.js'
import { replaceParts } from './shared/replace-parts.js'
import { replaceWithinQuotes } from './shared/value-syntax.js'

const TAG_START = /<[a-z][\w:-]{0,40}\s/gi
const UNQUOTED = /[^<>"']+/y
const QUOTED: Readonly<Record<string, RegExp>> = { '"': /"[^"<]*"?/y, "'": /'[^'<]*'?/y }
const ATTRIBUTE = /(?<![\w:.-])([\w:.-]{1,40}[ \t]{0,3}=[ \t]{0,3})("[^"]*"?|'[^']*'?|[^\s"'<>]+)/g
/** An attribute that names the field. */
const NAME_ATTRIBUTE = /^(?:name|id|key|property|type|field|autocomplete|itemprop|k)[ \t=]/i
/** An attribute that has the value of the field. */
const VALUE_ATTRIBUTE = /^(?:value|content|data-value|v)[ \t=]/i

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
    ['<input type="password" value="abcdef">', '<input type="password" value="[REDACTED]">'],
    ['<input name="city" value="Delft">', '<input name="city" value="Delft">'],
  ],
  markers: ['<'],
  needsName: true,
  redact(text, context) {
    return replaceParts(text, TAG_START, ({ 0: begin, index: start }) => {
      const end = skipAttributes(text, start + begin.length)
      return { start, end, replacement: redactTag(text.slice(start, end), context) }
    })
  },
}

/** Returns the end of the attributes. A `>` in quotes does not end a tag. */
function skipAttributes(text: string, start: number): number {
  let end = start
  for (;;) {
    const quoted = QUOTED[text[end] ?? '']
    const length = matchAt(quoted ?? UNQUOTED, text, end)?.length ?? 0
    if (length === 0) return end
    end += length
  }
}

function redactTag(tag: string, { sensitiveKeys, replacement }: DetectorContext): string {
  const hasSensitiveName = [...tag.matchAll(ATTRIBUTE)].some(
    ([, name, value]) =>
      NAME_ATTRIBUTE.test(name as string) &&
      // `Reset password` on a button is a label.
      !/^["']?(?:submit|button|reset)/i.test(value as string) &&
      sensitiveKeys.isSensitive((value as string).replace(/^["']|["']$/g, '')),
  )
  if (!hasSensitiveName) return tag
  return tag.replace(ATTRIBUTE, (attribute, name: string, value: string) =>
    VALUE_ATTRIBUTE.test(name) ? `${name}${replaceWithinQuotes(value, replacement)}` : attribute,
  )
}
