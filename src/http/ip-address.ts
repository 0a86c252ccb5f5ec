// One spelling for each client address, so that the records and the pseudonyms of a client can be found by it.
import { isIPv4, isIPv6 } from 'node:net'
import { BoundedCache } from '../lib/bounded-cache.js'

const normalized = new BoundedCache<string>(1000)

/**
 * The address in its canonical form (RFC 5952), an IPv4-mapped one as IPv4, without the port that some proxies add. Text
 * that is no address is returned unchanged.
 *
 * @example
 * normalizeIp('::FFFF:192.0.2.7')        // '192.0.2.7', on a dual-stack socket
 * normalizeIp('192.0.2.7:51234')         // '192.0.2.7', in X-Forwarded-For of Azure Application Gateway
 * normalizeIp('"[2001:DB8:0::1]:443"')   // '2001:db8::1', in Forwarded
 */
export function normalizeIp(ip: string | undefined): string {
  // Hot path: most addresses are IPv4, which have one spelling.
  if (ip === undefined || !(ip.includes(':') || ip.startsWith('"') || ip.startsWith('['))) return ip ?? ''
  // On a dual-stack socket all IPv4 clients have such addresses. The general pattern of Node takes long to compile.
  const mapped = ip.startsWith('::ffff:') ? ip.slice('::ffff:'.length) : ''
  if (isIPv4(mapped)) return mapped
  const cached = normalized.get(ip)
  if (cached !== undefined) return cached
  const result = parseAddress(ip) ?? ip
  normalized.set(ip, result)
  return result
}

const WITH_PORT = /^(?<v4>[\d.]+)(?::\d{1,5})?$/
const BRACKETED = /^\[(?<v6>[\da-f:.]+(?:%[\w.~-]{1,64})?)\](?::\d{1,5})?$/i

function parseAddress(text: string): string | undefined {
  const unquoted = /^"(?<content>[^"]*)"$/.exec(text)?.groups?.content ?? text
  const v4 = WITH_PORT.exec(unquoted)?.groups?.v4
  if (v4 !== undefined) return isIPv4(v4) ? v4 : undefined
  const v6 = BRACKETED.exec(unquoted)?.groups?.v6 ?? unquoted
  return isIPv6(v6) ? canonicalizeIPv6(v6) : undefined
}

/** The zone of a link-local address names an interface of this host (RFC 4007), so it stays as it is. */
function canonicalizeIPv6(address: string): string {
  const zoneStart = address.indexOf('%')
  const [groups, zone] =
    zoneStart === -1 ? [address, ''] : [address.slice(0, zoneStart), address.slice(zoneStart)]
  const canonical = new URL(`http://[${groups}]`).hostname.slice(1, -1)
  return (zone === '' && toIPv4(canonical)) || `${canonical}${zone}`
}

/** RFC 4291 section 2.5.5.2 */
const IPV4_MAPPED = /^::ffff:(?<high>[\da-f]{1,4}):(?<low>[\da-f]{1,4})$/

function toIPv4(canonical: string): string | undefined {
  const { high, low } = IPV4_MAPPED.exec(canonical)?.groups ?? {}
  if (high === undefined || low === undefined) return undefined
  const [first, second] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [first >> 8, first & 255, second >> 8, second & 255].join('.')
}
