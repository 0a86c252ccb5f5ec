// Clients choose the texts that are redacted, so no text may be slow: the time that a pattern takes must grow with the
// length of the text, not with its square. bench/redact-curves.js shows the curves from 1 KB to 1 MB.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, jest } from '@jest/globals'
import fc from 'fast-check'
import ts from 'typescript'
import { LIBRARY_ERROR_MESSAGES } from '#src/redact/detectors/library-error-messages.js'
import { compileMessage, libraryErrors } from '#src/redact/detectors/library-errors.js'
import { createSensitiveKeys } from '#src/redact/keys/sensitive-keys.js'
import { parseJson } from '#src/redact/texts/parse-json.js'
import { redactText } from '#src/redact/texts/redact-text.js'
import { redactUrl } from '#src/redact/urls/redact-url.js'
import { createTextContext } from '#src/redact/values/create-text-context.js'
import { takesAtMostMs } from '../helpers/cpu-time.js'
import { isSlowRun, repetitions } from '../helpers/slow.js'

const context = createTextContext(createSensitiveKeys({}), '[REDACTED]')

/** Texts that the patterns match, and the characters of which they consist. */
const PIECES = [
  ...[
    'a',
    'A',
    '1',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\r\n\r\n',
    '=',
    ':',
    '&',
    ';',
    '?',
    '#',
    '/',
    '//',
    '://',
    '@',
    '//@',
  ],
  ...[
    '%',
    '%25',
    '%61',
    '%3D',
    '%253D',
    '+',
    '"',
    "'",
    '\\',
    '\\"',
    '<',
    '>',
    '</',
    '<a ',
    '<a>',
    '[',
    '[[',
    ']',
    '{',
    '}',
    '(',
    ',',
  ],
  ...['.', '-', '--', '\r\n--', '_', '…', '…[+', '…[+1', '…[+1 characters]', 'é', '\u0301', '\ud800', '😀'],
  ...[
    'eyJ',
    'eyJa.',
    'eyJaaaaaaaaaaaa.',
    '-----BEGIN ',
    '-----BEGIN RSA PRIVATE KEY',
    'bearer ',
    'token ',
    'Basic\t',
  ],
  ...[
    'password',
    'password=',
    'password:"',
    'password=\\"',
    'name="',
    'form-data; name="a"\r\n',
    'form-data\r\n\r\n',
  ],
  ...[
    'https://a?',
    'href="',
    'http',
    '?code=a',
    '<input ',
    'name=a',
    'value="',
    '<![CDATA[',
    '<password>',
    'digest a="b",',
    'cookie: a=b; ',
    '"""',
    ', a=b',
    '//a:b',
    'null',
    'true',
    'a=',
    'a:',
    'a ',
    'a.',
    'a-',
    'a:\n',
    '"a"',
    '"a":',
    "'a':",
    '{"a":',
    '?a=',
    ';a=',
    '//a:b@',
  ],
  ...[
    'password: |\n  ',
    'a: |\n ',
    'token: !a |',
    ': |',
    '- ',
    ' #',
    '- - a: >-\n',
    'password => ',
    '"password"=>"',
    '[a] => ',
    '    [password] => ',
    ' ===',
    ':=',
    '=>',
    "password=b'",
    '\xa0',
    'password          =          ',
    '&quot;',
    '&#x27;',
    'password&quot;:&quot;',
    'password=&quot;\\',
    '[]',
  ],
]
const ALL_BEGINS = [
  '',
  'x',
  'a=',
  '/?a=',
  'https://',
  'eyJ',
  'password=',
  '{"password":"',
  'form-data </ @ eyJ ',
  '<a',
  '["',
]
/** Each piece with some of the beginnings in a quick run, with all of them in a slow one. */
const BEGINS = ALL_BEGINS.filter((_, index) => index % repetitions(4, 1) === 0)
const ENDS = ['', '\0', '!"', '…[+1 characters]']

/** At this length a linear pattern takes some milliseconds, and a quadratic one more than 250. */
const PATTERN_LENGTH = 20_000
const PATTERN_MS = 100

interface Pattern {
  readonly title: string
  readonly pattern: RegExp
}

/** The literals in the source files. */
function literalPatterns(folder: string): Pattern[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  )
  return files.flatMap((file) => {
    const patterns: Pattern[] = []
    const visit = (node: ts.Node): void => {
      if (ts.isRegularExpressionLiteral(node)) {
        const end = node.text.lastIndexOf('/')
        const pattern = new RegExp(node.text.slice(1, end), node.text.slice(end + 1))
        patterns.push({ title: `${file}: ${pattern}`, pattern })
      }
      ts.forEachChild(node, visit)
    }
    visit(ts.createSourceFile(file, readFileSync(join(folder, file), 'utf8'), ts.ScriptTarget.Latest))
    return patterns
  })
}

/** The patterns that modules compose from named parts when they load: every call of `new RegExp` is recorded. */
function composedPatterns(load: () => void): Pattern[] {
  const patterns: Pattern[] = []
  const original = globalThis.RegExp
  globalThis.RegExp = new Proxy(original, {
    construct(target, parameters) {
      const pattern: RegExp = Reflect.construct(target, parameters)
      patterns.push({ title: `composed: ${pattern}`, pattern })
      return pattern
    },
  })
  try {
    jest.isolateModules(load)
  } finally {
    globalThis.RegExp = original
  }
  return patterns
}

