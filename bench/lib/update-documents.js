// Writes the results of a complete run into the documents, between the markers `<!-- name -->` and `<!-- /name -->`.
import { fileURLToPath } from 'node:url'
import { majorOf } from './node-binaries.js'
import { nodesOf, renderNode, renderPeers } from './report.js'
import { replaceBlock } from './save-run.js'

const PERFORMANCE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url))
/** Whose lines docs/performance.md shows, on Express. */
const WITH_LINE = ['http-audit-log', 'pino-http, same content', 'pino-http']

/** The tables of Node versions that were not measured stay as they are. */
export function updateDocuments(run) {
  const nodes = nodesOf(run)
  for (const node of nodes) replaceBlock(PERFORMANCE, `bench: Node ${majorOf(node)}`, renderNode(run, node))
  replaceBlock(PERFORMANCE, 'bench: peers', renderPeers(run))
  replaceBlock(PERFORMANCE, 'bench: lines', renderLines(run))
}

function renderLines({ results }) {
  const lines = WITH_LINE.map((name) => {
    const { line } = results.find((one) => one.name === name && one.framework === 'express' && one.line)
    return `${name}:\n\n\`\`\`json\n${line}\n\`\`\``
  })
  return lines.join('\n\n')
}
