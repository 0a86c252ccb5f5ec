import { redactSetCookie } from '../headers/redact-set-cookie.js'
import type { Detector, DetectorContext } from './detector.js'
import {
  beginsWithAction,
  isHarmlessObjectOrReference,
  isHarmlessValue,
  isSentenceAbout,
} from './shared/harmless-texts.js'
import { NAME_CHARACTERS } from './shared/name-syntax.js'
import type { Value } from './shared/value-syntax.js'

/** A line number of an excerpt (`12 | `), a mark of a diff, a quotation or `curl -v`, or the hyphen of a list in YAML. */
const MARK = String.raw`(?:[ \t]{0,5}\d{1,6}[ \t]{0,3}\|[ \t]{1,3}|[+<>-][ \t]{1,3}|[ \t]{1,20}-[ \t]{1,3})?`
const HEADER_NAME = String.raw`${MARK}[ \t]{0,20}["']?([${NAME_CHARACTERS}]{1,100})["']?`
/** `Name: value`. */
const HEADER = String.raw`(${HEADER_NAME}[ \t\xa0]{0,3}[:：](?!=)[ \t\xa0]{0,3})([^\s"'{\\（“„«「\`][^\r\n]*)`
/** `[name] => value`, as `print_r` of PHP prints an array. */
const PHP_ENTRY = String.raw`([ \t]{0,100}\[([\w.:-]{1,100})\] => )([^\r\n]+)`
/** `name = value` of INI and properties; with quotes, brackets or another \`=\` it may be code. */
const SETTING = String.raw`(${HEADER_NAME}[ \t]{1,20}=[ \t]{1,20})([^\s"'{[\\($@\`=][^\r\n"'(=]*)$`
const LINE = new RegExp(`^(?:${HEADER}|${PHP_ENTRY}|${SETTING})`, 'gm')

/** `NAME=value` of files such as `.env`. */
const ASSIGNMENT = String.raw`([ \t]{0,20}(?:export[ \t]{1,5})?([A-Za-z_][\w.-]{0,100})=)([^\s"'\`][^\r\n]*)$`
const ASSIGNMENT_LINE = new RegExp(`^${ASSIGNMENT}`, 'gm')
/** The same, without a blank or another `=` that may begin something else. */
const WORD_ASSIGNMENT = String.raw`([ \t]{0,20}(?:export[ \t]{1,5})?([A-Za-z_][\w.-]{0,100})=)([^\s"'\`=]+={0,2})$`
const WORD_ASSIGNMENT_LINE = new RegExp(`^${WORD_ASSIGNMENT}`, 'gm')
/** Two lines with an assignment each: in a line alone, something else may follow a blank (`PGPASSWORD=geheim psql`). */
const ENV_FILE =
  /^[ \t]{0,20}(?:export )?[A-Za-z_][\w.-]{0,100}=[^\r\n]*\r?\n[ \t]{0,20}(?:export )?[A-Za-z_][\w.-]{0,100}=/m

export const headerLines: Detector = {
  id: 'header-lines',
  secret:
    'The rest of a line behind a sensitive name: `Name: value` of HTTP and YAML, `name = value` of INI, `NAME=value` of `.env` files, `[name] => value` of PHP',
  reason: 'Dumps of requests show cookies and credentials, which may contain spaces and separators',
  visible: 'The name, and the other lines',
  sources: [
    'https://www.rfc-editor.org/rfc/rfc9112#section-5',
    'https://www.php.net/manual/function.print-r.php',
  ],
  examples: [
    ['Host: x\r\nCookie: a=1; b=geheim\r\n', 'Host: x\r\nCookie: [REDACTED]\r\n'],
    ['db:\n  user: app\n  password: open sesame\n', 'db:\n  user: app\n  password: [REDACTED]\n'],
    ['[db]\nuser = jan\npassword = open sesame\n', '[db]\nuser = jan\npassword = [REDACTED]\n'],
    ['PORT=80\nDB_PASSWORD=open & shut\n', 'PORT=80\nDB_PASSWORD=[REDACTED]\n'],
    ['Array\n(\n    [password] => a b\n)', 'Array\n(\n    [password] => [REDACTED]\n)'],
    ['password: [REDACTED] and geheim', 'password: [REDACTED]'],
    ['Host: example.org', 'Host: example.org'],
    ['Password: must be at least 8 characters', 'Password: must be at least 8 characters'],
  ],
  markers: [':', '=', '：'],
  needsName: true,
  redact(text, context) {
    const redacted = redactLines(text, LINE, context)
    if (!redacted.includes('=') || !redacted.includes('\n')) return redacted
    return redactLines(redacted, ENV_FILE.test(redacted) ? ASSIGNMENT_LINE : WORD_ASSIGNMENT_LINE, context)
  },
}

function redactLines(text: string, pattern: RegExp, { sensitiveKeys, replacement }: DetectorContext): string {
  return text.replace(pattern, (line: string, ...groups: (string | undefined)[]) => {
    // Each form of line has three groups: the part before the value, the name in it, and the value.
    const first = groups.findIndex((group) => group !== undefined)
    const [beforeValue = '', name = '', value = ''] = groups.slice(first, first + 3)
    if (!sensitiveKeys.isSensitive(name)) return line
    // A list is no line. Behind a part that was replaced, the value may go on.
    if (value.startsWith('[') && !goesOnBehind(value, replacement)) return line
    // A call or an object that continues on the next line has a syntax of its own: `password: Some(`.
    if (/[([{]\s*$/.test(value)) return line
    if (/set-cookie$/i.test(name)) return beforeValue + redactSetCookie(value, () => replacement)
    // Not a line: the detector of named values looks at each of several scopes.
    if (beforeValue.endsWith(':') && beginsWithAction(value)) return line
    const isTyped = beforeValue.includes(':')
    const written = value.trimEnd().replace(/[,;]$/, '')
    if (isHarmlessValue(name, written, 'unquoted', isTyped)) return line
    const unquoted: Value = { end: written.length, opening: '', closing: '', kind: 'unquoted' }
    if (isHarmlessObjectOrReference(name, written, unquoted, sensitiveKeys)) return line
    return isTyped && isSentenceAbout(name, value, 0) ? line : `${beforeValue}${replacement}`
  })
}

/** Whether a value begins with the replacement and has more words: an earlier detector, or the client, has put it there. */
function goesOnBehind(value: string, replacement: string): boolean {
  return value.startsWith(replacement) && /^\s{0,10}[^\s,;)}\]]/.test(value.slice(replacement.length))
}
