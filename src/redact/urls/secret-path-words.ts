// Words of a path behind which a segment that looks random is a secret, on any host.
import type { SensitiveKeys } from '../keys/sensitive-keys.js'

/** Links that are sent by mail: who opens one acts as the person to whom it was sent. */
const LINK_WORDS = [
  ...['reset', 'forgot', 'recover', 'recovery', 'unlock', 'verify', 'verification'],
  ...['confirm', 'confirmation', 'activate', 'activation', 'invite', 'invites', 'invitation', 'invitations'],
  ...['magic', 'magiclink', 'passwordless', 'login', 'signin', 'unsubscribe', 'optin', 'optout', 'onetime'],
]
/** Incoming webhooks, such as `/hooks/<id>/<token>` of Rocket.Chat and `/hooks/<id>` of Mattermost. */
const WEBHOOK_WORDS = ['hook', 'hooks', 'webhook']
/** Sessions and shared links, whose id gives access. */
const ACCESS_WORDS = ['session', 'sessions', 'share', 'shared', 'sharelink', 'otp']

/**
 * How many segments behind the word may be secret. Links have the id of a person or of a hook first: `/reset/<id>/<token>`
 * of Django, `/email/verify/<id>/<hash>` of Laravel.
 */
const SEGMENTS_BEHIND_LINK = 3
const SEGMENTS_BEHIND_WEBHOOK = 2
const SEGMENTS_BEHIND_ACCESS = 1

const SEGMENTS_BY_WORD: ReadonlyMap<string, number> = new Map([
  ...LINK_WORDS.map((word) => [word, SEGMENTS_BEHIND_LINK] as const),
  ...WEBHOOK_WORDS.map((word) => [word, SEGMENTS_BEHIND_WEBHOOK] as const),
  ...ACCESS_WORDS.map((word) => [word, SEGMENTS_BEHIND_ACCESS] as const),
])

export const MAX_SEGMENTS_BEHIND_WORD = SEGMENTS_BEHIND_LINK

/** Longer segments are no names. */
const MAX_LENGTH = 40
const NO_WORD = /[^a-z]+/
const BEFORE_CAPITAL = /([a-z])(?=[A-Z])/g
/** Hot path: most segments are one word. */
const ONE_WORD = /^[a-z]+$/

/**
 * How many segments behind this one are secret if they look random; 0 for most.
 *
 * @example
 * countSecretSegmentsBehind('verify-email', sensitiveKeys)   // 3
 */
export function countSecretSegmentsBehind(segment: string, sensitiveKeys: SensitiveKeys): number {
  if (segment === '' || segment.length > MAX_LENGTH) return 0
  const words = ONE_WORD.test(segment) ? [segment] : splitWords(segment)
  let count = 0
  for (const word of words) count = Math.max(count, SEGMENTS_BY_WORD.get(word) ?? 0)
  return count === 0 && sensitiveKeys.isSensitive(segment) ? SEGMENTS_BEHIND_ACCESS : count
}

function splitWords(segment: string): readonly string[] {
  return segment.replace(BEFORE_CAPITAL, '$1 ').toLowerCase().split(NO_WORD)
}
