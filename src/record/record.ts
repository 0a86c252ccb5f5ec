// The audit record, field by field. Names are those of the default format; schema.json describes the same fields.
import type { JsonValue } from '../serialize/json-value.js'

/** The levels, from the least to the most severe, named as in Python's `logging`. */
export const AUDIT_LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'] as const
export type AuditLevel = (typeof AUDIT_LEVELS)[number]

/** The actions of Django REST framework, which `audited()` records. */
export const AUDITED_ACTIONS = ['list', 'retrieve', 'create', 'update', 'partial_update', 'destroy'] as const
export type AuditedAction = (typeof AUDITED_ACTIONS)[number]

/**
 * How an exchange ended:
 * - `completed`: the last byte of the response was handed to the operating system.
 * - `aborted`: the client disconnected, the response was destroyed, or its body does not have the declared length.
 * - `crashed`: the process was exiting.
 * - `unknown`: nothing shows whether the whole response was sent. Behind some stand-ins for a connection, such as serverless
 *   adapters and test doubles have, for an HTTP/2 stream that was destroyed after its response had been ended, for a
 *   TLS connection that the application destroyed while the response was being sent, and in Bun for a client that left when all
 *   declared bytes were written, but before `end()`.
 */
export type Ending = 'completed' | 'aborted' | 'crashed' | 'unknown'

/** The stages that the option `stages` can ask for. */
export const EARLY_STAGES = ['received', 'started'] as const
export type EarlyStage = (typeof EARLY_STAGES)[number]

/**
 * Tells records with the same `id` apart. With the option `stages`:
 * - `received`: the request has arrived.
 * - `started`: the header of the response was handed to the connection.
 * - `completed`: the exchange has ended.
 *
 * With `failClosed`: `corrected`, if the response was not sent as another record with the same `id` states.
 */
export type Stage = EarlyStage | 'completed' | 'corrected'

/**
 * - `denied`: the handler called `deny()`, or the status is 401 or 403.
 * - `failure`: the handler called `fail()`, an error was recorded, or the status is 400 or higher.
 * - `success`: the handler called `succeed()`; or the status is lower, and the response was not aborted; or without HTTP, the logger
 *   has an action, and no failure was stated.
 * - `unknown`: anything else. An aborted request may or may not have had its effect.
 */
export type Outcome = 'success' | 'failure' | 'denied' | 'unknown'

/** The kinds of actors: a person, a program, a program that decides by itself (such as an AI agent), or the application itself. */
export const USER_TYPES = ['user', 'service', 'agent', 'system'] as const
export type UserType = (typeof USER_TYPES)[number]

/** Headers of a response as they were sent, with names in lower case. A header that was sent twice has an array. */
export type SentHeaders = Record<string, string | string[]>

export interface RequestRecord {
  /** The method as the client sent it. */
  method: string
  /** The absolute URL that was requested, with secrets redacted. */
  url: string
  /** The `User-Agent` header; empty if the client sent none. */
  user_agent: string
}

export interface ResponseRecord {
  /** The status that was sent; `null` if no status line was sent. */
  status_code: number | null
  /** The reason phrase, such as `Not Found`; `null` if none was sent. */
  reason: string | null
  /** The headers that were sent, with names in lower case; `null` if none were, or at the policy level `metadata`. */
  headers: JsonValue
}

export interface UserRecord {
  /** Whether the user was logged in; `null` if that is not known. */
  authenticated: boolean | null
  /** The authentication backend or the issuer of the token; empty if unknown. */
  provider: string
  /** The realm or domain of the user; empty if unknown. */
  realm: string
  /** The email address, or a pseudonym of it; empty if unknown. */
  email: string
  /** A list of role names, or any other JSON that a handler set; `null` if unknown. */
  roles: JsonValue
  /** The client's IP address as the framework determines it, or a pseudonym of it. */
  ip: string
  /** The id of the user, such as the `sub` claim of a token. Absent if unknown. */
  id?: string
  /** The name for display. Absent if unknown. */
  name?: string
  /** The kind of actor. Absent if unknown. */
  type?: UserType
  /** The organization, customer or tenant in whose data the user acted. Absent if unknown. */
  tenant?: string
  /** The user whose rights were used, if it is not the one who acted: `user` is the one who acted. */
  on_behalf_of?: OnBehalfOfRecord
}

