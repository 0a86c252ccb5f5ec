import { readSafely } from '../../lib/safe-read.js'
import type { SuggestedParts } from '../../logger/suggested-parts.js'
import type { SuggestedAction, Suggestions } from '../../logger/suggestions.js'
import { callToJson } from '../../serialize/lazy-view.js'
import { findCopiesOfId, findId } from './selection.js'

/** Takes the body of the response as results. */
export interface BodyRecorder {
  /**
   * Call it with the body before it is sent.
   *
   * @param findSentBody called when the response has ended, for frameworks in which another middleware may have replaced
   * the body: returns the body that was sent, or `undefined` if that is not JSON
   */
  record(body: unknown, findSentBody?: () => unknown): void
  /** Call it if the body could not be sent, because it could not be serialized. */
  forget(): void
  /** Call it if the handler threw: an error handler may answer with a status below 400 nevertheless. */
  fail(error: unknown): void
}

export const noopRecorder: BodyRecorder = { record() {}, forget() {}, fail() {} }

export interface BodyRules {
  /** The action if the body is a list. */
  readonly listAction: SuggestedAction | undefined
  readonly isRecorded: (body: unknown) => boolean
  readonly pick: (body: unknown) => unknown
}

export function createBodyRecorder(
  parts: SuggestedParts,
  suggestions: Suggestions,
  { listAction, isRecorded, pick }: BodyRules,
): BodyRecorder {
  function findReplacement(body: unknown, sentBody: unknown): { results: unknown } | undefined {
    if (sentBody === body) return undefined
    const json = callToJson(sentBody)
    return { results: isRecorded(json) ? pick(json) : null }
  }

  function suggestBody(body: unknown, findSentBody: (() => unknown) | undefined): void {
    // A list that is not recorded is not read, because it may be long.
    const json = Array.isArray(body) ? body : callToJson(body)
    const isList = Array.isArray(json)
    if (listAction !== undefined && isList) parts.action = listAction
    parts.bodyId = isList ? undefined : findId(json)?.toString()
    if (isRecorded(json)) for (const copies of findCopiesOfId(json)) parts.addSecretsOf(copies)
    // Without `findSentBody` nothing retains the body until the response has ended.
    if (isRecorded(json))
      parts.setResults(pick(json), findSentBody && (() => findReplacement(body, findSentBody())))
    else parts.forgetResults()
  }

  function forget(): void {
    if (parts.suggestions !== suggestions) return
    parts.forgetResults()
    if (suggestions.action !== undefined) parts.action = suggestions.action
  }

  return {
    record(body, findSentBody) {
      // If a request passes two audited(), the inner one decides what is recorded of the body.
      if (parts.suggestions === suggestions) readSafely(() => suggestBody(body, findSentBody))
    },
    forget,
    fail(error) {
      forget()
      parts.addThrownError(error)
    },
  }
}
