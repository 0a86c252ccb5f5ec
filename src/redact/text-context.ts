import type { DetectorContext } from './detectors/detector.js'

/** The options that the redaction of texts and URLs needs, composed by `createTextContext` of `redact-value.ts`. */
export interface TextContext extends DetectorContext {
  /**
   * Redacts a text that may be JSON. Passed in, because redacting JSON needs the redaction of texts in turn.
   *
   * @param redactText redacts the texts within the JSON
   */
  redactJson(json: string, redactText: (text: string) => string): string
}