export interface OnBehalfOfRecord {
  /** The authentication backend or the issuer of the token; empty if unknown. */
  provider: string
  /** The realm or domain; empty if unknown. */
  realm: string
  /** The email address, or a pseudonym of it; empty if unknown. */
  email: string
  /** The roles, as those of a user. */
  roles: JsonValue
  /** The id. Absent if unknown. */
  id?: string
  /** The name for display. Absent if unknown. */
  name?: string
  /** The kind of actor. Absent if unknown. */
  type?: UserType
  /** The organization, customer or tenant that the user belongs to. Absent if unknown. */
  tenant?: string
  /** The ids of earlier actors in a chain of delegation, the latest first. Absent if there are none. */
  via?: string[]
}

export interface FilterRecord {
  /** The type of the requested objects, such as `Person`. */
  object: string
  /** The criteria that select them: names and values, or any other JSON that a handler set. */
  kwargs: JsonValue
}

/** An object on which an action was performed or attempted. */
export interface TargetRecord {
  /** The type of the object, such as `Person`. */
  type: string
  /** The id of the object. Absent if unknown, as for a list. */
  id?: string
}

/** A property that an action changed. */
export interface ChangeRecord {
  /** The path of the property, such as `address.city` or `roles.0`. */
  path: string
  /** The value before. Absent if the property did not exist. */
  from?: JsonValue
  /** The value after. Absent if the property was removed. */
  to?: JsonValue
}

export interface ErrorRecord {
  /** The name of the error class, such as `TypeError`. */
  name: string
  /** The error message, without a stack trace. */
  message: string
}

/** A message that a level method recorded beside the message of the action. */
export interface NoteRecord {
  /** The log level. */
  type: AuditLevel
  /** The log message. */
  message: string
}

/** The application that wrote a record. What is not known is absent. */
export interface ServiceRecord {
  name?: string
  version?: string
  environment?: string
  /** The instance of the application. */
  node_name?: string
}

/** The machine or container that wrote a record. */
export interface HostRecord {
  /** The host name, as the operating system returns it. */
  name: string
}

/** The records that were lost during an outage of the sink. */
export interface LossRecord {
  count: number
  /** The `seq` of the first lost record. */
  from_seq: number
  /** The `seq` of the last lost record. */
  to_seq: number
}

/** The moments of a sealed log that have a record: its first record, and the last one before the last checkpoint. */
export type RunEvent = 'started' | 'stopped'

/** The state of a sealed log: all of its records up to here, in one hash, signed. */
export interface CheckpointRecord {
  /** The name of the key, a slash and the run. */
  origin: string
  /** How many records it covers: those with an `integrity.index` below it. */
  size: number
  /** The root of their Merkle tree (RFC 6962), base64. */
  root: string
  /** Origin, size and root with their signature: a checkpoint of C2SP. */
  note: string
}

/** The place of a record in a sealed log. */
export interface IntegrityRecord {
  /** The position in the tree of the run: starts at 0, without gaps. */
  index: number
  /** The hash of the record (SHA-256 of RFC 6962, base64url). */
  hash: string
}

/** What the records of a seal have beside the others. */
export interface SealRecord {
  /** Only in the records `Audit log started` and `Audit log stopped`. */
  run_event?: RunEvent
  /** Only in the records that prove those before them. */
  checkpoint?: CheckpointRecord
  /** Only in the first record of a run: the last known checkpoints of the runs before, as signed notes. */
  previous_checkpoints?: string[]
}

