/**
 * How a key is compared with the words of a group:
 *
 * - `ending`: the key ends in the word, also without a boundary in front of it: `accesstoken` ends in `token`.
 * - `last words`: the key ends in the word, and a word begins there: `user_pin`, but not `spin`.
 * - `whole key`: the key, or the part in the last brackets, is the word: `auth` and `config[auth]`, but not `has_auth`.
 */
export type KeyMatch = 'ending' | 'last words' | 'whole key'

/** Keys that are sensitive for one reason. */
export interface KeyGroup {
  readonly id: string
  /** Why the values of these keys are redacted. */
  readonly reason: string
  /** Where the keys are defined or listed. */
  readonly sources?: readonly string[]
  readonly match: KeyMatch
  /** In URLs names are short, so that more of them are sensitive there. */
  readonly onlyInUrls?: true
  /**
   * Words with spaces between them. Hyphens show the parts of a word, and are not compared: `api-key` stands for `apikey`,
   * `apiKey`, `api_key` and `API-Key`.
   */
  readonly words: string
  /** With this, each of the words stands in front of each of these. */
  readonly before?: string
}

/** Keys that end like a sensitive key and are harmless. The longer one of two endings decides. */
export interface HarmlessGroup {
  readonly id: string
  /** Why the values of these keys stay visible. */
  readonly reason: string
  /** As in a {@link KeyGroup}; compared as `last words`. */
  readonly words: string
}
