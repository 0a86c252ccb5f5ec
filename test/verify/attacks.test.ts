// What somebody with write access to the log, and without the private key, may do to it; and the verdict that it must get.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { memory } from 'http-audit-log'
import { EMPTY_ROOT } from '#src/evidence/merkle-tree.js'
import { formatVerifierKey, generateSignerKey } from '#src/evidence/note-keys.js'
import { findExitCode, type Verdict } from '#src/verify/findings.js'
import { type VerifyOptions, verify } from '#src/verify/verify.js'
import {
  change,
  forge,
  hashLine,
  type Parsed,
  rehash,
  signCheckpoint,
  signRoot,
  VERIFIER_KEY,
  writeRun,
} from '../helpers/sealed-log.js'

/** The lines of a run: the start, four records, a checkpoint, three records, the stop and the last checkpoint. */
const CHECKPOINT = 5
const STOP = 9
const LAST = 10

interface World {
  /** Three runs that are linked by a state file. */
  readonly runs: readonly [string[], string[], string[]]
  /** A run that no other one names. */
  readonly single: string[]
  /** The notes of all these. */
  readonly witness: string
  /** Written by another process after the state file was restored to what it was before the second run. */
  readonly forked: string[]
  /** A run without successor, whose records have texts that are easily damaged on the way. */
  readonly texts: string[]
  /** A run of the attacker, with a key of the same name. */
  readonly attackers: string[]
  readonly attackersKey: string
  /** A run with that key, whose predecessor has the other one. */
  readonly replaced: string[]
}

type Attack = (
  world: World,
) => readonly string[] | (Partial<VerifyOptions> & { readonly lines: readonly string[] })

let world: World
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attacks-'))
  const state = join(folder, 'state.json')
  const witness = memory()
  const first = await writeRun({ state, witness })
  const saved = readFileSync(state)
  const second = await writeRun({ state, witness })
  const third = await writeRun({ state, witness })
  const single = await writeRun({ witness })
  writeFileSync(state, saved)
  const forked = await writeRun({ state })
  const attackersKey = generateSignerKey('audit.example.org')
  const kwargs = () => TEXTS
  world = {
    runs: [first, second, third],
    single,
    witness: witness.lines.join(''),
    forked,
    texts: await writeRun({ kwargs }),
    replaced: await writeRun({ key: attackersKey, state }),
    attackers: await writeRun({ key: attackersKey }),
    attackersKey: formatVerifierKey(attackersKey),
  }
})
afterAll(() => rmSync(folder, { recursive: true }))

const TEXTS = {
  text: 'é\u00e9e\u0301 \u{1f600} \u2028 </script> "\\" \t\u0001\u007f\u0085',
  lone: 'a\ud800b',
  numbers: [1, 0.1, -0, 1e21, 1e-7, 2 ** 53],
  10: 'ten',
  9: 'nine',
  nothing: null,
  list: [null, 1],
  inner: JSON.parse('{"__proto__":"p","constructor":1,"b":{},"a":[]}'),
}

const all = ({ runs }: World): string[] => runs.flat()

/** A copy of the three runs, with a change to the lines of the second one. */
function withSecond({ runs: [first, second, third] }: World, edit: (lines: string[]) => string[]): string[] {
  return [...first, ...edit([...second]), ...third]
}

function replaceAt(lines: string[], index: number, line: string): string[] {
  return lines.with?.(index, line) ?? [...lines.slice(0, index), line, ...lines.slice(index + 1)]
}

function removeAt(lines: string[], index: number, count = 1): string[] {
  return [...lines.slice(0, index), ...lines.slice(index + count)]
}

const last = ({ single }: World): string[] => single

const setMessage = (record: Parsed) => {
  record.message = 'transfer 0'
}
const stripSignature = ({ checkpoint }: Parsed) => {
  if (checkpoint !== undefined) checkpoint.note = checkpoint.note.replace(/— .*\n/, '')
}
/** Makes all hashes right again, as somebody can who knows how. */
const rehashAll = (lines: string[]) => lines.map(rehash)

