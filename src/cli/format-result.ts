// The result of `verify` as text for a person.
import { styleText } from 'node:util'
import type { Finding, RunResult, Verdict, VerifyResult } from '../verify/findings.js'
import { findExitCode } from '../verify/findings.js'
import type { IndexRange } from '../verify/leaf-store.js'
import type { Terminal } from './command.js'

/** How many findings of a kind are printed for a run. `--json` has more. */
const MAX_PRINTED = 10

type Style = 'bold' | 'red' | 'yellow' | 'green' | 'dim'
type Paint = (style: Style, text: string) => string

/** Colours only on a terminal, and not with `NO_COLOR` (https://no-color.org). */
export function createPaint({ stdout, env }: Terminal): Paint {
  const hasColours = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  return (style, text) => (hasColours ? styleText(style, text) : text)
}

const EXPLANATIONS: Record<Verdict, string> = {
  intact: 'every record from the start to the stop is there, unchanged',
  modified: 'records are not as they were sealed',
  missing: 'records are not in the input',
  conflicting: 'one place in the log has two contents',
  equivocation: 'two signed checkpoints of one size differ: whoever has the key has written two logs',
  'run missing': 'a checkpoint proves that there were records of this run, and none is in the input',
  forked:
    'another run names the same predecessor: the state file was restored, or a process was killed when it started. A run between may be missing',
  'unknown key': 'checkpoints are signed with a key that was not given',
  'not sealed': 'there is no signed checkpoint, so nothing is proven',
  'unsealed tail': 'records after the last checkpoint are not proven',
  'not stopped': 'the log was not ended: the process was killed or still runs, or the end was cut off',
  partial: 'only a part of the run was asked for, so its checkpoints cannot be compared with it',
  included: 'chosen records, each with a proof that it is in the log. What else the log has is not shown',
  'declared lost': 'the log says that records were lost in an outage',
}

export function formatResult(result: VerifyResult, paint: Paint): string {
  const lines: string[] = []
  for (const run of result.runs) lines.push(...formatRun(run, paint), '')
  const others = [
    countOf(result.unsealedRecords, 'record without a seal', 'records without a seal'),
    countOf(result.foreignLines, 'line of something else', 'lines of something else'),
    countOf(result.unreadableLines, 'line that is damaged or cut', 'lines that are damaged or cut'),
    countOf(result.tooLongLines, 'line that is too long', 'lines that are too long'),
  ].filter((text) => text !== '')
  if (others.length > 0) lines.push(`Also in the input: ${others.join(', ')}`)
  for (const problem of result.problems) lines.push(paint('red', `Not read to its end: ${problem}`))
  if (result.runs.length === 0) lines.push('No sealed record was found.')
  lines.push(formatVerdict(result, paint))
  return `${lines.join('\n')}\n`
}

function formatVerdict(result: VerifyResult, paint: Paint): string {
  const code = findExitCode(result)
  const { verdict } = result
  if (code === 0)
    return `Verdict: ${paint('green', 'intact')}. ${countOf(result.records, 'record', 'records')} proven.`
  if (code === 2) return `Verdict: ${paint('red', verdict)}, but not all of the input could be read.`
  if (code === 1) return `Verdict: ${paint('red', verdict)}. Something is wrong with this log.`
  return `Verdict: ${paint('yellow', verdict)}. Nothing wrong was found, but not everything is proven.`
}

function formatRun(run: RunResult, paint: Paint): string[] {
  const style =
    run.verdict === 'intact' ? 'green' : findExitCode({ ...run, problems: [] }) === 1 ? 'red' : 'yellow'
  const name = run.log === undefined ? run.run : `${run.log}/${run.run}`
  const period = run.from === undefined ? '' : ` ${run.from} to ${run.to}`
  const lines = [`${paint('bold', `Run ${printable(name)}`)}${paint('dim', printable(period))}`]
  lines.push(
    `  ${run.records} records, ${run.signed} signed, ${run.proven} proven, ${run.unsealed} after the last checkpoint`,
  )
  for (const verdict of run.verdicts) {
    lines.push(`  ${paint(style, verdict)}: ${EXPLANATIONS[verdict]}`)
    lines.push(...detailsOf(verdict, run).map((text) => `    ${printable(text)}`))
  }
  return lines
}

function detailsOf(verdict: Verdict, run: RunResult): string[] {
  const { counts } = run
  switch (verdict) {
    case 'modified':
      return [
        ...listSome(run.modified.map(formatFinding), counts.modified),
        ...run.modifiedRanges.map((range) => `${formatRange(range)}: ${range.reason}`),
      ]
    case 'conflicting':
      return listSome(run.conflicting.map(formatFinding), counts.conflicting)
    case 'missing':
      return [`${counts.missing} in all`, ...listSome(run.missing.map(formatRange), run.missing.length)]
    case 'equivocation':
      return [`sizes: ${run.equivocations.slice(0, MAX_PRINTED).join(', ')}`]
    case 'run missing':
      return [`at least ${run.signed} records, named by ${run.namedBy.slice(0, MAX_PRINTED).join(', ')}`]
    case 'forked':
      return [`also: ${run.namedBy.slice(0, MAX_PRINTED).join(', ')}`]
    case 'included':
      return run.included.map(({ size, records }) => `${records} records, as of ${size} records in the log`)
    case 'unknown key':
      return [`keys: ${run.unknownKeys.slice(0, MAX_PRINTED).join(', ')}`]
    case 'declared lost':
      return [`${run.declaredLost} records`]
    default:
      return []
  }
}

function listSome(items: readonly string[], count: number): string[] {
  const printed = items.slice(0, MAX_PRINTED)
  const more = count - printed.length
  return more > 0 ? [...printed, `and ${more} more`] : printed
}

function formatFinding({ index, id, time, reason }: Finding): string {
  return `index ${index}${id === undefined ? '' : `, id ${id}`}${time === undefined ? '' : `, ${time}`}: ${reason}`
}

function formatRange({ first, last }: IndexRange): string {
  return first === last ? `index ${first}` : `index ${first} to ${last}`
}

function countOf(count: number, one: string, many: string): string {
  return count === 0 ? '' : `${count} ${count === 1 ? one : many}`
}

/** The texts of a log are a stranger's: they must not control the terminal. */
function printable(text: string): string {
  return text.replace(/[\p{C}\u2028\u2029]/gu, '\ufffd')
}
