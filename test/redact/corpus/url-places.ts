import { lineOf } from '../redacted-parts.js'

const enc = encodeURIComponent

/** The places of a record in which a URL may stand, each with a function that returns the line of such a record. */
export function everyPlaceOf(url: string): [place: string, line: () => string][] {
  const inHeader = (name: string, value: string) => () => lineOf('headers', { [name]: value })
  const inText = (text: string) => () => lineOf('results', { note: text })
  const quoted = JSON.stringify(url)
  return [
    ['alone', () => lineOf('url', url)],
    ['as a value', inText(url)],
    ['as a key', () => lineOf('kwargs', { [url]: 1 })],
    ['in a sentence', inText(`Sent to ${url}, which failed.`)],
    ['at the end of a sentence', inText(`It failed at ${url}.`)],
    ['in an error', () => lineOf('results', new Error(`GET ${url} failed: 400`))],
    ['in parentheses', inText(`It failed (${url})!`)],
    ['in angle brackets', inText(`Sent to <${url}>.`)],
    ['in double quotes', inText(`fetch("${url}", {})`)],
    ['in single quotes', inText(`fetch('${url}', {})`)],
    ['in Markdown', inText(`a [link](${url}) and more`)],
    ['in HTML', inText(`<p><a class="a" href="${url.replaceAll('&', '&amp;')}">x</a></p>`)],
    ['in JSON', inText(`{"note":${quoted},"a":1}`)],
    ['in JSON within a text', inText(`body was {"note":${quoted},"a":1} and more`)],
    ['in JSON with escaped slashes', inText(`body was {"note":${quoted.replaceAll('/', '\\/')}}`)],
    ['in JSON with escaped ampersands', inText(`body was {"note":${quoted.replaceAll('&', '\\u0026')}}`)],
    ['in a list', inText(`https://example.org/a,${url}`)],
    ['on a line of its own', inText(`first\n${url}\nlast`)],
    ['in Location', inHeader('location', url)],
    ['in Content-Location', inHeader('content-location', url)],
    ['in Link', inHeader('link', `<${url}>; rel="next", <https://example.org/>; rel="last"`)],
    ['second in Link', inHeader('link', `<https://example.org/>; rel="last", <${url}>; rel="next"`)],
    ['in Refresh', inHeader('refresh', `5; url=${url}`)],
    ['in quotes in Refresh', inHeader('refresh', `5;URL='${url}'`)],
    ['in a policy', inHeader('content-security-policy', `default-src 'self'; report-uri ${url}`)],
    ['in Reporting-Endpoints', inHeader('reporting-endpoints', `default="${url}"`)],
    ['in a header of the application', inHeader('x-upstream', url)],
    ['in a query', () => lineOf('url', `/login?a=1&next=${enc(url)}`)],
    ['in a query, not escaped', () => lineOf('url', `/login?next=${url}`)],
    ['in a query of a query', () => lineOf('url', `/a?x=${enc(`/login?next=${enc(url)}&b=2`)}`)],
    ['in a query, escaped twice', () => lineOf('url', `/a?x=${enc(enc(url))}`)],
    ['in JSON of a query', () => lineOf('url', `/a?x=${enc(JSON.stringify({ next: url }))}`)],
    ['in a text of a query', () => lineOf('url', `/a?x=${enc(`see ${url} there`)}`)],
    ['in a query in a sentence', inText(`Sent to https://example.org/?next=${enc(url)}.`)],
    ['in a query in Location', inHeader('location', `/login?next=${enc(url)}`)],
    ['in a path', () => lineOf('url', `/proxy/${enc(url)}/x`)],
    ['in a fragment', () => lineOf('url', `/a#next=${enc(url)}`)],
  ]
}
