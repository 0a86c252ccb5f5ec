// Writes the results of a complete run into the documents, between the markers `<!-- name -->` and `<!-- /name -->`.
import { fileURLToPath } from 'node:url'
import { majorOf } from './node-binaries.js'
import { listColumns, nodesOf, renderNode, renderPeers, rowOf, TITLES } from './report.js'
import { PERFORMANCE, replaceBlock } from './save-run.js'

const README = fileURLToPath(new URL('../../README.md', import.meta.url))
const IN_README = {
  'http-audit-log': 'this package',
  'pino-http, koa-pino-logger': 'pino',
  'pino-http, koa-pino-logger, one write per line': 'pino, one write per line',
  'pino-http, koa-pino-logger, same content': 'pino, same content',
}
/** Whose lines docs/performance.md shows, on Express. */
const WITH_LINE = ['http-audit-log', 'pino-http, same content', 'pino-http']

/** The tables of Node versions that were not measured stay as they are. */
export function updateDocuments(run) {
  const nodes = nodesOf(run)
  for (const node of nodes) replaceBlock(PERFORMANCE, `bench: Node ${majorOf(node)}`, renderNode(run, node))
  replaceBlock(PERFORMANCE, 'bench: peers', renderPeers(run))
  replaceBlock(PERFORMANCE, 'bench: lines', renderLines(run))
  const current = nodes.filter((node) => majorOf(node) >= 24)
  if (current.length > 0) replaceBlock(README, 'bench', renderForReadme(run, current))
}

function renderLines({ results }) {
  const lines = WITH_LINE.map((name) => {
    const { line } = results.find((one) => one.name === name && one.framework === 'express' && one.line)
    return `${name}:\n\n\`\`\`json\n${line}\n\`\`\``
  })
  return lines.join('\n\n')
}

/** Ratios only, in few characters, because README.md has a limit. */
function renderForReadme({ results }, nodes) {
  const columns = listColumns(results)
  const head = columns.map(({ framework, destination }) => `${TITLES[framework]}, ${destination}`)
  const rows = Object.entries(IN_README).map(([row, label]) => [
    label,
    ...columns.map(({ framework, destination }) => {
      const found = results.filter(
        (one) => one.framework === framework && one.destination === destination && rowOf(one.name) === row,
      )
      return nodes
        .map((node) => found.find((one) => one.node === node)?.ratio.median.toFixed(2) ?? '-')
        .join(', ')
    }),
  ])
  const versions = `Node ${nodes.map(majorOf).join(', ')}`
  return [[versions, ...head], head.map(() => '---').concat('---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')
}
