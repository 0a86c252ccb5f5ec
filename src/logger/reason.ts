import { describeError } from '../serialize/error.js'
import { isError } from '../serialize/value-kinds.js'
import { type ShortText, toShortText } from './short-text.js'

/** The text of a reason; of an error its message, after its name if that says more than `Error`. Never throws. */
export function describeReason(reason: unknown): ShortText {
  if (!isError(reason)) return toShortText(reason)
  const { name, message } = describeError(reason)
  if (message === '') return toShortText(name)
  return toShortText(name === 'Error' ? message : `${name}: ${message}`)
}
