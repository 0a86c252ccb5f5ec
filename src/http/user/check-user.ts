import type { Reporter } from '../../lib/reporter.js'
import { readSafely } from '../../lib/safe-read.js'
import { reportUnknownProperties } from '../../lib/unknown-properties.js'
import { USER_TYPES } from '../../record/record.js'
import { type AuditUser, isUserType, ON_BEHALF_OF_PROPERTIES, USER_PROPERTIES } from './user.js'

/**
 * Reports, once, what a user of the application has that no record has, and a user without `authenticated`.
 *
 * @param place begins the message, such as `setUser()`
 */
export function reportUserMistakes(
  reporter: Pick<Reporter, 'reportOnce'>,
  place: string,
  user: AuditUser,
): void {
  reportUnknownProperties(reporter, place, user, USER_PROPERTIES)
  const onBehalfOf = readSafely(() => user.onBehalfOf)
  reportUnknownProperties(reporter, `\`onBehalfOf\` of ${place}`, onBehalfOf, ON_BEHALF_OF_PROPERTIES)
  for (const type of [readSafely(() => user.type), readSafely(() => onBehalfOf?.type)] as unknown[]) {
    if (type === undefined || type === null || isUserType(type)) continue
    reporter.reportOnce(
      'ERR_AUDIT_PROPERTY',
      `${place} got a user with an unknown \`type\`, which is not recorded. Known types: ${USER_TYPES.join(', ')}`,
      undefined,
      `${place} type`,
    )
  }
  const authenticated: unknown = readSafely(() => user.authenticated)
  if (typeof authenticated !== 'boolean' && authenticated !== null) {
    reporter.reportOnce(
      'ERR_AUDIT_PROPERTY',
      `${place} got a user without \`authenticated\`, so the record has \`authenticated: null\`. Set it to true if the ` +
        'user is logged in, to false if not, and to null if that is not known',
    )
  }
}
