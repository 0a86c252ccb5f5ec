import type { Detector } from './detector.js'
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
  redact(text, { sensitiveKeys, replacement }) {
    let redacted = ''
    let end = 0
    for (const { 0: match, 1: callee, index } of text.matchAll(CALL)) {
      const name = (callee as string).slice((callee as string).search(/(?<![\w$])[\w$]*$/))
      if (index < end || NAMES_ITS_ARGUMENT.test(name) || !sensitiveKeys.isSensitive(name)) continue
      const bracket = index + match.length - 1
      const callEnd = skipBrackets(text, bracket)
      const isClosed = text[callEnd - 1] === ')'
      redacted += `${text.slice(end, bracket)}(${replacement}${isClosed ? ')' : ''}`
      end = callEnd
    }
    return redacted + text.slice(end)
  },
}
