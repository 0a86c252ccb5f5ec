// Which names are sensitive. The words come from the data in src/redact/keys/, which this suite runs over.
import { describe, expect, it } from '@jest/globals'
import { createSensitiveKeys } from '#src/redact/keys/sensitive-keys.js'
import {
  addGroup,
  createDefaultWords,
  KEY_GROUPS,
  wordsIn,
  wordsOf,
} from '#src/redact/keys/words/default-words.js'
import { HARMLESS_GROUPS } from '#src/redact/keys/words/groups/harmless.js'
import { lettersOf, lettersOfEach } from '#src/redact/keys/words/key-spelling.js'
import { LANGUAGES } from '#src/redact/keys/words/languages/index.js'
import type { KeyLanguage } from '#src/redact/keys/words/languages/language.js'
import { takesAtMostMs } from '../../helpers/cpu-time.js'
import {
  HARMLESS_NAMES,
  HARMLESS_NAMES_BY_LANGUAGE,
  SENSITIVE_NAMES,
  SENSITIVE_NAMES_BY_LANGUAGE,
  SENSITIVE_URL_PARAMETERS,
} from '../corpus/key-names.js'
import { headersOf, kwargsOf, urlOf } from '../redacted-parts.js'

const sensitiveKeys = createSensitiveKeys({})
const SECRET = 'Kq7Zx2Wm9Vt4'

const isHiddenInFilter = (name: string) => kwargsOf({ [name]: SECRET })[name] === '[REDACTED]'
const isHiddenInUrl = (name: string) => !urlOf(`/?${encodeURIComponent(name)}=${SECRET}`).includes(SECRET)

describe('in a record, the value is redacted under', () => {
  const corpus = { ...SENSITIVE_NAMES, ...SENSITIVE_NAMES_BY_LANGUAGE }

  it.each(Object.entries(corpus))('%s', (_kind, names) => {
    expect(names.filter((name) => !isHiddenInFilter(name))).toEqual([])
    expect(names.filter((name) => !isHiddenInUrl(name))).toEqual([])
  })

  it('headers', () => {
    const visible = (SENSITIVE_NAMES.headers as string[]).filter(
      (name) => headersOf({ [name]: SECRET })[name] !== '[REDACTED]',
    )
    expect(visible).toEqual([])
  })

  it('parameters that are sensitive in URLs only', () => {
    expect(SENSITIVE_URL_PARAMETERS.filter((name) => !isHiddenInUrl(name))).toEqual([])
    const single = SENSITIVE_URL_PARAMETERS.filter((name) => /^[a-z]{3,9}$/.test(name))
    expect(single.filter(isHiddenInFilter)).toEqual([])
  })
})

describe('in a record, the value stays visible under', () => {
  const corpus = { ...HARMLESS_NAMES, ...HARMLESS_NAMES_BY_LANGUAGE }

  it.each(Object.entries(corpus))('%s', (_kind, names) => {
    expect(names.filter(isHiddenInFilter)).toEqual([])
    // In a URL, what stands behind a slash is the name.
    expect(names.filter((name) => !/[/$]/.test(name) && isHiddenInUrl(name))).toEqual([])
  })
})