/** One audit record, as a `format` function gets it. */
export interface AuditRecord extends SealRecord {
  /** The request; `null` without HTTP. */
  http_request: RequestRecord | null
  /**
   * The response as it was sent; `null` without HTTP, or if it is not known, because something other than the response object
   * wrote to the connection.
   */
  http_response: ResponseRecord | null
  /** The user who sent the request; `null` without HTTP if no user was set. */
  user: UserRecord | null
  /** The requested objects and the criteria that select them; `null` if no filter was set. */
  filter: FilterRecord | null
  /** The data that was returned to the user, as the handler set it; `null` if no results were set. */
  results: JsonValue
  /**
   * The log level that the handler set. With `audited()` it is the most severe of them and of the level that applies if
   * none was set, which follows from what happened: `ERROR` for a failure of the application, `WARNING` for what was denied or
   * has failed otherwise, else `INFO`.
   */
  type: AuditLevel
  /** What the request did: the sentence of `audited()`, else the first message of a level method (without HTTP the last), else the action. */
  message: string
  /**
   * When the request arrived; without HTTP, and for the record of `child()`, when the logger was created. ISO 8601, UTC,
   * milliseconds.
   */
  time: string
  /** From the arrival of the request to the end of the response, milliseconds; `null` without HTTP, and for the record of `child()`. */
  duration_ms: number | null
  outcome: Outcome
  /** `null` without HTTP, or if `sendLog()` was called before the exchange had ended. */
  ended: Ending | null
  /** Only with the option `stages`, and in a record that corrects an earlier one. */
  stage?: Stage
  /** The action that was performed or attempted, such as `destroy` or `transfer`, from `setAction()` or `audited()`. Absent if unknown. */
  action?: string
  /** The objects of the action. Absent if none is known. */
  target?: TargetRecord[]
  /** Why the action was denied or has failed. Absent if unknown. */
  reason?: string
  /** What the action changed, from `setChanges()`. Empty if nothing has changed; absent if nothing was compared. */
  changes?: ChangeRecord[]
  /** The custom fields of the application, from `set()`. */
  attributes?: Record<string, JsonValue>
  /** The properties of the request body that the route records. */
  request_body?: JsonValue
  /** The `id` of the record whose logger created the one of this further action by `child()`. */
  parent?: string
  /** How many records of further actions name this record as their `parent`, as far as known when it was written. Absent if there are none. */
  children?: number
  /** How many further actions were not recorded, because there were too many. Absent if there are none. */
  children_dropped?: number
  /** The messages that level methods recorded beside the message. */
  notes?: NoteRecord[]
  /** The error that was thrown or set. Absent if there was none. */
  error?: ErrorRecord
  /** Only in the record that reports lost records. */
  lost?: LossRecord
  /** The parts that were shortened to keep the line within `maxRecordBytes`, such as `results`. */
  truncated?: string[]
  /** The route pattern that matched the request, such as `/persons/:id`. Absent unless it fits the whole path of the URL. */
  route?: string
  /**
   * The first id that is well-formed: from the option `requestId` if it is a function, from the application (on its request or
   * context, else in the response header), from the client; otherwise a new UUID. `null` without HTTP.
   */
  request_id: string | null
  /** The trace id of the OpenTelemetry span of the request, otherwise of the W3C `traceparent` header; `null` if there is neither. */
  trace_id: string | null
  /** The id of this request's span, or of the client's span that it belongs to. Only together with `trace_id`. */
  span_id?: string
  /** UUID of this run of the process. */
  run: string
  /** Sequence number within a run: starts at 1, without gaps. */
  seq: number
  /** `<run>-<seq>`: unique, to be used as `_id` in Elasticsearch. */
  id: string
  /** The application that wrote the record, from the option `service` and its package.json. Absent if nothing is known of it. */
  service?: ServiceRecord | undefined
  /** The machine or container that wrote the record. Absent with `service: false`. */
  host?: HostRecord | undefined
  /** The place of the record in its run, added when the line is written. Only with the option `seal`. */
  integrity?: IntegrityRecord
}
