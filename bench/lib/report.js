// Renders the results of run.js as Markdown tables and as a bar chart.
import { formatSummary, markdownTable } from './markdown-table.js'

const TITLES = { express: 'Express', koa: 'Koa' }

/** Everything: one Markdown table per framework with all destinations, and the conditions of the run. */
export function renderReport(run) {
  const destinations = [...new Set(run.results.map(({ destination }) => destination))]
  return `${renderTables(run, destinations)}\n\n${LEGEND}\n\n${renderConditions(run)}\n`
}

/** The tables of one destination, and the conditions of the run, for docs/performance.md. */
export function renderSummary(run, destination) {
  return `${renderTables(run, [destination])}\n\n${renderConditions(run)}\n`
}

const LEGEND = `- **by CPU**: CPU time per request of the bare app, divided by CPU time per request with the logger. 1.00 means no cost,
  0.50 means half the throughput.
- **by requests**: requests per second with the logger, divided by requests per second of the bare app.
- **added**: CPU time per request above the bare app.

Median (quartiles) of alternating time slices in one run. \`audited()\` and the floor with results are compared with a bare
app that responds with the same 1 KB.`

function renderTables({ versions, results }, destinations) {
  const frameworks = [...new Set(results.map(({ framework }) => framework))]
  return frameworks
    .map((framework) => {
      const ofFramework = results.filter((result) => result.framework === framework)
      const { bareMicros } = ofFramework.find(({ name }) => name === 'bare') ?? ofFramework[0]
      const head = `${TITLES[framework]} ${versions[framework]} (bare: ${bareMicros.median.toFixed(0)} µs CPU per request)`
      const names = [...new Set(ofFramework.map(({ name }) => name))]
      const rows = names.map((name) => ({
        [head]: name === 'bare' ? 'bare against itself' : name,
        ...renderCells(
          ofFramework.filter((result) => result.name === name),
          destinations,
        ),
      }))
      return markdownTable(rows)
    })
    .join('\n\n')
}

function renderCells(ofCandidate, destinations) {
  const cells = {}
  for (const to of destinations) {
    const found = ofCandidate.find(({ destination }) => destination === to)
    cells[`${to}: by CPU`] = found ? formatSummary(found.cpuRatio) : ''
    cells[`${to}: by requests`] = found ? formatSummary(found.ratio) : ''
    cells[`${to}: added`] = found ? `${found.addedMicros.median.toFixed(0)} µs` : ''
  }
  return cells
}

function renderConditions({ command, node, processor, at, versions }) {
  return `Peers: ${listPeers(versions)}.\n\n\`${command}\`, Node ${node}, ${processor}, ${at.slice(0, 10)}.`
}

function listPeers(versions) {
  return Object.entries(versions)
    .filter(([name]) => !TITLES[name])
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
}

const ROW = 22
const LABEL = 260
const WIDTH = 760

/** An SVG bar chart of the throughput relative to the bare app, by CPU, for the first destination. */
export function renderPlot({ results }) {
  const [{ destination }] = results
  const shown = results.filter((result) => result.destination === destination)
  const widest = Math.max(1, ...shown.map(({ cpuRatio }) => cpuRatio.high))
  const toWidth = (ratio) => Number(((ratio / widest) * (WIDTH - LABEL - 90)).toFixed(1))
  let y = 24
  const parts = [
    `<text x="10" y="16">Throughput relative to the bare app, by CPU (1.00 = no cost), and CPU added per request. Green: this package.</text>`,
  ]
  for (const framework of new Set(shown.map((result) => result.framework))) {
    y += 20
    parts.push(`<text x="10" y="${y}" class="title">${TITLES[framework]}, stdout to a ${destination}</text>`)
    y += 8
    for (const result of shown.filter((one) => one.framework === framework)) {
      parts.push(...renderBar(result, y, toWidth))
      y += ROW
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 12}" font-family="sans-serif" font-size="12">
<title>Throughput relative to the bare app, by the CPU time that a request costs</title>
<style>.title{font-weight:bold}.bare{fill:#bbb}.ours{fill:#2a7}.peer{fill:#69c}.spread{stroke:#222;stroke-width:1.5}.free{stroke:#222;stroke-dasharray:2 3}</style>
<rect width="100%" height="100%" fill="#fff"/>
${parts.join('\n')}
<path d="M${LABEL + toWidth(1)} 28V${y + 6}" class="free"/>
</svg>
`
}

function renderBar({ name, isOurs, cpuRatio, addedMicros }, y, toWidth) {
  const { median, low, high } = cpuRatio
  const kind = name === 'bare' ? 'bare' : isOurs ? 'ours' : 'peer'
  const middle = y + ROW / 2
  return [
    `<text x="${LABEL - 8}" y="${middle + 4}" text-anchor="end">${escapeXml(name)}</text>`,
    `<rect x="${LABEL}" y="${y + 3}" width="${toWidth(median)}" height="${ROW - 6}" class="${kind}"/>`,
    `<path d="M${LABEL + toWidth(low)} ${middle}H${LABEL + toWidth(high)}" class="spread"/>`,
    `<text x="${LABEL + toWidth(Math.max(median, high)) + 6}" y="${middle + 4}">${median.toFixed(2)}, ${addedMicros.median.toFixed(0)} µs</text>`,
  ]
}

function escapeXml(text) {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
}
