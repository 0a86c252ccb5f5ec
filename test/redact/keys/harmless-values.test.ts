import { describe, expect, it } from '@jest/globals'
import { canBeSecret, HARMLESS_VALUE_RULES } from '#src/redact/keys/harmless-values.js'
import { createSensitiveKeys } from '#src/redact/keys/sensitive-keys.js'

const sensitiveKeys = createSensitiveKeys({})
const examples = HARMLESS_VALUE_RULES.flatMap(({ id, examples: { visible, hidden } }) => [
  ...visible.map(([key, value]) => ({ id, key, value, isSecret: false })),
  ...hidden.map(([key, value]) => ({ id, key, value, isSecret: true })),
])

describe('an example of a harmless value', () => {
  it.each(examples)('$id: $key: $value can be a secret: $isSecret', ({ key, value, isSecret }) => {
    expect(canBeSecret(key, value, sensitiveKeys)).toBe(isSecret)
  })
})

it('each rule has an id of its own, a reason and a source', () => {
  expect(new Set(HARMLESS_VALUE_RULES.map(({ id }) => id)).size).toBe(HARMLESS_VALUE_RULES.length)
  for (const { reason, sources } of HARMLESS_VALUE_RULES) {
    expect(reason).not.toBe('')
    expect(sources.length).toBeGreaterThan(0)
  }
})

it.each<[string, unknown]>([
  ['address', { type: 'home', id: 5 }],
  ['user_address', [{ type: 'home' }]],
  ['address', ['$', '{ADDRESS}'].join('')],
])('hides descriptions and references under a key of the option redact.keys: %s %j', (key, value) => {
  expect(canBeSecret(key, value, createSensitiveKeys({ keys: ['address'] }))).toBe(true)
})
