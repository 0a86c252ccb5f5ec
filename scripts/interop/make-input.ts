// Writes what the Go program checks: a sealed log of two runs in each format, a bundle, consistency proofs, and numbers.
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatCheckpoint } from '../../src/evidence/checkpoint.js'
import { formatSignerKey, formatVerifierKey, generateSignerKey } from '../../src/evidence/note-keys.js'
import { SEALED_FORMATS, type SealedFormatName } from '../../src/evidence/sealed-formats/index.js'
import { signNote } from '../../src/evidence/signed-note.js'
import { CompleteTree } from '../../src/evidence/tree-proofs.js'
import { auditLog, memory } from '../../src/index.js'
import { seal } from '../../src/seal.js'
import { readRecords } from '../../src/verify/read-record.js'
import { prove } from '../../src/verify.js'

const RECORDS = 300
const MAX_SIZE = 40
const NUMBERS = 20_000
const folder = process.argv[2] as string
const signer = generateSignerKey('audit.example.org')
const key = formatSignerKey(signer)
const verifierKey = formatVerifierKey(signer)

/** Values that home-made canonical forms write in more than one way. */
const HOSTILE = [
  { '\ufb33': 1, '\u{1f600}': 2, '\u20ac': 3, '\u00f6': 4, '\r': 5, '1': 6, '10': 7, '9': 8, '': 9 },
  JSON.parse('{"__proto__":{"a":1},"constructor":null,"toString":"x"}'),
  [1e21, 1e-7, 1e-6, 123456789012345680000, -0, 0.1, 5e-324, 1.7976931348623157e308, 333333333.3333333],
  [
    '\u2028\u2029\u007f\u0080\u009f',
    '\ud800 alone',
    'a\u0000b\u001f\t\b\f\n\r"\\/',
    '\u{10ffff}',
    'é e\u0301',
  ],
  { b: null, a: { d: null, c: [null, { e: null }] } },
]

async function sealLog(format: SealedFormatName): Promise<void> {
  const lines: string[] = []
  for (const count of [RECORDS, 3]) {
    const sink = memory()
    const state = join(folder, `${format}.state`)
    const options = { sink, format, service: { name: 'interop' } }
    const audit = auditLog({ ...options, seal: seal({ key, state, every: { records: 37 } }) })
    for (let index = 0; index < count; index++) {
      const value = HOSTILE[index % HOSTILE.length]
      audit.logger().setAction('test').set('value', value).setResults(value).info(`Record ${index}`).sendLog()
    }
    await audit.close()
    lines.push(...sink.lines)
  }
  writeFileSync(join(folder, `${format}.log`), lines.join(''))
}

async function exportBundle(format: SealedFormatName): Promise<void> {
  const bundle: string[] = []
  const files = [join(folder, `${format}.log`)]
  await prove({ keys: [verifierKey], files, where: () => true, write: (line) => bundle.push(line) })
  writeFileSync(join(folder, `${format}.bundle`), bundle.join(''))
}

/** Proofs between all sizes of a tree with the leaves of a log. */
function writeConsistencyProofs(): void {
  const lines = readFileSync(join(folder, 'audit.log'), 'utf8').trimEnd().split('\n').slice(0, MAX_SIZE)
  const leaves = lines
    .flatMap(readRecords)
    .map((record) => (record.kind === 'sealed' ? Buffer.from(record.leaf, 'base64url') : never()))
  const tree = new CompleteTree(leaves)
  const notes = leaves.map((_, index) => {
    const size = index + 1
    return signNote(formatCheckpoint({ origin: `${signer.name}/run`, size, root: tree.rootOf(size) }), signer)
  })
  const proofs = notes.flatMap((newer, index) =>
    notes.slice(0, index + 1).map((older, oldIndex) => ({
      old: older,
      new: newer,
      proof: tree.proveConsistency(oldIndex + 1, index + 1).map((hash) => hash.toString('base64')),
    })),
  )
  writeFileSync(join(folder, 'consistency.json'), JSON.stringify(proofs))
}

/** Numbers of random bits. */
function writeNumbers(): void {
  const numbers = new Float64Array(new Uint8Array(randomBytes(8 * NUMBERS)).buffer)
  const whole = Array.from({ length: 330 }, (_, index) => 10 ** (index - 25))
  const texts = [...whole, ...numbers].filter(Number.isFinite).map((number) => JSON.stringify(number))
  writeFileSync(join(folder, 'numbers.json'), JSON.stringify(texts))
}

function never(): never {
  throw new Error('A line of the log is not sealed')
}

for (const format of Object.keys(SEALED_FORMATS) as SealedFormatName[]) {
  await sealLog(format)
  await exportBundle(format)
}
writeConsistencyProofs()
writeNumbers()
writeFileSync(join(folder, 'signing.key'), key)
writeFileSync(join(folder, 'verifier.key'), verifierKey)
writeFileSync(join(folder, 'note.txt'), 'a text\n\nof ours – with €\n')
writeFileSync(join(folder, 'note.signed'), signNote('a text\n\nof ours – with €\n', signer))
