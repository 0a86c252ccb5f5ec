// The result of `verify` as text for a person.
import { styleText } from 'node:util'
import {
  type Finding,
  findExitCode,
  type RunResult,
  VERDICTS,
  type Verdict,
  type VerifyResult,
} from '../verify/findings.js'
import type { IndexRange } from '../verify/leaf-store.js'
import type { MissingRange } from '../verify/missing-ids.js'
import type { Terminal } from './command.js'
import { printable } from './printable.js'

/** How many findings of a kind are printed for a run. `--json` has more. */
const MAX_PRINTED = 10
/** How many runs are printed. */
const MAX_RUNS = 50

type Style = 'bold' | 'red' | 'yellow' | 'green' | 'dim'
type Paint = (style: Style, text: string) => string

/** Colours only on a terminal, and not with `NO_COLOR` (https://no-color.org). */
export function createPaint({ stdout, env }: Terminal): Paint {
  const hasColours = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  return (style, text) => (hasColours ? styleText(style, text) : text)
}

const EXPLANATIONS: Record<Verdict, string> = {
  intact: 'every record from the start of the run to its end is present and unchanged',
  modified: 'records were changed after they had been sealed',
  missing:
    'the run had records that are not in the input. Give all files of the log, rotated ones too; if these were all, records were deleted',
  conflicting: 'two records with different content have the same index, so at least one was not in the log',
  equivocation:
    'two signed checkpoints of the same size differ: somebody with the private key has written two versions of this log',
  'run missing':
    'a signed checkpoint proves that this run had records, and none of them is in the input. Give all files of the log; if these were all, the run was deleted',
  forked:
    'the link to the run before cannot be relied on: two runs claim to follow the same one (the state file was restored from a copy, or a process was killed while it started), or the state file was damaged. A run in between may be missing',
  'unknown key':
    'checkpoints are signed with a key that was not given with --key, so they prove nothing here',
  'not sealed': 'no signed checkpoint covers these records, so nothing is proven',
  unreadable: 'lines that begin like a record cannot be read: they are damaged, cut off or too long',
  'unsealed tail':
    'records after the last checkpoint are not proven. This is normal while the process runs, and after it was killed',
  'not stopped':
    'the end of the run is not proven: the process still runs, was killed, or the end of the log was cut off',
  partial:
    'records that were not asked for are not in the input (older ones than --since, or outside of --from and --to), so those that are cannot be compared with a signed checkpoint',
  included:
    'selected records, each with a proof that it is in the log. What else the log contains is not shown',
  'declared lost': 'the log itself reports that records were lost in an outage and never written',
}

const JQ_ADVICE =
  "A record must be whole in its line. Convert JSON that is printed over several lines first: jq -c . (an array: jq -c '.[]')"

export function formatResult(result: VerifyResult, paint: Paint): string {
  const lines: string[] = []
  // The gravest first, if there are too many.
  const printed = result.runs.length <= MAX_RUNS ? result.runs : sortByVerdict(result.runs).slice(0, MAX_RUNS)
  for (const run of printed) lines.push(...formatRun(run, paint), '')
  if (printed.length < result.runs.length)
    lines.push(`And ${result.runs.length - printed.length} more runs: --json has them all`, '')
  const others = [
    countOf(result.unsealedRecords, 'record without a seal', 'records without a seal'),
    countOf(result.foreignLines, 'line that is no record', 'lines that are no records'),
    countOf(result.unreadableLines, 'line that is damaged or cut off', 'lines that are damaged or cut off'),
    countOf(result.tooLongLines, 'line that is too long', 'lines that are too long'),
  ].filter((text) => text !== '')
  if (others.length > 0) lines.push(`Also in the input: ${others.join(', ')}`)
  if (result.unreadableLines > 0 || (result.runs.length === 0 && result.foreignLines > 0))
    lines.push(JQ_ADVICE)
  for (const problem of result.problems)
    lines.push(paint('red', `Could not be read completely: ${printable(problem)}`))
  if (result.runs.length === 0) lines.push('No sealed record was found.')
  lines.push(formatVerdict(result, paint))
  return `${lines.join('\n')}\n`
}

