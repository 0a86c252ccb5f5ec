import {
  HASH_PLACE,
  INDEX_PLACE,
  isJsonObject,
  membersOf,
  type SealedFormat,
  sealAllBut,
  sealOnly,
  toPlace,
} from './sealed-format.js'

const ENDPOINT = sealOnly({ ip: true, address: true, domain: true, user: true })

/**
 * By name, because shippers and ingest pipelines add fields beside ours: `event.ingested`, `host.os`, `user_agent.name`, `client.geo`.
 * `@timestamp`, `ecs.version`, `host` and `event.dataset` are not sealed: Filebeat replaces them. `event.start` has the time.
 */
export const SEALED_ECS: SealedFormat = {
  members: sealOnly({
    'log.level': true,
    message: true,
    event: sealOnly({
      kind: true,
      category: true,
      type: true,
      action: true,
      outcome: true,
      reason: true,
      sequence: true,
      start: true,
      end: true,
      duration: true,
    }),
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
    trace: sealOnly({ id: true }),
    span: sealOnly({ id: true }),
    error: sealOnly({ type: true, message: true }),
    Audit: sealAllBut({}),
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
    const { sequence, id, start } = membersOf(parsed.event)
    return { seq: sequence, id, time: start, run_event, checkpoint, previous_checkpoints, lost }
  },
  isRecord: ({ Audit, event }) => isJsonObject(Audit) && isJsonObject(event) && typeof Audit.run === 'string',
  // Filebeat and Elasticsearch pipelines write names with dots as objects.
  normalize: (parsed) => {
    const { level } = membersOf(parsed.log)
    return level === undefined || parsed['log.level'] !== undefined
      ? parsed
      : { ...parsed, 'log.level': level }
  },
}
