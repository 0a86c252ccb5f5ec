import {
  HASH_PLACE,
  hasMember,
  INDEX_TEXT_PLACE,
  type JsonObject,
  membersOf,
  type SealedFormat,
  sealAllBut,
  sealOnly,
  toPlace,
} from './sealed-format.js'

/** The profile of OCSF 1.9 whose attribute is `attestation_list`. */
const PROFILE = 'record_integrity'
/** Values of the enumerations of the object `fingerprint`: SHA-256, JSON Canonicalization Scheme (RFC 8785), base64url. */
const ALGORITHM_ID = 3
const SERIALIZATION_ID = 2
const ENCODING_ID = 3

const ATTESTATION = sealAllBut({ fingerprint: sealAllBut({ value: false }) })

const SEALED_TOP_LEVEL = [
  'activity_id',
  'activity_name',
  'category_uid',
  'class_uid',
  'type_uid',
  'severity_id',
  'severity',
  'status_id',
  'status',
  'status_code',
  'status_detail',
  'action_id',
  'action',
  'disposition_id',
  'disposition',
  'is_alert',
  'time',
  'timezone_offset',
  'start_time',
  'end_time',
  'duration',
  'message',
  'actor',
  'device',
  'api',
  'resources',
  'src_endpoint',
  'dst_endpoint',
  'http_request',
  'http_response',
  'trace',
  'unmapped',
]
/** Those that a start and a checkpoint do not have alike. */
const NOT_IN_FRAME = ['time', 'start_time', 'activity_name', 'api', 'message', 'unmapped']

function sealNames(names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, true]))
}

/** By name, because shippers add fields beside ours. `metadata.uid` is the id: it is run and seq. */
export const SEALED_OCSF: SealedFormat = {
  members: sealOnly({
    ...sealNames(SEALED_TOP_LEVEL),
    metadata: sealAllBut({ uid: false }),
    attestation_list: ATTESTATION,
  }),
  frame: sealOnly({
    ...sealNames(SEALED_TOP_LEVEL.filter((name) => !NOT_IN_FRAME.includes(name))),
    metadata: sealAllBut({ uid: false, sequence: false }),
    api: sealAllBut({ operation: false }),
    unmapped: sealAllBut({ run_event: false, checkpoint: false, previous_checkpoints: false }),
    attestation_list: sealAllBut({ uid: false, fingerprint: sealAllBut({ value: false }) }),
  }),
  addPlaces: (formatted, run) => {
    const { metadata } = formatted as { metadata: { profiles?: string[] } }
    const fingerprint = {
      algorithm_id: ALGORITHM_ID,
      encoding_id: ENCODING_ID,
      serialization_id: SERIALIZATION_ID,
      value: HASH_PLACE,
    }
    return {
      ...formatted,
      metadata: { ...metadata, profiles: [...(metadata.profiles ?? []), PROFILE] },
      attestation_list: [{ chain_uid: run, fingerprint, uid: INDEX_TEXT_PLACE }],
    }
  },
  readPlace: (parsed) => {
    const { chain_uid, uid, fingerprint } = firstAttestation(parsed)
    const index = typeof uid === 'string' && /^(?:0|[1-9]\d{0,15})$/.test(uid) ? Number(uid) : undefined
    return toPlace(chain_uid, index, membersOf(fingerprint).value)
  },
  readFacts: (parsed) => {
    const { run_event, checkpoint, previous_checkpoints, lost } = membersOf(parsed.unmapped)
    const { sequence: seq, uid: id } = membersOf(parsed.metadata)
    const { time, message, activity_name, api } = parsed
    const action = membersOf(api).operation === activity_name ? activity_name : undefined
    return { seq, id, time, run_event, checkpoint, previous_checkpoints, lost, message, action }
  },
  isRecord: (parsed) => parsed.class_uid !== undefined && hasMember(parsed, 'metadata'),
  hasUsualTimes: ({ time, start_time }) => start_time === time,
}

function firstAttestation({ attestation_list }: JsonObject): JsonObject {
  return membersOf(Array.isArray(attestation_list) ? attestation_list[0] : undefined)
}
