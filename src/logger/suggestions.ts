// What `audited()` suggests for the parts of a record that the handler does not set itself.
import type { ActionPhrases } from '../record/action-message.js'

/** The action of a request, and its words in the message. */
export interface SuggestedAction {
  readonly action: string
  readonly phrases: ActionPhrases
}

/**
 * Where the response of a request was made: by the route that has the suggestions; by another route, so that they do not apply; or
 * outside of routes, after the route has passed the request on.
 */
export type ResponseSource = 'this route' | 'another route' | 'no route'

/** An id, and the name that it had. */
export interface FoundId {
  readonly name: string
  readonly value: string
}

/** Values for the parts of a record that the handler does not set itself. The functions are called when the response has ended. */
export interface Suggestions {
  filter(followsPython: boolean): { readonly object: string; readonly kwargs: unknown }
  readonly action: SuggestedAction | undefined
  /** The action of an attempt, where only the body of a success would show it: whether a GET is for a list. */
  findAttempt(): SuggestedAction | undefined
  /** The type of the target. */
  readonly objectName: string
  readonly route: string | undefined
  findResponseSource(): ResponseSource
  /** The id of the object, if the route has it. */
  findId(action: string): FoundId | undefined
  /** The id of a created object, if the header `Location` has it. */
  findLocationId(location: string, requestUrl: string): string | undefined
  /** What to record of the request body: `undefined` if it was not parsed yet. Also called with the suggestion. */
  readonly readRequestBody: (() => unknown) | undefined
  /** Called when the request enters a route, in frameworks that show it. */
  readonly onRoute: (() => void) | undefined
}
