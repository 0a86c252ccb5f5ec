import { describe, expect, it } from '@jest/globals'
import { compileContextRules, toWord } from '#src/redact/keys/context/compile-context-rules.js'
import {
  CONTEXT_RULES,
  CONTEXT_SENSITIVE_KEYS,
  findContextSensitiveKeys,
} from '#src/redact/keys/context/context-sensitive-keys.js'
import { createSensitiveKeys } from '#src/redact/keys/sensitive-keys.js'
import { takesAtMostMs } from '../../helpers/cpu-time.js'

const sensitiveKeys = createSensitiveKeys({})
const examples = CONTEXT_RULES.flatMap((rule) =>
  rule.examples.map((example) => ({ id: rule.id, ...example })),
)
const title = '$id: $object $urlPath $under'

it('each rule has an id of its own, a reason, a source, and examples of both kinds', () => {
  const ids = CONTEXT_RULES.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  for (const rule of CONTEXT_RULES) {
    expect(rule.reason).not.toBe('')
    expect(rule.sources.length).toBeGreaterThan(0)
    expect(rule.examples.some(({ hidden }) => hidden.length > 0)).toBe(true)
    expect(rule.examples.some(({ hidden }) => hidden.length === 0)).toBe(true)
  }
})

it('no rule has more than one condition about siblings, or a key that triggers itself', () => {
  for (const { keys, beside, besideNameIn, besideTrue, besideText } of CONTEXT_RULES) {
    const conditions = [beside, besideNameIn, besideTrue, besideText].filter(
      (condition) => condition !== undefined,
    )
    expect(conditions.length).toBeLessThanOrEqual(1)
    const siblings = new Set([
      ...(beside ?? []),
      ...(besideNameIn ?? []),
      ...(besideTrue ?? []),
      besideText?.key,
    ])
    expect(keys.filter((key) => siblings.has(key))).toEqual([])
  }
})

it('looks at objects with a key that has a rule, and at no others', () => {
  const withRules = [...compileContextRules(CONTEXT_RULES)].filter(([, { rules }]) => rules.length > 0)
  expect([...CONTEXT_SENSITIVE_KEYS].sort()).toEqual(withRules.map(([spelling]) => spelling).sort())
})

it('finds the same keys whatever the order of the siblings is', () => {
  const object = { name: 'pin', Name: 'city', value: 'a', code: 'b', state: 'c', number: 1, cvc: 2 }
  const forward = findContextSensitiveKeys(object, Object.keys(object), sensitiveKeys)
  const reversed = Object.fromEntries(Object.entries(object).reverse())
  const backward = findContextSensitiveKeys(reversed, Object.keys(reversed), sensitiveKeys)
  expect([...(forward ?? [])].sort()).toEqual([...(backward ?? [])].sort())
})

it('takes a time that grows linearly with the number of keys, also if the rules know all of them', () => {
  const object = Object.fromEntries([...CONTEXT_SENSITIVE_KEYS].map((key) => [key, 'a']))
  for (const key of ['name', 'Name', 'NAME', 'kty', 'cvc', 'grant_type']) object[key] = 'password'
  const keys = Object.keys(object)
  const findOften = () => {
    for (let round = 0; round < 100; round++) findContextSensitiveKeys(object, keys, sensitiveKeys)
  }
  expect(takesAtMostMs(1000, findOften)).toBe(true)
})

describe('an example of a rule', () => {
  it.each(examples)(`hides the keys of the rule only: ${title}`, ({ id, object, hidden, urlPath, under }) => {
    const found = findContextSensitiveKeys(object, Object.keys(object), sensitiveKeys, {
      urlPath,
      parentKey: under,
    })
    const rule = CONTEXT_RULES.find((candidate) => candidate.id === id)
    const words = new Set(rule?.keys.map(toWord))
    const ofRule = [...(found ?? [])].filter((key) => words.has(toWord(key)))
    expect(ofRule.sort()).toEqual([...hidden].sort())
  })
})
