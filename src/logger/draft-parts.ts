// Writes parts of a record: redacted copies, and with them what was shortened and which secrets were found.
import type { FoundSecret, RecordDraft, TargetSource } from '../record/record-draft.js'
import { mergeSecrets } from '../redact/found/merge-secrets.js'
import type { Redactor } from '../redact/redactor.js'
import { toText } from '../serialize/to-text.js'
import type { Snapshot } from '../serialize/walk.js'
import type { describeTargets } from './target.js'

export interface DraftRedactor extends Pick<Redactor, 'redactValue'> {
  readonly changes?: Redactor['changes']
}

/** The parts that may be shortened when they are set. */
type MarkedPart =
  | 'results'
  | 'filter.kwargs'
  | 'request_body'
  | 'action'
  | 'target'
  | 'reason'
  | 'changes'
  | 'notes'

export function markTruncated(draft: RecordDraft, path: MarkedPart, isTruncated: boolean): void {
  // Hot path: nearly no part is too long.
  if (!isTruncated && draft.truncated.length === 0) return
  const others = draft.truncated.filter((part) => part !== path)
  draft.truncated = isTruncated ? [...others, path] : others
}

/** Has these values hidden in every part of the record. A part that is set again later leaves the secrets of the first. */
export function addSecrets(draft: RecordDraft, secrets: readonly FoundSecret[]): void {
  draft.secrets = mergeSecrets(draft.secrets, secrets)
}

/** Secrets of a part that is not recorded after all are hidden too: they are secrets of the same exchange. */
export function redactPart(
  draft: RecordDraft,
  redactor: DraftRedactor,
  value: unknown,
  part: 'results' | 'filter.kwargs' | 'request_body',
): Snapshot {
  const redacted = redactor.redactValue(value, part)
  addSecrets(draft, redacted.secrets)
  return redacted
}

export function fillFilter(
  draft: RecordDraft,
  redactor: DraftRedactor,
  objectName: string,
  kwargs: unknown,
): void {
  const { content, isTruncated } = redactPart(draft, redactor, kwargs, 'filter.kwargs')
  draft.filter = { object: toText(objectName), kwargs: content }
  markTruncated(draft, 'filter.kwargs', isTruncated)
}

export function fillResults(draft: RecordDraft, { content, isTruncated }: Snapshot): void {
  draft.results = content
  markTruncated(draft, 'results', isTruncated)
}

export function fillTargets(
  draft: RecordDraft,
  { targets, isTruncated }: ReturnType<typeof describeTargets>,
  source: TargetSource,
): void {
  draft.targets = targets
  draft.targetSource = source
  markTruncated(draft, 'target', isTruncated)
}
