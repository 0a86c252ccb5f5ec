import { isIP } from 'node:net'

/**
 * Whether a text may stand in a field for addresses, which refuses any other: `unknown`, a pseudonym, and also the
 * zone of an IPv6 address (`fe80::1%eth0`), which has a meaning on one host only (RFC 4007 section 11).
 */
export function isAddress(text: string): boolean {
  return isIP(text) !== 0 && !text.includes('%')
}
