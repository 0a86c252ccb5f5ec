import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { elasticsearch } from '../../verify/elasticsearch.js'
import { findExitCode } from '../../verify/findings.js'
import type { VerifyInput } from '../../verify/read-input.js'
import { verify } from '../../verify/verify.js'
import { type Command, type Terminal, UsageError } from '../command.js'
import { createPaint, formatResult } from '../format-result.js'
import { createProgress } from '../progress.js'
import { readVerifierKeys } from '../read-keys.js'

const HELP = `Usage: http-audit-log verify --key KEY FILE...
       http-audit-log verify --key KEY --elasticsearch URL --index NAME

Checks a sealed log: whether every record is there, unchanged. Reads only, and needs no secret.

  --key KEY                 the verifier key of the log, or a file that has it; may be repeated. Or AUDIT_VERIFIER_KEY
  FILE...                   lines as they were written, or as a container runtime, a shipper or _search has wrapped them; plain or
                            gzip; in any order, and a record may be there twice. "-" is stdin
  --witness FILE            checkpoints that a witness has kept; may be repeated. A run that they prove and that is not in the input
                            is missing
  --since FILE              goes on from what an earlier verification has proven (--write-checkpoint)
  --write-checkpoint FILE   writes what is proven now, for --since
  --bundle                  the input is a bundle of \`prove\`: chosen records with proofs. Without it a bundle is not taken for a log
  --partial                 the input is a part of the log on purpose: what comes before and after it is not missing
  --json                    prints the result as JSON

  --elasticsearch URL       reads the documents of --index. Credentials are read from the environment: ELASTIC_API_KEY, or
                            ELASTIC_USERNAME and ELASTIC_PASSWORD
  --index NAME              index, alias or data stream
  --from TIME, --to TIME    only documents of this time (ISO 8601); implies --partial
  --time-field NAME         the field of --from and --to, by default @timestamp

Exit codes: 0 everything is proven; 1 something is wrong (modified, missing, conflicting, equivocation, run missing); 2 the command
or its input is wrong; 3 nothing wrong was found, but not everything is proven (such as records after the last checkpoint).

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
    })
    progress.end()
    const { verified, ...findings } = result
    if (values['write-checkpoint'] !== undefined) writeFileSync(values['write-checkpoint'], verified)
    terminal.stdout.write(
      values.json ? `${JSON.stringify(findings, null, 2)}\n` : formatResult(result, createPaint(terminal)),
    )
    return findExitCode(result, { acceptsBundle: values.bundle === true })
  },
}

function findInputs(values: Values, files: readonly string[], { stdin, env }: Terminal): VerifyInput[] {
  const { elasticsearch: url, index, from, to } = values
  if (url === undefined) {
    if (from !== undefined || to !== undefined || index !== undefined)
      throw new UsageError('--index, --from and --to need --elasticsearch')
    if (files.length === 0) throw new UsageError('no FILE was given. "-" is stdin')
    return files.map((file) => (file === '-' ? stdin : file))
  }
  if (index === undefined) throw new UsageError('--index is missing')
  if (files.length > 0) throw new UsageError('expected files or --elasticsearch, got both')
  return [elasticsearch({ url, index, from, to, timeField: values['time-field'], env })]
}
