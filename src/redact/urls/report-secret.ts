import type { DetectorContext } from '../detectors/detector.js'
import { decodeUrlText } from './decode-url.js'

/** Tells the context which value was hidden in a URL, as it was written and decoded. */
export function reportSecret(
  value: string,
  { onSecret, replacement }: Pick<DetectorContext, 'onSecret' | 'replacement'>,
): void {
  if (onSecret === undefined || value === '' || value === replacement) return
  onSecret(value)
  const decoded = decodeUrlText(value)
  if (decoded !== value) onSecret(decoded)
}
