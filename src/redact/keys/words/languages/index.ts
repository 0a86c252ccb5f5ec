import { EAST_ASIAN_LANGUAGES } from './east-asian.js'
import { GERMANIC_LANGUAGES } from './germanic.js'
import type { KeyLanguage } from './language.js'
import { OTHER_LANGUAGES } from './other.js'
import { ROMANCE_LANGUAGES } from './romance.js'
import { SLAVIC_LANGUAGES } from './slavic.js'

export const LANGUAGES: readonly KeyLanguage[] = [
  ...GERMANIC_LANGUAGES,
  ...ROMANCE_LANGUAGES,
  ...SLAVIC_LANGUAGES,
  ...EAST_ASIAN_LANGUAGES,
  ...OTHER_LANGUAGES,
]
