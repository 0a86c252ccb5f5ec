import { createDraft } from '../record/record-draft.js'
import { type DraftSender, RecordBuilder } from './record-builder.js'

const noopRedactor = { redactValue: () => ({ content: null, isTruncated: false, secrets: [] }) }
const noopSender: DraftSender = { lastMessageWins: true, send() {} }

/** Creates a builder that accepts every call and records nothing. */
export function createNoopBuilder(sender = noopSender): RecordBuilder {
  return new RecordBuilder(createDraft(Date.now()), noopRedactor, sender, '')
}
