import type { DetectorContext } from '../detectors/detector.js'

/**
 * The options that the redaction of texts and URLs needs, and the other redactors, which are passed in because they call
 * each other: a URL may contain JSON, which may contain a text, which may contain a URL. Composed by `createTextContext` of
 * `values/create-text-context.ts`.
 */
export interface TextContext extends DetectorContext {
  /** How many URLs contain the text in a parameter. */
  readonly nesting: number
  /** The context of a value within a URL. */
  readonly nested: TextContext
  /** For the detectors that run on a URL as a whole: its links were redacted as its values, and stay as they are. */
  readonly withinUrl: DetectorContext
  /** Redacts a text that is not JSON. */
  redactText(text: string): string
  /** Redacts a text that may be JSON. */
  redactJson(json: string): string
}
