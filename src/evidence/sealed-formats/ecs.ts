import {
  HASH_PLACE,
  hasMember,
  INDEX_PLACE,
  membersOf,
  type SealedFormat,
  sealAllBut,
  sealOnly,
  toPlace,
} from './sealed-format.js'

const ENDPOINT = sealOnly({ ip: true, address: true, domain: true, user: true })

const EVENT = {
  kind: true,
  category: true,
  type: true,
  outcome: true,
  reason: true,
  end: true,
  duration: true,
}

const MEMBERS = {
  'log.level': true,
  message: true,
  event: sealOnly({ ...EVENT, action: true, sequence: true, start: true }),
  service: sealOnly({ name: true, version: true, environment: true, node: true }),
  http: sealOnly({
    request: sealOnly({ id: true, method: true }),
    response: sealOnly({ status_code: true }),
  }),
  url: sealOnly({
    original: true,
    full: true,
    scheme: true,
    domain: true,
    port: true,
    path: true,
    query: true,
  }),
  user_agent: sealOnly({ original: true }),
  user: true,
  organization: sealOnly({ id: true }),
  client: ENDPOINT,
  source: ENDPOINT,
  trace: sealOnly({ id: true }),
  span: sealOnly({ id: true }),
  error: sealOnly({ type: true, message: true }),
  Audit: sealAllBut({}),
}

/**
 * By name, because shippers and ingest pipelines add fields beside ours: `event.ingested`, `host.os`, `user_agent.name`, `client.geo`,
 * and values to the lists of `related`. `@timestamp`, `ecs.version`, `host` and `event.dataset` are not sealed: Filebeat replaces them.
 * `event.start` has the time.
 */
export const SEALED_ECS: SealedFormat = {
  members: sealOnly(MEMBERS),
  frame: sealOnly({
    ...MEMBERS,
    message: false,
    event: sealOnly(EVENT),
    Audit: sealAllBut({
      integrity: sealAllBut({ index: false }),
      run_event: false,
      checkpoint: false,
      previous_checkpoints: false,
    }),
  }),
  addPlaces: (formatted) => {
    const { event, Audit } = formatted as { event: object; Audit: object }
    return {
      ...formatted,
      event: { ...event, hash: HASH_PLACE },
      Audit: { ...Audit, integrity: { index: INDEX_PLACE } },
    }
  },
  readPlace: (parsed) => {
    const { run, integrity } = membersOf(parsed.Audit)
    return toPlace(run, membersOf(integrity).index, membersOf(parsed.event).hash)
  },
  readFacts: (parsed) => {
    const { run_event, checkpoint, previous_checkpoints, lost } = membersOf(parsed.Audit)
    const { sequence: seq, id, start: time, action } = membersOf(parsed.event)
    const { message } = parsed
    return { seq, id, time, run_event, checkpoint, previous_checkpoints, lost, message, action }
  },
  isRecord: (parsed) => hasMember(parsed, 'Audit'),
  // Filebeat and Elasticsearch pipelines write names with dots as objects.
  normalize: (parsed) => {
    const { level } = membersOf(parsed.log)
    if (level === undefined) return parsed
    const dotted = parsed['log.level']
    // A record that states two levels is not as it was sealed.
    return { ...parsed, 'log.level': dotted === undefined || dotted === level ? level : [dotted, level] }
  },
}
