import { AuditLogError } from '../../lib/errors.js'
import { describeValue } from '../../lib/inspect.js'
import { type Check, type Checks, checkArray, checkBoolean, checkOptions } from '../../lib/validate.js'
import type { AuditedAction } from '../../record/record.js'

/** The options of `audited(objectName, options)`. */
export interface AuditedOptions {
  /**
   * The properties of the response body to record as results; `address.city` is a property of a property. `'all'` records the
   * whole body: check that the log may have everything that is sent.
   * @default ['id', '_id', 'uuid'], as far as they are there and are texts or numbers; `'all'` with `format: 'datapunt'`
   */
  readonly fields?: readonly string[] | 'all' | undefined
  /**
   * Also records bodies that are lists, and not only single objects.
   * @default false
   */
  readonly listResults?: boolean | undefined
  /**
   * The action, if the method does not tell it: a search by POST, a page of a list that is sent as an object, or an action of
   * your own such as `approve`. It decides the message, `action`, and what the formats derive from it (`event.type`,
   * `activity_id`).
   * @default by method; a GET whose body is an array is a `list`
   */
  readonly action?: AuditedAction | (string & {}) | undefined
  /**
   * The route parameter that has the id of the object, for `target`.
   * @default the parameter that is certainly the id, such as `id` at the end of the route, or `person_id` for `Person`
   */
  readonly idParam?: string | undefined
  /**
   * The parameters of route and query to record as filter.
   * @default all
   */
  readonly filterFields?: readonly string[] | undefined
  /**
   * The properties of the parsed request body to record as `request_body`; `address.city` is a property of a property.
   * @default none
   */
  readonly requestBody?: readonly string[] | undefined
}

const checkName: Check = {
  expected: 'the name of a property',
  accepts: (value) => typeof value === 'string' && value !== '',
}
const checkNames = checkArray(checkName)

const MAX_ACTION_LENGTH = 100

const CHECKS: Checks<AuditedOptions> = {
  fields: {
    expected: "'all' or an array of names of properties",
    accepts: (value) => value === 'all' || Array.isArray(value),
    items: checkName,
  },
  listResults: checkBoolean,
  action: {
    expected: `a text of at most ${MAX_ACTION_LENGTH} characters, such as 'list' or 'approve'`,
    accepts: (value) => typeof value === 'string' && value.trim() !== '' && value.length <= MAX_ACTION_LENGTH,
  },
  idParam: {
    expected: "the name of a route parameter, such as 'bsn' of /persons/:bsn",
    accepts: (value) => typeof value === 'string' && /^[^:/\s]+$/.test(value),
  },
  filterFields: checkNames,
  requestBody: checkNames,
}

/** @throws AuditLogError `ERR_AUDIT_OPTIONS` */
export function checkArguments(objectName: string, options: AuditedOptions): AuditedOptions {
  if (typeof objectName !== 'string' || objectName === '') {
    throw new AuditLogError(
      'ERR_AUDIT_OPTIONS',
      `Expected the first argument of audited() to be the name of an object, as in audited('Person'), got ${describeValue(objectName)}`,
    )
  }
  return checkOptions<AuditedOptions>(options, CHECKS)
}
