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

/** All of `audit`, apart from the id: it is run and seq, and shippers move it away. */
export const SEALED_AUDIT: SealedFormat = {
  members: sealOnly({ audit: sealAllBut({ id: false, integrity: sealAllBut({ hash: false }) }) }),
  frame: sealOnly({
    audit: sealAllBut({
      id: false,
      seq: false,
      time: false,
      message: false,
      action: false,
      run_event: false,
      checkpoint: false,
      previous_checkpoints: false,
      integrity: sealAllBut({ hash: false, index: false }),
    }),
  }),
  addPlaces: (formatted) => {
    const { audit } = formatted as { audit: object }
    return { audit: { ...audit, integrity: { hash: HASH_PLACE, index: INDEX_PLACE } } }
  },
  readPlace: (parsed) => {
    const { run, integrity } = membersOf(parsed.audit)
    const { index, hash } = membersOf(integrity)
    return toPlace(run, index, hash)
  },
  readFacts: (parsed) => {
    const audit = membersOf(parsed.audit)
    const { seq, id, time, run_event, checkpoint, previous_checkpoints, lost, message, action } = audit
    return { seq, id, time, run_event, checkpoint, previous_checkpoints, lost, message, action }
  },
  isRecord: (parsed) => hasMember(parsed, 'audit'),
}