function countProven({ runs }: VerifyResult): number {
  return runs.reduce((count, { proven }) => count + proven, 0)
}

function sortByVerdict(runs: readonly RunResult[]): RunResult[] {
  const rankOf = ({ verdict }: RunResult) => VERDICTS.indexOf(verdict)
  return [...runs].sort((one, other) => rankOf(one) - rankOf(other))
}

function formatVerdict(result: VerifyResult, paint: Paint): string {
  const code = findExitCode(result)
  const { verdict } = result
  if (code === 0)
    return `Verdict: ${paint('green', 'intact')}. ${countOf(countProven(result), 'record', 'records')} proven.`
  if (code === 3 && verdict === 'included')
    return `Verdict: ${paint('yellow', 'included')}. These records are in the log, unchanged, but they are not the whole log.`
  if (code === 2)
    return `No verdict: not all of the input could be read. Of what could be read: ${paint('red', verdict)}.`
  if (code === 1) return `Verdict: ${paint('red', verdict)}. This log was changed or is incomplete.`
  if (result.runs.every(({ proven }) => proven === 0))
    return `Verdict: ${paint('yellow', verdict)}. Nothing is proven.`
  return `Verdict: ${paint('yellow', verdict)}. Nothing wrong was found, but not everything is proven.`
}

function formatRun(run: RunResult, paint: Paint): string[] {
  const style =
    run.verdict === 'intact' ? 'green' : findExitCode({ ...run, problems: [] }) === 1 ? 'red' : 'yellow'
  const name = run.log === undefined ? run.run : `${run.log}/${run.run}`
  const period = run.from === undefined ? '' : ` ${run.from} to ${run.to}`
  const lines = [`${paint('bold', `Run ${printable(name)}`)}${paint('dim', printable(period))}`]
  const counts = describeCounts(run)
  if (counts !== '') lines.push(`  ${counts}`)
  for (const verdict of run.verdicts) {
    lines.push(`  ${paint(style, verdict)}: ${explain(verdict, run)}`)
    lines.push(...detailsOf(verdict, run).map((text) => `    ${printable(text)}`))
  }
  return lines
}

function explain(verdict: Verdict, { records }: RunResult): string {
  if (verdict === 'intact' && records === 0)
    return 'proven by an earlier verification (--since). None of its records is in this input'
  return EXPLANATIONS[verdict]
}

/** Empty for a bundle, whose records are counted by their proofs. */
function describeCounts({ records, signed, proven, unsealed, included }: RunResult): string {
  if (records === 0 && included.length > 0) return ''
  const input = `${countOf(records, 'record', 'records') || 'No record'} in the input`
  if (signed === 0) return `${input}, no signed checkpoint`
  const tail = unsealed === 0 ? '' : ` After it: ${unsealed} not proven.`
  return `${input}. The last signed checkpoint covers ${signed}: ${proven} proven.${tail}`
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
      return [`${counts.missing} missing`, ...listSome(run.missing.map(formatMissing), run.missing.length)]
    case 'equivocation':
      return [`checkpoint sizes: ${run.equivocations.slice(0, MAX_PRINTED).join(', ')}`]
    case 'run missing':
      return [
        `at least ${run.signed} records. The run is named by ${run.namedBy.slice(0, MAX_PRINTED).join(', ')}`,
      ]
    case 'forked':
      return [
        ...run.namedBy.slice(0, MAX_PRINTED).map((other) => `the other run: ${other}`),
        ...run.brokenLinks,
      ]
    case 'included':
      return run.included.map(
        ({ size, records }) =>
          `${countOf(records, 'record', 'records')}, proven by the checkpoint of ${size} records`,
      )
    case 'unknown key':
      return [`names of the keys: ${run.unknownKeys.slice(0, MAX_PRINTED).join(', ')}`]
    case 'declared lost':
      return [`${run.declaredLost} lost`]
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

function formatMissing(range: MissingRange): string {
  const { first, last, firstId, lastId } = range
  if (firstId === undefined) return formatRange(range)
  return `${formatRange(range)}, id ${firstId}${first === last ? '' : ` to ${lastId}`}`
}

function countOf(count: number, one: string, many: string): string {
  return count === 0 ? '' : `${count} ${count === 1 ? one : many}`
}
