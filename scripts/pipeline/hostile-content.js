// Content that serializers, shippers and stores are known to change, as a hostile or careless application records it.

const nested = (depth) => Array.from({ length: depth }).reduce((below) => ({ deeper: below }), 'the end')
const objectOf = (names, value) => Object.fromEntries(names.map((name) => [name, value]))

const ODD_NAMES = [
  ...['', ' ', '.', '..', '.a', 'a.', 'a..b', ' a . b ', '\0', 'a\0b', '\n', '*', '$!', '%msg%', '%{[a]}'],
  ...[
    '_id',
    '_source',
    '@timestamp',
    '@metadata',
    'audit',
    'constructor',
    '[a][b]',
    'a"b',
    'a\\b',
    "a'b",
    '<b>',
  ],
]
/** UTF-16 code units and code points sort them differently; two have the same letters in two forms. */
const UNICODE_NAMES = [
  '\u{1f600}',
  '\ufb33',
  '\uffff',
  '\u20ac',
  '\u00e9',
  'e\u0301',
  '\u2028',
  '\u007f',
  '\r',
]
/** All become U+FFFD in UTF-8. */
const LONE_SURROGATES = {
  '\ud800': 1,
  '\udfff': 2,
  '\ufffd': 3,
  text: 'alone \ud800 and \udc00\ud800 reversed',
}
/** JavaScript lists these keys in the order of their numbers. */
const INTEGER_KEYS = { 10: 'ten', 9: 'nine', '-1': 'minus one', '01': 'one', 4294967295: 'large', a: 'a' }
const PROTOTYPE_KEYS = JSON.parse('{"__proto__":{"polluted":true},"a":{"__proto__":null},"toString":"x"}')
const NULLS = {
  a: null,
  b: { c: null },
  d: [null, { e: null }, [null]],
  f: {},
  g: [],
  h: '',
  i: [{}],
  j: { k: {} },
}
const NUMBERS = {
  ...{ a: 1.0, b: 1e21, c: 1e-7, d: Number('9007199254740993'), e: -0, f: Number.MAX_VALUE, g: 5e-324 },
  ...{ h: Number('12345678901234567890'), i: 0.1, j: 100, k: 4294967296, l: Number('9223372036854775807') },
  ...{
    m: 1e19,
    n: 123456789.12345679,
    o: 0.1 + 0.2,
    p: 1e300,
    q: -1e-300,
    r: '007',
    s: 999999999999999900000,
  },
  ...{ t: 2 ** 53, u: -(2 ** 63), v: 1.5, w: Number.NaN, x: Number.POSITIVE_INFINITY, y: 3.0e-5, z: 100.25 },
}
const CONTROL = '\0\u0001\u0007\b\f\n\r\t\u001b[31m\u007f\u0085\u009f\u2028\u2029\ufeff\ufffe\uffff'
const UNICODE = 'ééé €€€ \u{1f600}\u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u202e rtl 日本語 עברית e\u0301'
const ESCAPES = '#000 #012 \\n \\u0000 \\\\ " \' / <script>&amp;</script> %00 $HOME %{[audit]} {{x}}'

/** One after the other: the type of a member changes from record to record. */
const VALUES = [
  (n) => ({ person_id: String(n % 1000), n }),
  () => objectOf(ODD_NAMES, 'value'),
  () => objectOf(UNICODE_NAMES, UNICODE),
  () => LONE_SURROGATES,
  () => INTEGER_KEYS,
  () => PROTOTYPE_KEYS,
  () => NULLS,
  () => NUMBERS,
  () => ({ [CONTROL]: CONTROL, escapes: ESCAPES }),
  () => nested(40),
  () => Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`key_${i}`, i])),
  () => ({ long: 'y'.repeat(15_000) }),
  () => ({ long: UNICODE.repeat(200) }),
  () => ({ foo: '1', 'foo.bar': '2', 'foo.bar.baz': { 'foo.bar': 3 } }),
  () => 'a text where an object was',
  () => [1, 'two', { three: 3 }, [4, [5]], null, true],
  () => ({ when: '2026-11-24', count: 'many', ip: 'unknown', exponent: '1e400' }),
  () => null,
  (n) => Array.from({ length: 500 }, (_, id) => ({ id: id + n, name: `naam ${id}` })),
]

/** Texts for a message, a role, a reason. */
const TEXTS = [
  'List Person',
  '',
  CONTROL,
  UNICODE,
  ESCAPES,
  'lone \ud800',
  'line one\nline two\r\nthree',
  'x'.repeat(3000),
]

/** Fills the record of request number `n`. */
export function recordHostileContent(audit, n) {
  const value = VALUES[n % VALUES.length](n)
  const other = VALUES[(n * 7 + 3) % VALUES.length](n)
  const text = TEXTS[n % TEXTS.length]
  audit
    .setUser({
      authenticated: n % 5 !== 0,
      provider: text,
      realm: 'employees',
      email: `user${n % 30}@example.org`,
      roles: n % 3 === 0 ? ['reader', text] : value,
      ip: n % 4 === 0 ? text : `192.0.2.${n % 250}`,
    })
    .setFilter(text === '' ? 'Person' : text, value)
    .setResults(other)
  if (n % 6 === 0) audit.set('case', other).set(text, value)
  if (n % 7 === 0)
    audit
      .setAction('update', [{ type: 'Person', id: String(n) }])
      .setChanges({ a: value }, { a: other, b: text })
  if (n % 11 === 0) audit.deny(text)
  if (n % 13 === 0) audit.setError(new Error(text))
  const write = ['info', 'warning', 'error', 'critical'][n % 4]
  audit[write](text)
}

/** Requests of hostile clients. */
const PATHS = [
  ...[
    '/persons?last_name=Jansen',
    '/%00%ff%ED%A0%80',
    '/a//b/../c?q=%22%0a%0d%5c',
    '/?a=1&a=2&__proto__=3&a[b]=c',
  ],
  ...[
    '/?q=%F0%9F%98%80%E2%80%A8',
    `/long?q=${'x'.repeat(4000)}`,
    '/?token=eyJhbGciOiJIUzI1NiJ9.e30.x',
    '/?q=%',
  ],
]
const USER_AGENTS = ['Mozilla/5.0', 'caf\u00e9 \u00ff', '', '<script>"\\', "a\tb'--", 'u'.repeat(2000)]
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']

export function describeHostileRequest(n) {
  return {
    method: METHODS[n % METHODS.length],
    path: PATHS[n % PATHS.length],
    headers: {
      'user-agent': USER_AGENTS[n % USER_AGENTS.length],
      'x-request-id': n % 9 === 0 ? `"'${n}<>` : `request-${n}`,
      'x-request-number': String(n),
    },
  }
}