const ATTACKS: readonly (readonly [string, Verdict, Attack])[] = [
  ['nothing', 'intact', all],
  // Changes
  [
    'change one byte',
    'modified',
    (w) => withSecond(w, (run) => replaceAt(run, 3, (run[3] as string).replace('transfer 2', 'transfer 3'))),
  ],
  [
    'change a record and its hash',
    'modified',
    (w) => withSecond(w, (run) => replaceAt(run, 3, forge(run[3] as string, setMessage))),
  ],
  [
    'change the id',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(
          run,
          3,
          change(run[3] as string, (record) => (record.id = 'x')),
        ),
      ),
  ],
  [
    'change the hash',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(
          run,
          3,
          change(run[3] as string, (record) => (record.integrity.hash = 'A'.repeat(43))),
        ),
      ),
  ],
  [
    'shorten the hash',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(
          run,
          3,
          change(run[3] as string, (record) => (record.integrity.hash = 'A')),
        ),
      ),
  ],
  [
    'add a field to a record',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(
          run,
          3,
          change(run[3] as string, (record) => (record.note = 1)),
        ),
      ),
  ],
  [
    'add a field to a record under a name with dots',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(
          run,
          3,
          change(run[3] as string, (_, line) => (line['audit.user.id'] = 'eve')),
        ),
      ),
  ],
  [
    'remove a field',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(
          run,
          3,
          change(run[3] as string, (record) => delete record.user),
        ),
      ),
  ],
  [
    'change the start',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(
          run,
          0,
          forge(run[0] as string, (record) => delete record.previous_checkpoints),
        ),
      ),
  ],
  [
    'rewrite a run and its hashes, with the old notes',
    'modified',
    (w) => withSecond(w, (run) => rehashAll(replaceAt(run, 3, change(run[3] as string, setMessage)))),
  ],
  [
    'rewrite a run and its hashes, without notes',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        rehashAll(run.map((line) => change(line, (record) => delete record.checkpoint))),
      ),
  ],
  [
    'rewrite the last run and its hashes, without notes',
    'not sealed',
    (w) => rehashAll(last(w).map((line) => change(line, (record) => delete record.checkpoint))),
  ],
  // Order
  ['swap two records', 'intact', (w) => withSecond(w, (run) => [...run].reverse())],
  [
    'swap the indices of two records',
    'modified',
    (w) =>
      withSecond(w, (run) => {
        const swapped = [
          forge(run[3] as string, (record) => (record.integrity.index = 4)),
          forge(run[4] as string, (record) => (record.integrity.index = 3)),
        ]
        return [...run.slice(0, 3), ...swapped, ...run.slice(5)]
      }),
  ],
  // Deletions
  ['delete the first record', 'missing', (w) => withSecond(w, (run) => removeAt(run, 0))],
  ['delete one in the middle', 'missing', (w) => withSecond(w, (run) => removeAt(run, 3))],
  [
    'delete one and number the others anew',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        removeAt(run, 3).map((line, index) => forge(line, (record) => (record.integrity.index = index))),
      ),
  ],
  ['delete a rotation', 'missing', (w) => withSecond(w, (run) => removeAt(run, 2, 5))],
  [
    'delete the record of the last checkpoint, which the next run has',
    'intact',
    (w) => withSecond(w, (run) => removeAt(run, LAST)),
  ],
  ['delete a run', 'run missing', (w) => withSecond(w, () => [])],
  ['delete the first run', 'run missing', (w) => [...w.runs[1], ...w.runs[2]]],
  [
    'delete the last run, which a witness knows',
    'run missing',
    (w) => ({ lines: [...w.runs[0], ...w.runs[1]], witnesses: [w.witness] }),
  ],
  ['delete all, which a witness knows', 'run missing', (w) => ({ lines: [], witnesses: [w.witness] })],
  ['delete all', 'not sealed', () => []],
  ['delete the stop', 'missing', (w) => removeAt(last(w), STOP)],
  // The tail
  ['truncate at a checkpoint', 'not stopped', (w) => last(w).slice(0, CHECKPOINT + 1)],
  ['truncate between checkpoints', 'unsealed tail', (w) => last(w).slice(0, 8)],
  ['truncate before the first checkpoint', 'not sealed', (w) => last(w).slice(0, 4)],
  ['truncate before the last checkpoint', 'unsealed tail', (w) => last(w).slice(0, LAST)],
  ['truncate a run with a successor', 'missing', (w) => withSecond(w, (run) => run.slice(0, CHECKPOINT + 1))],
  [
    'truncate a run that a witness knows',
    'missing',
    (w) => ({ lines: last(w).slice(0, CHECKPOINT + 1), witnesses: [w.witness] }),
  ],
  [
    'truncate at a checkpoint and add a stop',
    'unsealed tail',
    (w) => [
      ...last(w).slice(0, CHECKPOINT + 1),
      forge(last(w)[STOP] as string, (record) => (record.integrity.index = CHECKPOINT + 1)),
    ],
  ],
  [
    'put a stop in the place of the checkpoint before it',
    'unsealed tail',
    (w) => {
      const run = last(w)
      const note = JSON.parse(run[CHECKPOINT] as string).audit.checkpoint
      const stop = forge(run[STOP] as string, (record) => {
        record.integrity.index = CHECKPOINT
        record.checkpoint = note
      })
      return [...run.slice(0, CHECKPOINT), stop]
    },
  ],
  [
    'add a stop and the last checkpoint again',
    'modified',
    (w) => {
      const run = last(w)
      const stop = forge(run[STOP] as string, (record) => (record.integrity.index = 4))
      return [...run.slice(0, 4), stop, run[CHECKPOINT] as string]
    },
  ],
  [
    'say something else in the record of the last checkpoint',
    'unsealed tail',
    (w) =>
      replaceAt(
        last(w),
        LAST,
        forge(last(w)[LAST] as string, (record) => (record.user = { id: 'eve' })),
      ),
  ],
  [
    'change the message of the last checkpoint',
    'unsealed tail',
    (w) => replaceAt(last(w), LAST, forge(last(w)[LAST] as string, setMessage)),
  ],
  [
    'change the action of the last checkpoint',
    'unsealed tail',
    (w) =>
      replaceAt(
        last(w),
        LAST,
        forge(last(w)[LAST] as string, (record) => (record.action = 'destroy')),
      ),
  ],
  [
    'declare a loss in the record of the last checkpoint',
    'unsealed tail',
    (w) =>
      replaceAt(
        last(w),
        LAST,
        forge(last(w)[LAST] as string, (record) => (record.lost = { count: 1, from_seq: 1, to_seq: 1 })),
      ),
  ],
  [
    'move the record of the last checkpoint',
    'missing',
    (w) =>
      replaceAt(
        last(w),
        LAST,
        forge(last(w)[LAST] as string, (record) => (record.integrity.index = LAST + 1)),
      ),
  ],
  [
    'put a forged record of another format into a line that has a sealed one',
    'not sealed',
    ({ single }) => [
      ...single,
      `${JSON.stringify({
        ...JSON.parse(single[2] as string),
        message: 'forged',
        event: { id: 'x', start: '2026-01-01T00:00:00.000Z' },
        Audit: { run: 'x' },
      })}\n`,
    ],
  ],
  [
    'insert a record of OCSF with dotted names and no seal',
    'not sealed',
    ({ single }) => [...single, '{"class_uid":6003,"metadata.uid":"x-1","message":"forged"}\n'],
  ],
  ...(['audit.message', 'audit.action'] as const).map(
    (name) =>
      [
        `add ${name} to the record of the last checkpoint`,
        'modified',
        ({ single }: World) =>
          single.map((line, index) =>
            index === LAST ? change(line, (_, parsed) => (parsed[name] = 'x')) : line,
          ),
      ] as [string, Verdict, Attack],
  ),
  [
    'add a dotted name to the record of the last checkpoint, and seal it again',
    'unsealed tail',
    ({ single }) =>
      single.map((line, index) =>
        index === LAST ? forge(line, (_, parsed) => (parsed['audit.message'] = 'x')) : line,
      ),
  ],
  [
    'add a member to the integrity of the last checkpoint',
    'unsealed tail',
    ({ single }) =>
      single.map((line, index) =>
        index === LAST ? forge(line, (record) => (record.integrity.comment = 'x')) : line,
      ),
  ],
  [
    'null for the id, and a field `proof` and `audit` of a shipper',
    'intact',
    ({ single }) =>
      single.map((line) =>
        change(line, (record, parsed) => {
          record.id = null
          parsed.proof = 'of delivery'
        }),
      ),
  ],
  ...[
    ['run_event', (record: Parsed) => void Object.assign(record, { run_event: 'started' })],
    ['checkpoint.by', (record: Parsed) => void Object.assign(record.checkpoint, { by: 'eve' })],
    ['time', (record: Parsed) => void Object.assign(record, { time: 'EVE WAS HERE' })],
    ['seq', (record: Parsed) => void Object.assign(record, { seq: 'many' })],
    ['lost', (record: Parsed) => void Object.assign(record, { lost: { count: 1, from_seq: 1, to_seq: 1 } })],
  ].map(
    ([name, edit]) =>
      [
        `say something in the record of the last checkpoint: ${name}`,
        // The id is made of it.
        name === 'seq' ? 'modified' : 'unsealed tail',
        ({ single }: World) =>
          single.map((line, index) => (index === LAST ? forge(line, edit as never) : line)),
      ] as [string, Verdict, Attack],
  ),
  [
    'add a record with the last note',
    'unsealed tail',
    (w) => [...last(w), forge(last(w)[LAST] as string, (record) => (record.integrity.index = LAST + 1))],
  ],
  [
    'add a record',
    'unsealed tail',
    (w) => [...last(w), forge(last(w)[3] as string, (record) => (record.integrity.index = LAST + 1))],
  ],
  [
    'add a record far behind',
    'missing',
    (w) => [...last(w), forge(last(w)[3] as string, (record) => (record.integrity.index = 2 ** 40))],
  ],
  // Replays and copies
  ['replay an old file', 'intact', (w) => [...w.runs[0], ...all(w)]],
  ['replace the log by an old file', 'missing', (w) => withSecond(w, (run) => run.slice(0, 7))],
  ['give a record twice', 'intact', (w) => withSecond(w, (run) => [...run, ...run])],
  [
    'give a record twice, changed',
    'modified',
    (w) => withSecond(w, (run) => [...run, change(run[3] as string, setMessage)]),
  ],
  [
    'give a record twice, changed, with its hash',
    'conflicting',
    (w) => withSecond(w, (run) => [...run, forge(run[3] as string, setMessage)]),
  ],
  [
    'give a changed record before the right one',
    'conflicting',
    (w) => withSecond(w, (run) => [forge(run[3] as string, setMessage), ...run]),
  ],
  // Signatures and keys
  [
    'strip the signatures',
    'modified',
    (w) => withSecond(w, (run) => run.map((line) => forge(line, stripSignature))),
  ],
  [
    'strip all checkpoints of the last run',
    'missing',
    (w) => last(w).filter((line) => JSON.parse(line).audit.checkpoint === undefined),
  ],
  ['verify with another key', 'unknown key', (w) => ({ lines: last(w), keys: [w.attackersKey] })],
  ['add a log with another key of the same name', 'unknown key', (w) => [...all(w), ...w.attackers]],
  ['replace the log by one with another key', 'unknown key', (w) => w.attackers],
  [
    'sign again with another key',
    'unknown key',
    (w) => {
      const key = generateSignerKey('audit.example.org')
      const run = last(w).slice(0, STOP + 1)
      const note = signCheckpoint(run, run.length, key)
      return [...run, forge(last(w)[LAST] as string, (record) => (record.checkpoint = note))]
    },
  ],
  [
    'add a signature of another key',
    'intact',
    (w) => {
      const other = JSON.parse(w.attackers[LAST] as string)
        .audit.checkpoint.note.split('\n')
        .at(-2)
      return replaceAt(
        last(w),
        LAST,
        forge(last(w)[LAST] as string, ({ checkpoint }) => (checkpoint.note += `${other}\n`)),
      )
    },
  ],
  [
    'delete a run before the key was replaced, and verify with the new key',
    'unknown key',
    (w) => ({ lines: w.replaced, keys: [w.attackersKey] }),
  ],
  // The state file
  ['restore the state file', 'forked', (w) => [...all(w), ...w.forked]],
  ['restore the state file and delete what came between', 'intact', (w) => [...w.runs[0], ...w.forked]],
  [
    'the same, where a witness knows it',
    'run missing',
    (w) => ({ lines: [...w.runs[0], ...w.forked], witnesses: [w.witness] }),
  ],
  // Checkpoints
  [
    'change the size beside a note',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(
          run,
          LAST,
          forge(run[LAST] as string, ({ checkpoint }) => (checkpoint.size = 9)),
        ),
      ),
  ],
  [
    'change the root beside a note',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(
          run,
          LAST,
          forge(run[LAST] as string, ({ checkpoint }) => (checkpoint.root = EMPTY_ROOT.toString('base64'))),
        ),
      ),
  ],
  [
    'change the origin beside a note',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(
          run,
          LAST,
          forge(run[LAST] as string, ({ checkpoint }) => (checkpoint.origin = 'x')),
        ),
      ),
  ],
  [
    'change the size in a note',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(
          run,
          LAST,
          forge(
            run[LAST] as string,
            ({ checkpoint }) => (checkpoint.note = checkpoint.note.replace('\n10\n', '\n9\n')),
          ),
        ),
      ),
  ],
  [
    'change the signature in a note',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(
          run,
          LAST,
          forge(
            run[LAST] as string,
            ({ checkpoint }) => (checkpoint.note = checkpoint.note.replace(/.{10}=\n$/, 'AAAAAAAAAA=\n')),
          ),
        ),
      ),
  ],
  [
    'replay a checkpoint of another run',
    'modified',
    (w) =>
      replaceAt(
        last(w),
        LAST,
        forge(
          last(w)[LAST] as string,
          (record) => (record.checkpoint = JSON.parse(w.runs[0][LAST] as string).audit.checkpoint),
        ),
      ),
  ],
  [
    'a signed checkpoint of a size that never was',
    'missing',
    (w) => ({
      lines: last(w),
      witnesses: [String(signCheckpoint(last(w), 11).note).replace('', '')].map(() =>
        String(signRoot(JSON.parse(last(w)[LAST] as string).audit.checkpoint.origin, 5000, EMPTY_ROOT).note),
      ),
    }),
  ],
  [
    'two signed checkpoints of one size',
    'equivocation',
    (w) => ({
      lines: last(w),
      witnesses: [
        String(signRoot(JSON.parse(last(w)[LAST] as string).audit.checkpoint.origin, 10, EMPTY_ROOT).note),
      ],
    }),
  ],
  [
    'a signed checkpoint of other records',
    'modified',
    (w) => ({
      lines: last(w),
      witnesses: [
        String(signRoot(JSON.parse(last(w)[LAST] as string).audit.checkpoint.origin, 7, EMPTY_ROOT).note),
      ],
    }),
  ],
  // Foreign records
  [
    'insert a record without a seal',
    'not sealed',
    (w) => withSecond(w, (run) => [...run, change(run[3] as string, (record) => delete record.integrity)]),
  ],
  ['insert a record in a list', 'not sealed', (w) => [...all(w), '{"audit":[{"message":"forged"}]}\n']],
  ['insert a record under names with dots', 'not sealed', (w) => [...all(w), '{"audit.message":"forged"}\n']],
  [
    'insert a record that other parsers can read',
    'unreadable',
    (w) => [...all(w), '{"audit":{"message":"forged","count":NaN}}\n'],
  ],
  [
    'insert a record that is nested deeply',
    'unreadable',
    (w) => [...all(w), `{"audit":{"message":"forged","x":${'['.repeat(300)}${']'.repeat(300)}}}\n`],
  ],
  ['insert a record after zeros', 'not sealed', (w) => [...all(w), '\0\0{"audit":{"message":"forged"}}\n']],
  [
    'insert a record in a line of a container',
    'not sealed',
    (w) => [...all(w), `${JSON.stringify({ log: ' {"audit":{"message":"forged"}}\n' })}\n`],
  ],
  [
    'insert a record beside another one in a line',
    'not sealed',
    (w) => [
      ...all(w),
      `${JSON.stringify({ log: w.runs[0][0], message: '{"audit":{"message":"forged"}}' })}\n`,
    ],
  ],
  ...[2 ** 53, -1, 1.5, '1', null, [1], { valueOf: 1 }].map((index): readonly [string, Verdict, Attack] => [
    `insert a record with the index ${JSON.stringify(index)}`,
    'not sealed',
    (w) => [...all(w), forge(w.runs[0][3] as string, (record) => (record.integrity.index = index))],
  ]),
  [
    'insert a record of a run of its own',
    'not sealed',
    (w) => [
      ...all(w),
      forge(w.runs[0][0] as string, (record) => Object.assign(record, { run: 'x', id: 'x-1' })),
    ],
  ],
  // Texts that differ and parse equal, or differ and seem equal
  ['hostile texts', 'intact', (w) => w.texts],
  ['escape all characters', 'intact', (w) => w.texts.map(escapeAll)],
  [
    'write numbers in another form',
    'intact',
    (w) =>
      w.texts.map((line) =>
        line.replace('"numbers":[1,0.1,', '"numbers":[1.0,1e-1,').replace('"index":3', '"index":3.0'),
      ),
  ],
  [
    'add white space',
    'intact',
    (w) => w.texts.map((line) => `  ${JSON.stringify(JSON.parse(line), null, 1).replaceAll('\n', '\r')}\r\n`),
  ],
  [
    'sort keys in another way',
    'intact',
    (w) => w.texts.map((line) => `${JSON.stringify(reverseKeys(JSON.parse(line)))}\n`),
  ],
  [
    'drop all members that are null',
    'intact',
    (w) => w.texts.map((line) => `${JSON.stringify(dropNull(JSON.parse(line)))}\n`),
  ],
  [
    'add members that are null',
    'intact',
    (w) => w.texts.map((line) => change(line, (record) => (record.stage = null))),
  ],
  [
    'add fields beside the record',
    'intact',
    (w) =>
      w.texts.map((line) =>
        change(line, (_, parsed) =>
          Object.assign(parsed, { '@timestamp': 'x', host: {}, log: { file: {} } }),
        ),
      ),
  ],
  ['move the id away', 'intact', (w) => w.texts.map((line) => change(line, (record) => delete record.id))],
  [
    'write a lone surrogate for U+FFFD',
    'intact',
    (w) => w.texts.map((line) => line.replace('a\ufffdb', 'a\\udc00b')),
  ],
  [
    'change the form of a letter (Unicode normalization)',
    'modified',
    (w) => w.texts.map((line) => line.normalize('NFC')),
  ],
  [
    'change a key by letter case',
    'modified',
    (w) => w.texts.map((line) => line.replace('"text":', '"Text":')),
  ],
  [
    'write a number that is infinite for null in a list',
    'modified',
    (w) => w.texts.map((line) => line.replace('"list":[null,', '"list":[1e999,')),
  ],
  [
    'a number as a text',
    'modified',
    (w) => w.texts.map((line) => line.replace('"list":[null,1]', '"list":[null,"1"]')),
  ],
  [
    'change __proto__',
    'modified',
    (w) => w.texts.map((line) => line.replace('"__proto__":"p"', '"__proto__":"q"')),
  ],
  ['drop __proto__', 'modified', (w) => w.texts.map((line) => line.replace('"__proto__":"p",', ''))],
  [
    'add __proto__',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(
          run,
          3,
          (run[3] as string).replace('"audit":{', '"audit":{"__proto__":{"user":{"id":"eve"}},'),
        ),
      ),
  ],
  [
    'change a key that is like an index',
    'modified',
    (w) => w.texts.map((line) => line.replace('"10":', '"11":')),
  ],
  [
    'give a key twice, the right value last',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(run, 3, (run[3] as string).replace('"message":', '"message":"forged","message":')),
      ),
  ],
  [
    'give a key twice, the right value first',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(run, 3, (run[3] as string).replace('"type":"INFO"', '"type":"INFO","type":"DEBUG"')),
      ),
  ],
  [
    'give a key twice, one of them escaped',
    'modified',
    (w) =>
      withSecond(w, (run) =>
        replaceAt(run, 3, (run[3] as string).replace('"message":', '"m\\u0065ssage":"forged","message":')),
      ),
  ],
  [
    'give a key twice around a record',
    'modified',
    (w) => withSecond(w, (run) => replaceAt(run, 3, `{"log":"forged","log":${JSON.stringify(run[3])}}\n`)),
  ],
  // Other inputs
  [
    'a record with a proof in place of the record',
    'modified',
    (w) =>
      withSecond(w, (run) => [
        ...removeAt(run, 3),
        change(run[3] as string, (_, line) => (line.proof = { path: [] })),
      ]),
  ],
]

