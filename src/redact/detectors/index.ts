// The detectors, in the order in which they run. To add a shape of secret, add a file and a line in the list, with
// `standsAlone` if the secret can be a whole path segment, and run `npm run docs:tables`.
import { authorizationCredentials } from './authorization-credentials.js'
import { commandLines } from './command-lines.js'
import type { Detector } from './detector.js'
import { formData } from './form-data.js'
import { headerLines } from './header-lines.js'
import { jsonWebToken } from './json-web-token.js'
import { labelledValues } from './labelled-values.js'
import { libraryErrors } from './library-errors.js'
import { links } from './links.js'
import { markupElements } from './markup-elements.js'
import { markupPairs } from './markup-pairs.js'
import { markupTags } from './markup-tags.js'
import { namedCalls } from './named-calls.js'
import { namedCredentials } from './named-credentials.js'
import { namedValues } from './named-values.js'
import { paymentCards } from './payment-cards.js'
import { privateKey } from './private-key.js'
import { proseValues } from './prose-values.js'
import { sqlStatements } from './sql-statements.js'
import { textTables } from './text-tables.js'
import { urlUserInfo } from './url-user-info.js'
import { vendorKeys } from './vendor-keys.js'
import { yamlBlocks } from './yaml-blocks.js'

/**
 * Each detector sees the text as the earlier ones left it, so the order matters: the shape that takes the whole text is
 * first; then shapes that need no name; then values with a syntax of their own (URLs, forms, markup, blocks and lines),
 * because the general rule for `name=value` would end them at the first separator; and last the credentials that no name
 * precedes.
 */
export const DETECTORS: readonly Detector[] = [
  privateKey,
  vendorKeys,
  jsonWebToken,
  paymentCards,
  urlUserInfo,
  links,
  formData,
  libraryErrors,
  markupTags,
  markupPairs,
  markupElements,
  yamlBlocks,
  textTables,
  headerLines,
  sqlStatements,
  namedValues,
  labelledValues,
  namedCalls,
  commandLines,
  namedCredentials,
  authorizationCredentials,
  proseValues,
]
