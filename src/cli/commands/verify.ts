import { lstatSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { replaceFile } from '../../lib/replace-file.js'
import { elasticsearch } from '../../verify/elasticsearch.js'
import { findExitCode } from '../../verify/findings.js'
import type { VerifyInput } from '../../verify/read-input.js'
import { verify } from '../../verify/verify.js'
import { type Command, type Terminal, UsageError } from '../command.js'
import { createPaint, formatResult } from '../format-result.js'
import { printableJson } from '../printable.js'
import { createProgress } from '../progress.js'
import { readVerifierKeys } from '../read-keys.js'

const HELP = `Usage: http-audit-log verify --key KEY FILE...
       http-audit-log verify --key KEY --elasticsearch URL --index NAME

Checks a sealed log: whether every record is present and unchanged. Reads only, and needs no secret.

A log consists of runs: the records of one process, from its start to its end. Each record has an index within its run. The process
signs checkpoints from time to time: the number of records so far, and one hash of all of them. Records up to a checkpoint cannot be
changed, deleted or moved unnoticed. What comes after the last checkpoint is not proven yet.

  --key KEY                 the verifier key of the log, or a file with one key in each line; may be repeated. Default: the
                            environment variable AUDIT_VERIFIER_KEY
  FILE...                   all files of the log, rotated ones too, plain or gzip, in any order. "-" is stdin. A line may be as it was
                            written, or as a container runtime, a shipper or _search of Elasticsearch has wrapped it. JSON that
                            is printed over several lines is read after \`jq -c .\`. A record may be there twice
  --witness FILE            checkpoints that were stored outside of the log (option \`witness\` of seal()); may be repeated. Shows
                            that the end of a run, or a whole run, was deleted
  --since FILE              continues from what an earlier verification has proven (see --write-checkpoint)
  --write-checkpoint FILE   writes what is proven now, for --since of a later verification. Keep it away from the log
  --bundle                  the input is a bundle of \`prove\`, so that proven records without the rest of the log give exit code 0
  --partial                 the input is a part of the log on purpose: what comes before and after it is not missing, and
                            checkpoints cannot be compared (verdict partial). A run of which the part has no record may have
                            ended before it, or have been deleted: both look alike
  --json                    prints the result as JSON

  --elasticsearch URL       reads the documents of --index. Credentials are read from the environment: ELASTIC_API_KEY, or
                            ELASTIC_USERNAME and ELASTIC_PASSWORD
  --index NAME              index, alias or data stream
  --from TIME, --to TIME    only documents from TIME on, and before TIME (ISO 8601); implies --partial
  --time-field NAME         the field of --from and --to, by default @timestamp

Exit codes:
  0  intact: everything is proven
  1  the log was changed or is incomplete: modified, missing, run missing, conflicting, equivocation
  2  the command is wrong, or its input cannot be read
  3  nothing wrong was found, but not everything is proven: unsealed tail, not stopped, forked, unknown key, not sealed, unreadable,
     partial, included, declared lost

Examples:
  http-audit-log verify --key audit.pub /var/log/app/audit.log*
  ELASTIC_API_KEY=... http-audit-log verify --key audit.pub --elasticsearch https://elastic:9200 --index logs-http_audit-default
`

const OPTIONS = {
  key: { type: 'string', multiple: true },
  witness: { type: 'string', multiple: true },
  since: { type: 'string' },
  'write-checkpoint': { type: 'string' },
  partial: { type: 'boolean' },
  bundle: { type: 'boolean' },
  json: { type: 'boolean' },
  elasticsearch: { type: 'string' },
  index: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  'time-field': { type: 'string' },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>['values']

export const verifyCommand: Command = {
  name: 'verify',
  summary: 'check that no record is missing or changed',
  help: HELP,
  async run(args, terminal) {
    const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
    const keys = readVerifierKeys(values.key ?? [], terminal.env)
    const inputs = findInputs(values, positionals, terminal)
    const progress = createProgress(positionals, terminal)
    const result = await verify({
      keys,
      inputs,
      witnesses: (values.witness ?? []).map((path) => readFileSync(path, 'utf8')),
      since: values.since === undefined ? undefined : readFileSync(values.since, 'utf8'),
      isPartial: values.partial === true || values.from !== undefined || values.to !== undefined,
      onProgress: progress.add,
    }).finally(progress.end)
    const { verified, ...findings } = result
    if (values['write-checkpoint'] !== undefined) writePinned(values['write-checkpoint'], verified)
    terminal.stdout.write(
      values.json
        ? `${printableJson(JSON.stringify(findings, null, 2))}\n`
        : formatResult(result, createPaint(terminal)),
    )
    return findExitCode(result, { acceptsBundle: values.bundle === true })
  },
}

/** A file that `--since` reads must not be half written. A link, such as /dev/stdout, and a device are written to. */
function writePinned(path: string, verified: string): void {
  const status = lstatSync(path, { throwIfNoEntry: false })
  if (status === undefined || status.isFile()) replaceFile(path, verified, 0o666)
  else writeFileSync(path, verified)
}

function findInputs(values: Values, files: readonly string[], { stdin, env }: Terminal): VerifyInput[] {
  const { elasticsearch: url, index, from, to } = values
  if (url === undefined) {
    if (from !== undefined || to !== undefined || index !== undefined)
      throw new UsageError('--index, --from and --to need --elasticsearch')
    if (files.length === 0) throw new UsageError('FILE is missing: the files of the log, or "-" for stdin')
    return files.map((file) => (file === '-' ? stdin : file))
  }
  if (index === undefined)
    throw new UsageError('--index is missing: the name of an index, an alias or a data stream')
  if (files.length > 0) throw new UsageError('expected FILE or --elasticsearch, got both')
  return [elasticsearch({ url, index, from, to, timeField: values['time-field'], env })]
}
