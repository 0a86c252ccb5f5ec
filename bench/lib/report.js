// Renders the results of run.js as Markdown tables.
import { CANDIDATES } from '../candidates.js'
import { markdownTable } from './markdown-table.js'
import { majorOf, sortForDisplay } from './node-binaries.js'
import { renderOrigin } from './save-run.js'

export const TITLES = { express: 'Express', koa: 'Koa' }

/** Everything: one table per Node version, and the conditions of the run. */
export function renderReport(run) {
  const sections = nodesOf(run).map((node) => `## Node ${majorOf(node)}\n\n${renderNode(run, node)}`)
  return `${sections.join('\n\n')}\n\n${LEGEND}\n\n${renderPeers(run)}\n`
}

const LEGEND = `Each cell has the requests per second relative to the bare app, with half of the distance between the quartiles, and the CPU time
per request above the bare app. **bytes**: what a request writes, on Express and on Koa. \`audited()\` is compared with a bare
app that responds with the same 1 KB.`

export function nodesOf({ results }) {
  return sortForDisplay(new Set(results.map(({ node }) => node)))
}

/** The table of one Node version, and the conditions it was measured under. */
export function renderNode(run, node) {
  const results = run.results.filter((result) => result.node === node)
  const names = [...new Set(results.map(({ name }) => rowOf(name)))]
  const columns = listColumns(results)
  const rows = names.map((name) => {
    const ofRow = results.filter((result) => rowOf(result.name) === name)
    const cells = columns.map(({ framework, destination }) => [
      `${TITLES[framework]}, ${destination}`,
      renderCell(ofRow.find((one) => one.framework === framework && one.destination === destination)),
    ])
    return {
      [`Node ${node}`]: name === 'bare' ? 'bare against itself' : name,
      bytes: renderBytes(ofRow),
      ...Object.fromEntries(cells),
    }
  })
  return `${markdownTable(rows)}\n\n${renderConditions(run, results)}`
}

export function rowOf(name) {
  return CANDIDATES[name]?.row ?? name
}

export function listColumns(results) {
  const columns = new Map(
    results.map(({ framework, destination }) => [`${framework} ${destination}`, { framework, destination }]),
  )
  return [...columns.values()]
}

function renderCell(result) {
  if (result === undefined) return ''
  const { ratio, addedMicros } = result
  return `${ratio.median.toFixed(2)} ±${((ratio.high - ratio.low) / 2).toFixed(2)}, ${addedMicros.median.toFixed(0)} µs`
}

function renderBytes(ofRow) {
  const sizes = Object.keys(TITLES)
    .map((framework) => ofRow.find((one) => one.framework === framework && one.bytes)?.bytes)
    .filter((bytes) => bytes !== undefined)
  return [...new Set(sizes)].join(' / ')
}

function renderConditions({ clientNode, versions, settings, ...run }, results) {
  const bare = listColumns(results).map(({ framework, destination }) => {
    const { bareMicros, bareBusy } = results.find(
      (one) => one.framework === framework && one.destination === destination,
    )
    const busy = `${Math.round(bareBusy.median * 100)} %`
    return `${TITLES[framework]} ${versions[framework]}, ${destination}: ${bareMicros.median.toFixed(0)} µs, ${busy}`
  })
  const pinned = settings.isPinned ? 'each on a processor of its own' : 'not pinned'
  return `CPU time of a bare request, and share of a processor that the bare app used: ${bare.join('; ')}.
Servers and client (Node ${clientNode}) ${pinned}, ${settings.connections} connections, ${settings.rounds} rounds of ${settings.sliceMs} ms.
${renderOrigin(run)}`
}

export function renderPeers({ versions }) {
  const peers = Object.entries(versions).filter(([name]) => !TITLES[name])
  return `Peers: ${peers.map(([name, version]) => `${name} ${version}`).join(', ')}.`
}