/** Searches the whole text, as `replace`, `split` and `matchAll` do. */
function search(pattern: RegExp, text: string): void {
  if (pattern.sticky) {
    pattern.lastIndex = 0
    // A pattern that matches nothing stays where it is.
    for (let start = -1; start < pattern.lastIndex && pattern.lastIndex < text.length; ) {
      start = pattern.lastIndex
      if (pattern.exec(text) === null) return
    }
  } else {
    text.replace(pattern, '')
  }
}

const repeat = (piece: string, length: number) => piece.repeat(Math.ceil(length / piece.length))

/** The beginning of the first slow text. */
function slowText(pattern: RegExp, texts: Iterable<string>): string | undefined {
  for (const text of texts) {
    if (!takesAtMostMs(PATTERN_MS, () => search(pattern, text))) return `${text.slice(0, 60)}...`
  }
  return undefined
}

function* repetitiveTexts(): Generator<string> {
  for (const piece of PIECES) {
    for (const begin of isSlowRun ? ['', '"', '<a'] : ['']) yield `${begin}${repeat(piece, PATTERN_LENGTH)}\0`
  }
}

describe('each pattern takes a time that grows linearly with the length of the text', () => {
  const literals = ['redact', 'serialize'].flatMap((folder) =>
    literalPatterns(join(__dirname, '../../src', folder)),
  )
  const composed = composedPatterns(() => require('#src/redact/redactor.js'))
  const patterns = [...literals, ...composed]

  it('finds the patterns, literal and composed', () => {
    expect(literals.length).toBeGreaterThan(40)
    expect(composed.length).toBeGreaterThan(12)
  })

  it.each([/[\w.-]+@/, /\s+$/, /<[^>]*>/])(
    'detects a pattern whose time grows with the square: %s',
    (pattern) => {
      expect(slowText(pattern, repetitiveTexts())).toBeDefined()
    },
  )

  it.each(patterns)('$title', ({ pattern }) => {
    expect(slowText(pattern, repetitiveTexts())).toBeUndefined()
  })

  it('also for texts of pieces in random order', () => {
    const unit = fc.array(fc.constantFrom(...PIECES), { minLength: 2, maxLength: 4 })
    const text = fc
      .tuple(fc.constantFrom(...BEGINS), unit, fc.constantFrom(...ENDS))
      .map(([begin, pieces, end]) => `${begin}${repeat(pieces.join(''), PATTERN_LENGTH)}${end}`)
    fc.assert(
      fc.property(text, (attack) => {
        for (const { pattern } of patterns) expect(slowText(pattern, [attack])).toBeUndefined()
      }),
      { numRuns: repetitions(20, 250), endOnFailure: true },
    )
  })
})

// The beginning of a message many times, with its end once: each beginning may be followed to the end of the text.
describe.each(LIBRARY_ERROR_MESSAGES)('the message of a library: $library', (message) => {
  const { example } = message
  const pattern = compileMessage(message)
  const start = example.indexOf('geheim')
  const { after = '' } = new RegExp(pattern, pattern.flags).exec(example)?.groups ?? {}
  const beginning = example.slice(0, start)
  const firstOfEnd = after.charAt(0)

  it('has an example whose secret is hidden', () => {
    expect(libraryErrors.redact(example, context)).not.toContain('geheim')
    expect(example).toContain(message.marker)
  })

  it.each([
    ['its beginning', beginning],
    ['its beginning and a value', `${beginning}geheim`],
    ['its beginning and what may be the end of the value', `${beginning}${firstOfEnd.repeat(20)}`],
    ['its beginning and half of its end', `${beginning}${after.slice(0, after.length / 2)}`],
    ['what may be the end of the value', `${firstOfEnd} `],
  ])('takes a time that grows linearly with the length of the text: %s', (_title, piece) => {
    for (const end of [example.slice(start), `\n${example.slice(start)}`])
      expect(slowText(pattern, [repeat(piece, 3 * PATTERN_LENGTH) + end])).toBeUndefined()
  })
})

it('redactText does not read brackets from each of many first values of pairs', () => {
  const text = repeat('("password", ', 4 * PATTERN_LENGTH)
  expect(takesAtMostMs(4 * PATTERN_MS, () => redactText(text, context))).toBe(true)
})

it('redactText is linear in the number of arrows behind a cookie name', () => {
  const text = repeat('cookie=>a= ', 400_000)
  expect(takesAtMostMs(3000, () => redactText(text, context))).toBe(true)
})

describe('redactText, redactUrl and parseJson take a time that grows linearly with the length of the text', () => {
  const LENGTH = 50_000
  /** A quadratic pattern takes more than twice as long. */
  const MS = 1500

  it.each(PIECES)(
    '50,000 characters of %j',
    (piece) => {
      const text = repeat(piece, LENGTH)
      const escaped = encodeURIComponent(text.replaceAll('\ud800', ''))
      for (const begin of BEGINS) {
        expect(takesAtMostMs(MS, () => redactText(`${begin}${text}`, context))).toBe(true)
      }
      expect(takesAtMostMs(MS, () => redactUrl(`/?a=${escaped}`, context))).toBe(true)
      for (const begin of ['[', '{', '"', '["']) {
        expect(takesAtMostMs(MS, () => parseJson(`${begin}${text}…[+1 characters]`))).toBe(true)
      }
    },
    60_000,
  )
})
