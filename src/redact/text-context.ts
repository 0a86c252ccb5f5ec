import type { DetectorContext } from './detectors/detector.js'

/** What the redaction of texts and URLs needs to know, composed once by `redact-value.ts`. */
export interface TextContext extends DetectorContext {
  /**
   * Redacts a text that may be JSON. Passed in, because redacting JSON needs the redaction of texts in turn.
   *
   * @param redactText redacts the texts within the JSON
   */
  redactJson(json: string, redactText: (text: string) => string): string
}
