/**
 * A rule for keys that are harmless alone and sensitive in a certain context: `code` beside `grant_type`, and `value` beside
 * `name: 'password'`. To add a rule, add an entry to `sibling-rules.ts` or `label-rules.ts`;
 * `test/redact/keys/context-rules.test.ts` runs the examples of both lists.
 *
 * Keys are written in lower case with spaces between their words: `exp month` stands for `expMonth`, `ExpMonth`, `exp_month`,
 * `exp-month`, `EXP_MONTH` and `expmonth`. A key with a capital letter stands for exactly that spelling.
 *
 * A rule applies if all conditions hold that it has. It has at most one of `beside`, `besideNameIn`, `besideTrue` and
 * `besideText`. The order of rules does not matter, because each can only add keys.
 */
export interface ContextRule {
  readonly id: string
  /** The harm that a leak would do, or why the context makes the key sensitive. */
  readonly reason: string
  /** Where the context is defined: RFCs or documentation of a vendor. */
  readonly sources: readonly string[]
  /** The keys that the rule makes sensitive. */
  readonly keys: readonly string[]
  /** The object has at least one of these keys. */
  readonly beside?: readonly string[]
  /** The object has at least one of these keys, and its value is a sensitive key, as in `{ name: 'password', value: 'x' }`. */
  readonly besideNameIn?: readonly string[]
  /** The object has at least one of these keys with `true`, `1` or a text such as `true`. */
  readonly besideTrue?: readonly string[]
  /** The object has this key with a text that matches. */
  readonly besideText?: { readonly key: string; readonly matches: RegExp }
  /** The object stands under one of these keys. */
  readonly under?: readonly string[]
  /** The object is the query or fragment of a URL whose host or path has one of these words. */
  readonly inPathWith?: readonly string[]
  /** The object is a form, or the query or fragment of a URL. */
  readonly inUrl?: true
  /** The object has none of these keys. */
  readonly unlessBeside?: readonly string[]
  /** The value under the key has this shape. */
  readonly value?: (text: string) => boolean
  readonly examples: readonly ContextExample[]
}

/** An object, and the keys that the rule makes sensitive in it; none for a harmless look-alike. */
export interface ContextExample {
  readonly object: Readonly<Record<string, unknown>>
  readonly hidden: readonly string[]
  /** The path of the URL, if the object is a query. */
  readonly urlPath?: string
  /** The key under which the object stands. */
  readonly under?: string
}
