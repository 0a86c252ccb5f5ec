import { toText } from '../serialize/to-text.js'
import { truncateWithMark } from '../serialize/truncate.js'

/** Enough for a sentence. The texts of an action stay in the record where others are shortened, so they must be short. */
const MAX_BYTES = 1024

/** A text that names something, and whether it was cut. */
export interface ShortText {
  readonly text: string
  readonly isTruncated: boolean
}

/** The text of any value, as {@link toText} has it, cut to a bound. Never throws. */
export function toShortText(value: unknown): ShortText {
  const whole = toText(value)
  const text = truncateWithMark(whole, MAX_BYTES)
  return { text, isTruncated: text !== whole }
}
