import type { SensitiveKeys } from '../keys/sensitive-keys.js'

/** The options that a detector needs. */
export interface DetectorContext {
  readonly sensitiveKeys: SensitiveKeys
  /** Stands in place of a secret. */
  readonly replacement: string
  /** Redacts a URL. Passed in, because the redaction of a URL runs the detectors in turn. */
  redactUrl(url: string): string
  /**
   * Called with each value that is replaced because of its name or its place, as it is written and, if that differs, decoded.
   * The value is hidden wherever else it stands in the record (`found-secrets.ts`).
   */
  readonly onSecret?: OnSecret | undefined
}

/** @param name the name of the parameter or key that makes the value a secret, if it has one */
export type OnSecret = (value: string, name?: string) => void

/**
 * One shape of secret that can be recognized within a text. To add a shape, add a file that is named after the `id`, and
 * a line in the list of `index.ts`; `test/redact/detectors.test.ts` runs over that list.
 *
 * The patterns of a detector must be linear in the length of the text, because clients choose the text: a match begins
 * where a word begins, and what repeats must not be able to start another match. A long pattern is composed with
 * `new RegExp` from parts that are strings with names.
 */
export interface Detector {
  /** The name of the file, without `.ts`. */
  readonly id: string
  /** Description of the shape. */
  readonly secret: string
  /** The harm that a leak would do. */
  readonly reason: string
  /** The part of the text that is not replaced. */
  readonly visible: string
  /** Where the shape is defined: RFCs or documentation of a vendor. */
  readonly sources: readonly string[]
  /** Texts, and what they become with `[REDACTED]` as the replacement. */
  readonly examples: readonly (readonly [input: string, output: string])[]
  /**
   * Every text with such a secret contains at least one of these, or matches this pattern. Hot path: `redact` runs only on
   * such texts. A function is for what a pattern would search too slowly.
   */
  readonly markers: readonly string[] | RegExp | ((text: string) => boolean)
  /**
   * The secret is recognized without a name or a separator in front of it, so it can also be a path segment of a URL, the
   * value of a harmless parameter, or a key. It has at least `MIN_RUN_LENGTH` letters, digits, `_` and `-` in a row, or
   * digits and separators: `run-detectors.ts` looks for the markers only in texts with such a row.
   * @default false
   */
  readonly standsAlone?: true
  /**
   * The secret has a sensitive key in front of it or beside it, as `SensitiveKeys.isSensitive` knows it. Hot path: `redact`
   * runs only on texts in which such a key may occur.
   * @default false
   */
  readonly needsName?: true
  /** Returns the text with its secrets replaced. */
  redact(text: string, context: DetectorContext): string
}
