import type { Detector } from './detector.js'
import { replaceParts } from './shared/replace-parts.js'
import { skipBrackets } from './shared/value-syntax.js'

/** A name with an opening bracket, and a quote as the beginning of an argument. */
const CALL = /(?<![\w.:$-])([A-Za-z_$][\w.:$]{0,100})\((?=(?:\s{0,10}|[^()"'`\r\n]{0,60}[=:,] ?)[bru]?["'`])/g
/** The argument of these is the name of a value: `getCookie('theme')`. */
const NAMES_ITS_ARGUMENT =
  /^(?:get|has|is|find|delete|remove|clear|read|load|fetch|require|validate|verify|check|parse|use)[A-Z_]/

export const namedCalls: Detector = {
  id: 'named-calls',
  secret:
    "The arguments of a call with a sensitive name: `Password(\"...\")`, `setToken('...')`, `Secret(value='...')`",
  reason: 'Errors print objects as calls of their constructors, and quote lines of code',
  visible: 'The name of the call',
  sources: [
    'https://docs.python.org/3/reference/datamodel.html#object.__repr__',
    'https://cwe.mitre.org/data/definitions/532.html',
  ],
  examples: [
    ['cannot compare Password("geheim") with null', 'cannot compare Password([REDACTED]) with null'],
    ["client.setToken('geheim').connect()", 'client.setToken([REDACTED]).connect()'],
    ["repr is Secret(value='geheim')", 'repr is Secret([REDACTED])'],
    ["getToken(user), getCookie('theme'), token(s)", "getToken(user), getCookie('theme'), token(s)"],
  ],
  markers: ['('],
  needsName: true,
  redact(text, { sensitiveKeys, replacement }) {
    return replaceParts(text, CALL, ({ 0: match, 1: callee = '', index }) => {
      const name = callee.slice(callee.search(/(?<![\w$])[\w$]*$/))
      if (NAMES_ITS_ARGUMENT.test(name) || !sensitiveKeys.isSensitive(name)) return undefined
      const start = index + match.length - 1
      const end = skipBrackets(text, start)
      const isClosed = text[end - 1] === ')'
      return { start, end, replacement: `(${replacement}${isClosed ? ')' : ''}` }
    })
  },
}
