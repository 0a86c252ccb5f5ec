import type { Detector } from './detector.js'

/** `Name: value`, with the part before the value as group 1. */
const HEADER = String.raw`([ \t]{0,20}["']?[\w.-]{1,100}["']?[ \t\xa0]{0,3}:[ \t\xa0]{0,3})([^\s"'{[\\][^\r\n]*)`
/** `[name] => value`, as `print_r` of PHP prints an array, with the part before the value as group 3. */
const PHP_ENTRY = String.raw`([ \t]{0,100}\[[\w.:-]{1,100}\] => )([^\r\n]+)`
const LINE = new RegExp(`^${HEADER}|^${PHP_ENTRY}`, 'gm')
const FIRST_WORD = /[\w.-]+/

export const headerLines: Detector = {
  id: 'header-lines',
  secret:
    'The rest of a line behind a sensitive name: `Name: value` of HTTP and YAML, `[name] => value` of PHP',
  reason: 'Dumps of requests show cookies and credentials, which may contain spaces and separators',
  visible: 'The name, and the other lines',
  sources: [
    'https://www.rfc-editor.org/rfc/rfc9112#section-5',
    'https://www.php.net/manual/function.print-r.php',
  ],
  examples: [
    ['Host: x\r\nCookie: a=1; b=geheim\r\n', 'Host: x\r\nCookie: [REDACTED]\r\n'],
    ['db:\n  user: app\n  password: open sesame\n', 'db:\n  user: app\n  password: [REDACTED]\n'],
    ['Array\n(\n    [password] => a b\n)', 'Array\n(\n    [password] => [REDACTED]\n)'],
    ['Host: example.org', 'Host: example.org'],
  ],
  markers: [':', '='],
  redact(text, { sensitiveKeys, replacement }) {
    return text.replace(LINE, (line, header?: string, _value?: string, phpEntry?: string) => {
      const beforeValue = header ?? phpEntry ?? ''
      const name = FIRST_WORD.exec(beforeValue)?.[0] ?? ''
      return sensitiveKeys.isSensitive(name) ? `${beforeValue}${replacement}` : line
    })
  },
}
