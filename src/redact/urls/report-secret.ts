import type { TextContext } from '../text-context.js'
import { decodeUrlText } from './decode-url.js'

/** Tells the context which value was hidden in a URL, as it was written and decoded. */
export function reportSecret(
  value: string,
  { onSecret, replacement }: Pick<TextContext, 'onSecret' | 'replacement'>,
): void {
  if (onSecret === undefined || value === '' || value === replacement) return
  onSecret(value)
  const decoded = decodeUrlText(value)
  if (decoded !== value) onSecret(decoded)
}
