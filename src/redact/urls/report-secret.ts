import type { DetectorContext } from '../detectors/detector.js'
import { decodeUrlText } from './decode-url.js'

/** Tells the context which value was hidden in a URL, as it was written and decoded. `name` is that of its parameter. */
export function reportSecret(
  value: string,
  { onSecret, replacement }: Pick<DetectorContext, 'onSecret' | 'replacement'>,
  name?: string,
): void {
  if (onSecret === undefined || value === '' || value === replacement) return
  onSecret(value, name)
  const decoded = decodeUrlText(value)
  if (decoded !== value) onSecret(decoded, name)
}