function escapeAll(line: string): string {
  return line
    .replace(/[^\x20-\x7e\n]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll('transfer', '\\u0074ransfer')
}

function reverseKeys(value: Parsed): Parsed {
  if (Array.isArray(value)) return value.map(reverseKeys)
  if (typeof value !== 'object' || value === null) return value
  const copy = {}
  for (const key of Object.keys(value).reverse())
    Object.defineProperty(copy, key, { value: reverseKeys(value[key]), enumerable: true })
  return copy
}

function dropNull(value: Parsed): Parsed {
  if (Array.isArray(value)) return value.map(dropNull)
  if (typeof value !== 'object' || value === null) return value
  const copy = {}
  for (const key of Object.keys(value))
    if (value[key] !== null)
      Object.defineProperty(copy, key, { value: dropNull(value[key]), enumerable: true })
  return copy
}

async function* readChunks(lines: readonly string[]): AsyncGenerator<string> {
  yield lines.join('')
}

async function judge(attack: Attack) {
  const attacked = attack(world)
  const { lines, ...options } = 'lines' in attacked ? attacked : { lines: attacked }
  return verify({ keys: [VERIFIER_KEY], inputs: [readChunks(lines)], ...options })
}

describe('verify', () => {
  it.each(ATTACKS)('%s: %s', async (_, wanted, attack) => {
    const result = await judge(attack)
    expect({ verdict: result.verdict, problems: result.problems }).toEqual({ verdict: wanted, problems: [] })
    expect(findExitCode(result) === 0).toBe(wanted === 'intact')
  })

  it.each(['audit', 'ecs', 'ocsf'] as const)(
    'finds a change to any member of a record of the format %s',
    async (format) => {
      const lines = await writeRun({ format })
      const line = lines[3] as string
      const unsealed = findPaths(JSON.parse(line)).filter(
        (path) => hashLine(line, format) === hashLine(changeAt(line, path), format),
      )
      expect(unsealed.map((path) => path.replaceAll(SEPARATOR, '.'))).toEqual(UNSEALED[format])
    },
  )
})

/** What shippers replace, move away or add to. The id and the hash are checked in another way. */
const UNSEALED = {
  audit: ['audit.id', 'audit.integrity.hash'],
  ecs: ['@timestamp', 'ecs.version', 'event.hash', 'event.id', 'related.user.0'],
  ocsf: ['attestation_list.0.fingerprint.value', 'metadata.uid'],
}

const SEPARATOR = '\t'

function findPaths(value: Parsed, path: readonly string[] = []): string[] {
  if (typeof value !== 'object' || value === null) return value === null ? [] : [path.join(SEPARATOR)]
  return Object.keys(value).flatMap((key) => findPaths(value[key], [...path, key]))
}

function changeAt(line: string, path: string): string {
  const parsed = JSON.parse(line)
  const keys = path.split(SEPARATOR)
  const parent = keys.slice(0, -1).reduce((object, key) => object[key], parsed)
  parent[keys.at(-1) as string] = 'changed'
  return JSON.stringify(parsed)
}