describe('the data', () => {
  it.each(KEY_GROUPS)('every word of the group $id is sensitive', (group) => {
    expect(group.reason).not.toBe('')
    const isSensitive = (word: string) =>
      group.onlyInUrls ? sensitiveKeys.isSensitiveInQuery(word) : sensitiveKeys.isSensitive(word)
    expect(wordsOf(group).filter((word) => !isSensitive(word))).toEqual([])
  })

  it.each(LANGUAGES)('the words of $name have the same letters together and one by one', (language) => {
    const { endings, lastWords = '', wholeKeys = '', qualifiers, harmless = [] } = language
    const lists = [endings, lastWords, wholeKeys, qualifiers, ...harmless.map(({ words }) => words)]
    const words = lists.flatMap(wordsIn)
    expect(lettersOfEach(words)).toEqual(words.map(lettersOf))
  })

  it.each(HARMLESS_GROUPS)('every word of the harmless group $id is harmless', ({ words, reason }) => {
    expect(reason).not.toBe('')
    expect(wordsIn(words).filter((word) => sensitiveKeys.isSensitiveInQuery(word))).toEqual([])
    expect(wordsIn(words).filter((word) => sensitiveKeys.isSensitive(`my_${word}`))).toEqual([])
  })

  it('has no word that is needed nowhere: without its group each harmless word would be sensitive', () => {
    const endings = createSensitiveKeys({ defaultWords: createDefaultWords([], []) })
    const needless = HARMLESS_GROUPS.flatMap(({ words }) => wordsIn(words)).filter(
      (word) => !endings.isSensitiveInQuery(word),
    )
    expect(needless).toEqual([])
  })

  it('has no harmless word of a language that is needed nowhere', () => {
    const withoutHarmless = LANGUAGES.map((language) => ({ ...language, harmless: [] }))
    const endings = createSensitiveKeys({ defaultWords: createDefaultWords(withoutHarmless) })
    const needless = LANGUAGES.map(({ name, harmless = [] }) => {
      const words = harmless.flatMap(({ words }) => wordsIn(words))
      return [name, ...words.filter((word) => !endings.isSensitiveInQuery(word))]
    })
    expect(needless.filter(([, ...words]) => words.length > 0)).toEqual([])
  })

  it('has no word in two groups, and none that a shorter word makes sensitive', () => {
    const tree = createDefaultWords([], HARMLESS_GROUPS, [])
    const { isSensitive, isSensitiveInQuery } = createSensitiveKeys({ defaultWords: tree })
    const words = KEY_GROUPS.flatMap((group) => wordsOf(group).map((word) => ({ group, word })))
    const lengthOf = ({ group, word }: (typeof words)[number]) =>
      2 * lettersOf(word).length + (group.onlyInUrls ? 1 : 0)
    const redundant = words
      .sort((a, b) => lengthOf(a) - lengthOf(b))
      .filter(({ group, word }) => {
        const probe = `${group.match === 'ending' ? 'zz' : ''}${lettersOf(word)}`
        const isKnown = group.onlyInUrls ? isSensitiveInQuery(probe) : isSensitive(probe)
        addGroup(tree, {
          id: '',
          reason: '',
          match: group.match,
          words: word,
          ...(group.onlyInUrls && { onlyInUrls: true }),
        })
        // In a group with `before`, not every combination is needed.
        return isKnown && group.before === undefined
      })
    expect(redundant.map(({ group, word }) => `${word} of ${group.id}`)).toEqual([])
  })

  it.each(LANGUAGES.map((language) => [language.name, language] as const))(
    'every word of %s decides as it is listed',
    (_name, { endings, lastWords = '', wholeKeys = '', qualifiers, harmless = [] }) => {
      const sensitive = [endings, lastWords, wholeKeys].flatMap(wordsIn)
      expect(sensitive.filter((word) => !sensitiveKeys.isSensitive(word))).toEqual([])
      const behindPassword = wordsIn(qualifiers).map((word) => `password_${word}`)
      expect(behindPassword.filter((word) => !sensitiveKeys.isSensitive(word))).toEqual([])
      const visible = harmless.flatMap(({ words }) => wordsIn(words))
      expect(visible.filter((word) => sensitiveKeys.isSensitive(word))).toEqual([])
    },
  )

  it('has languages with sensitive and harmless cases in the corpus, and each language and group once', () => {
    const codes = LANGUAGES.map(({ code }) => code)
    expect(Object.keys(SENSITIVE_NAMES_BY_LANGUAGE).sort()).toEqual([...codes].sort())
    const withHarmless = Object.entries(HARMLESS_NAMES_BY_LANGUAGE).filter(([, names]) => names.length >= 5)
    expect(withHarmless.map(([code]) => code).sort()).toEqual([...codes].sort())
    const ids = [...codes, ...KEY_GROUPS.map(({ id }) => id), ...HARMLESS_GROUPS.map(({ id }) => id)]
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('a new language', () => {
  const elvish: KeyLanguage = {
    code: 'xx',
    name: 'A made-up language',
    endings: 'mellönsesta',
    lastWords: 'arno',
    qualifiers: 'vinya',
    transliterations: { ö: 'oe' },
    harmless: [{ reason: 'A door', words: 'fen-arno' }],
  }

  it('is one entry: its words count with accents, transliterated, with qualifiers and beside English', () => {
    const { isSensitive } = createSensitiveKeys({ defaultWords: createDefaultWords([...LANGUAGES, elvish]) })
    const sensitive = [
      'mellönsesta',
      'mellonSesta',
      'MELLOENSESTA',
      'mellönsesta_vinya',
      'my_arno2',
      'arno_confirm',
    ]
    expect(sensitive.filter((name) => !isSensitive(name))).toEqual([])
    expect(['carno', 'fen_arno', 'vinya'].filter(isSensitive)).toEqual([])
    expect(sensitive.filter(sensitiveKeys.isSensitive)).toEqual([])
  })
})

describe('the words of a key', () => {
  it.each([
    'api[key]',
    'user[password][0]',
    'password[$ne]',
    'password.$elemMatch',
    'a[b][secret][$in][]',
    'token_1_2',
    'tokens_2026',
    'password__lower__contains',
    'P A S S W O R D',
    'passwörd',
    'ＰＡＳＳＷＯＲＤ',
    'pass\u200bword',
    '  password: ',
    `${'x'.repeat(1000)}Password`,
    'a[b]'.repeat(30),
  ])('make %s sensitive', (key) => expect(sensitiveKeys.isSensitive(key)).toBe(true))

  it.each([
    '',
    '[',
    '[]',
    '.$',
    '__',
    '0',
    's',
    '密',
    'password__isnull',
    'password[hint]x'.slice(9),
    '\ud800',
  ])('leave %j harmless', (key) => expect(sensitiveKeys.isSensitive(key)).toBe(false))
})

describe('the options', () => {
  const { isSensitive, isConfigured } = createSensitiveKeys({
    keys: ['bsn', '身份证', 'naïve_id', 'boarding_pass'],
    allowKeys: ['csrfToken', '验证码', 'passwordHash', 'user[pin]', 'tokens'],
  })

  it('keys: are sensitive in any spelling, script and position, also if they are harmless by default', () => {
    const names = [
      'BSN',
      'user_bsn',
      'bsn2',
      'bsn__in',
      '我的身份证',
      '身份证确认',
      'naiveId',
      'boardingPass',
    ]
    expect(names.filter((name) => !isSensitive(name))).toEqual([])
    expect(isSensitive('bsnummer')).toBe(false)
    expect(names.filter((name) => !isConfigured(name))).toEqual([])
    expect(['password', 'csrfToken', 'value', 'password[x]'].filter(isConfigured)).toEqual([])
  })

  it.each([
    ['id', ['paid', 'valid', 'hybrid', 'isValid', 'PAID']],
    ['ip', ['zip', 'relationship', 'clip']],
    ['q', ['faq', 'seq']],
    ['age', ['page', 'message', 'homePage']],
    ['iban', ['caliban', 'ibanBank']],
  ])('keys: %s is a word, not letters at the end of a word', (key, names) => {
    expect(names.filter((name) => createSensitiveKeys({ keys: [key] }).isSensitive(name))).toEqual([])
  })

  it.each([
    ['id', ['id', 'ID', 'userId', 'user_id', 'ids', 'filter[id]', 'userID', 'id2']],
    ['iban', ['ibanNumber', 'iban_number', 'IBAN-nr', 'customerIbanNummer', 'ibans', 'IBANNumber']],
    ['bsn', ['bsnNumber', 'bsn_nummer', 'bsnnummer', 'BSN number']],
    ['firstName', ['firstName', 'first_name', 'FIRST-NAME', 'firstname', 'userFirstName']],
  ])('keys: %s is sensitive at the end of a key and in front of a number', (key, names) => {
    const { isSensitive, isConfigured } = createSensitiveKeys({ keys: [key] })
    expect(names.filter((name) => !isSensitive(name))).toEqual([])
    expect(names.filter((name) => !isConfigured(name))).toEqual([])
  })

  it('allowKeys: are harmless in any spelling, as a whole', () => {
    const names = [
      'csrf_token',
      'CSRF-Token',
      'form[csrfToken]',
      'csrfTokenValue',
      '验证码',
      'password_hash',
      'userPin',
      'tokens',
    ]
    expect(names.filter(isSensitive)).toEqual([])
    const others = ['my_csrf_token', '短信验证码', 'password', 'pin', 'token', 'password[csrfToken]']
    expect(others.filter((name) => !isSensitive(name))).toEqual([])
  })
})

describe('the cost', () => {
  const lengths = [10, 100, 1000]

  it.each(lengths)(
    'of 4,000 names of %i characters grows with their length only, whatever they are',
    (length) => {
      const pieces = ['n[e[', '密', 'confirm', '__in', 's2', 'TokenX', ' . ', '[$', 'é', 'value_']
      for (const piece of pieces) {
        const names = Array.from({ length: 4000 }, (_, i) => `${i}${piece.repeat(length)}`.slice(-length))
        expect(takesAtMostMs(2000, () => names.filter(sensitiveKeys.isSensitive))).toBe(true)
      }
    },
  )
})
