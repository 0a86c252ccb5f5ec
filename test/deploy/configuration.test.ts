// The configuration files in deploy/ parse, have the documented settings, and contain no secret and no private address.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { fieldsOf } from './elasticsearch-model.js'
import { DEPLOY, readJson, readTemplate, readText } from './templates.js'

const FILES = readdirSync(DEPLOY, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(DEPLOY.length + 1))
  .sort()
const YAML_FILES = FILES.filter((name) => /\.ya?ml$/.test(name))
/** Image names without a registry host, which are from Docker Hub. */
const IMAGES = ['elasticsearch', 'logstash', 'kibana', 'elastic/filebeat', 'node', 'app']

const PASSWORD = 'not "simple" \\ $HOME'
const AUTHORIZATION = `Basic ${Buffer.from(`elastic:${PASSWORD}`).toString('base64')}`

test('the folder has the listed files', () => {
  expect(FILES).toEqual([
    'README.md',
    'compose.yaml',
    'elasticsearch/index-template-audit.json',
    'elasticsearch/index-template-datapunt.json',
    'elasticsearch/index-template-ecs.json',
    'elasticsearch/install.sh',
    'elasticsearch/lifecycle-policy.json',
    'filebeat.yml',
    'fluent-bit.yaml',
    'kubernetes/app.yaml',
    'kubernetes/filebeat.yaml',
    'logstash.conf',
    'logstash.yml',
    'opentelemetry-collector.yaml',
    'vector.yaml',
  ])
})

describe.each(FILES)('%s', (name) => {
  const text = readText(name)

  test('links the documentation of its settings', () => {
    expect(text).toMatch(name.endsWith('.json') ? /"settings_from": \[\s*"https:/ : /https:\/\//)
    if (!/\.(?:json|md|sh)$/.test(name)) expect(text).toMatch(/^# Settings from:\n#\s+https:\/\//m)
  })

  test('contains no password, no private address and no registry host', () => {
    for (const [, value = ''] of text.matchAll(
      /^\s*[\w.]*(?:passw|api_key|secret)\w*"?\s*(?::|=>)\s*(.+)$/gim,
    )) {
      expect(value).toMatch(/^"?\$\{/)
    }
    expect(text).not.toMatch(/\b(?:10\.\d+\.\d+\.\d+|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/)
    for (const [, image = ''] of text.matchAll(/^\s*image: (\S+)$/gm)) {
      expect(IMAGES).toContain(image.split(':')[0])
    }
  })
})

test.each(YAML_FILES)('%s is valid YAML', (name) => {
  expect(parseYaml(readText(name)).length).toBeGreaterThan(0)
})

describe('filebeat.yml', () => {
  const [filebeat] = parseYaml(readText('filebeat.yml'))
  const [containers, files] = filebeat['filebeat.inputs']
  const ndjson = {
    target: '',
    document_id: expect.stringMatching(/^\$\{AUDIT_ID_FIELD:audit\.id\}$/),
    add_error_key: true,
    ignore_decoding_error: true,
    overwrite_keys: true,
    expand_keys: false,
  }

  test('reads containers, and joins split lines before it parses them', () => {
    expect(containers).toMatchObject({ type: 'filestream', 'prospector.scanner.symlinks': true })
    expect(containers.parsers).toEqual([{ container: { stream: 'stdout', format: 'auto' } }, { ndjson }])
  })

  test('reads files as JSON', () => {
    expect(files.type).toBe('filestream')
    expect(files.parsers).toEqual([{ ndjson }])
  })

  test('has a unique id for each input, and one output', () => {
    expect(new Set([containers.id, files.id]).size).toBe(2)
    expect(Object.keys(filebeat).filter((key) => key.startsWith('output.'))).toEqual(['output.logstash'])
  })

  test('sets a different _id for further lines with the same id', () => {
    const conditions = filebeat.processors.flatMap((each: Yaml) => each.fingerprint?.when.or ?? [])
    const conditionsFor = (name: string) =>
      ['received', 'started', 'corrected'].map((stage) => ({ equals: { [name]: stage } }))
    expect(conditions).toEqual([...conditionsFor('audit.stage'), ...conditionsFor('Audit.stage')])
  })

  test('parses the time of the record', () => {
    const { timestamp } = filebeat.processors.find((each: Yaml) => each.timestamp)
    expect(timestamp).toMatchObject({ field: 'audit.time', layouts: ['2006-01-02T15:04:05.999Z'] })
    expect(timestamp.test[0]).toBe(new Date(timestamp.test[0]).toISOString())
  })

  test('has the same settings as kubernetes/filebeat.yaml', () => {
    const manifests = parseYaml(readText('kubernetes/filebeat.yaml'))
    const map = manifests.find(({ kind }) => kind === 'ConfigMap')
    const [embedded] = parseYaml(map.data['filebeat.yml'])
    const [{ config }] = embedded['filebeat.autodiscover'].providers[0].templates
    const { id, paths, enabled, ...shared } = containers
    expect(config[0]).toMatchObject(shared)
    expect(embedded.processors).toEqual(filebeat.processors)
    // Each container has its own input with its own files.
    expect(config[0].id).toMatch(/\$\{data\.kubernetes\.container\.id\}/)
    expect(config[0].paths[0]).toMatch(/\$\{data\.kubernetes\.container\.id\}/)
    expect(manifests.map(({ kind }) => kind)).toContain('DaemonSet')
  })
})

describe('Logstash', () => {
  const text = readText('logstash.conf')
  const [settings] = parseYaml(readText('logstash.yml'))

  test('enables the dead-letter queue and the persistent queue', () => {
    expect(settings).toMatchObject({ 'dead_letter_queue.enable': true, 'queue.type': 'persisted' })
  })

  test('has balanced brackets', () => {
    const code = text.replace(/^\s*#.*$/gm, '').replace(/"(?:[^"\\]|\\.)*"/g, '""')
    const open: string[] = []
    for (const [bracket] of code.matchAll(/[{}[\]]/g)) {
      if (bracket === '{' || bracket === '[') open.push(bracket)
      else expect(open.pop()).toBe(bracket === '}' ? '{' : '[')
    }
    expect(open).toEqual([])
    expect(code.match(/^\w+(?= \{)/gm)).toEqual(['input', 'filter', 'output'])
  })

  test('sends each format to the data stream of its template, and other lines to another one', () => {
    const datasets = [...text.matchAll(/"\[data_stream\]\[dataset\]" => "([^"]+)"/g)].map(([, name]) => name)
    expect(datasets).toEqual(['http_audit', 'http_audit_datapunt', 'http_audit_ecs', 'app.stdout'])
    for (const format of ['audit', 'datapunt', 'ecs']) {
      const [pattern = ''] = readTemplate(format).index_patterns
      expect(datasets).toContain(pattern.split('-')[1])
    }
  })

  test('prevents log lines from choosing their data stream', () => {
    expect(text.indexOf('remove_field => ["data_stream"]')).toBeLessThan(
      text.indexOf('[data_stream][dataset]'),
    )
  })

  test('sets document_id only if there is an id, because an unresolved reference would be the same id for all documents', () => {
    const [, withId = '', without = ''] =
      text.match(/if \[@metadata\]\[document\] \{([\s\S]*)\} else \{([\s\S]*)$/) ?? []
    expect(withId).toContain('document_id => "%{[@metadata][document]}"')
    expect(without).toContain('elasticsearch {')
    expect(without).not.toContain('document_id')
  })
})

describe('compose.yaml', () => {
  const [{ services, volumes }] = parseYaml(readText('compose.yaml'))

  test('has the application and every part of the stack', () => {
    expect(Object.keys(services).sort()).toEqual(
      ['app', 'elasticsearch', 'filebeat', 'kibana', 'logstash', 'setup'].sort(),
    )
  })

  test('mounts existing files and declared volumes', () => {
    for (const mount of Object.values<Yaml>(services).flatMap((service) => service.volumes ?? [])) {
      const [source] = mount.split(/:(?=\/)/)
      if (source.startsWith('./'))
        expect([source, existsSync(resolve(DEPLOY, source))]).toEqual([source, true])
      else if (!/^[/$]/.test(source)) expect(Object.keys(volumes)).toContain(source)
    }
  })

  test('publishes ports only on 127.0.0.1', () => {
    const ports = Object.values<Yaml>(services).flatMap((service) => service.ports ?? [])
    expect(ports.length).toBeGreaterThan(0)
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/)
  })

  test('uses the json-file driver, which Filebeat reads, only for the application', () => {
    for (const [name, { logging }] of Object.entries<Yaml>(services)) {
      expect([name, logging.driver]).toEqual([name, name === 'app' ? 'json-file' : 'local'])
    }
    expect(services.app.logging.options.mode).toBe('blocking')
  })
})

describe('the alternatives to Filebeat and Logstash store a record once, in the same data stream', () => {
  const stream = 'logs-http_audit-default'

  test('OpenTelemetry Collector', () => {
    const [collector] = parseYaml(readText('opentelemetry-collector.yaml'))
    const { elasticsearch } = collector.exporters
    expect(elasticsearch).toMatchObject({
      logs_index: stream,
      mapping: { mode: 'bodymap' },
      logs_dynamic_id: { enabled: true },
    })
    const operators = collector.receivers.filelog.operators.map((each: Yaml) => each.type)
    expect(operators).toEqual(['container', 'filter', 'json_parser'])
    const pipeline = collector.service.pipelines.logs
    expect(pipeline).toEqual({
      receivers: ['filelog'],
      processors: ['transform'],
      exporters: ['elasticsearch'],
    })
    const ids = readText('opentelemetry-collector.yaml').match(/elasticsearch\.document_id"\], .*/g)
    expect(ids).toEqual([
      'elasticsearch.document_id"], log.body["audit"]["id"])',
      'elasticsearch.document_id"], Concat([log.body["audit"]["id"], log.body["audit"]["stage"]], "-"))',
    ])
  })

  test('Fluent Bit', () => {
    const [{ pipeline, parsers }] = parseYaml(readText('fluent-bit.yaml'))
    const [completed, further] = pipeline.outputs
    expect(completed).toMatchObject({ index: stream, write_operation: 'create', id_key: "$audit['id']" })
    expect(pipeline.filters.map((each: Yaml) => each.name)).toEqual(['grep', 'parser', 'rewrite_tag'])
    // The two outputs differ only in the id.
    const { id_key, match, ...shared } = completed
    expect(further).toMatchObject({ ...shared, match: 'further.*', generate_id: 'on' })
    expect(pipeline.filters[2].rule).toBe("$audit['stage'] ^(received|started|corrected)$ further.$TAG false")
    expect(parsers.map((each: Yaml) => each.name)).toContain(pipeline.filters[1].parser)
    expect(new RegExp(pipeline.filters[0].regex.slice('log '.length)).test('{"audit":{"http_request"')).toBe(
      true,
    )
  })

  test('Vector', () => {
    const [{ sources, transforms, sinks }] = parseYaml(readText('vector.yaml'))
    expect(sinks.elasticsearch).toMatchObject({
      inputs: ['audit'],
      bulk: { action: 'create', index: stream },
      id_key: 'document_id',
    })
    expect(transforms.audit.inputs).toEqual(Object.keys(sources))
    expect(transforms.audit.source).toContain('includes(["received", "started", "corrected"], audit.stage)')
  })
})

describe('install.sh', () => {
  test('installs the policy first, then every template', async () => {
    const requests = await requestsOf([resolve(DEPLOY, 'elasticsearch/install.sh')])
    expect(requests).toEqual([
      ['PUT /_ilm/policy/http-audit-log', readJson('elasticsearch/lifecycle-policy.json'), AUTHORIZATION],
      ['PUT /_index_template/http-audit-log', readTemplate('audit'), AUTHORIZATION],
      ['PUT /_index_template/http-audit-log-datapunt', readTemplate('datapunt'), AUTHORIZATION],
      ['PUT /_index_template/http-audit-log-ecs', readTemplate('ecs'), AUTHORIZATION],
    ])
  })
})

describe('the service setup of compose.yaml', () => {
  test('sets the password of Kibana', async () => {
    const [{ services }] = parseYaml(readText('compose.yaml'))
    const folder = await mkdtemp(join(tmpdir(), 'http-audit-log-'))
    const script = services.setup.command[0]
      .replaceAll('$$', '$')
      .replaceAll('/tmp/curl', join(folder, 'curl'))
      .replace('sh /install/install.sh', '')
    const [request] = await requestsOf(['-euc', script], { KIBANA_PASSWORD: 'also "not" simple \\' })
    await rm(folder, { recursive: true })
    expect(request).toEqual([
      'POST /_security/user/kibana_system/_password',
      { password: 'also "not" simple \\' },
      AUTHORIZATION,
    ])
  })
})

describe('the dashboard in README.md', () => {
  test('uses existing fields', () => {
    const { mappings } = readTemplate('audit').template
    const fields = [...fieldsOf(mappings), ...Object.keys(mappings.runtime ?? {}), 'audit.message.keyword']
    const named = [...readText('README.md').matchAll(/`((?:audit\.|@timestamp)[\w.]*)\b/g)].map(
      ([, name = '']) => name,
    )
    expect(named.length).toBeGreaterThan(8)
    for (const name of named)
      expect(fields.some((field) => name === field || name.startsWith(`${field}.`))).toBe(true)
  })
})

/** Runs a script and returns its requests to Elasticsearch: method and path, body, Authorization header. */
async function requestsOf(
  shell: string[],
  env: object = {},
): Promise<[string, unknown, string | undefined][]> {
  const requests: [string, unknown, string | undefined][] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    requests.push([`${request.method} ${request.url}`, JSON.parse(body), request.headers.authorization])
    response.end('{"acknowledged":true}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    await promisify(execFile)('sh', shell, {
      env: {
        PATH: process.env.PATH,
        ELASTICSEARCH_URL: `http://127.0.0.1:${port}`,
        ELASTICSEARCH_USER: 'elastic',
        ELASTICSEARCH_PASSWORD: PASSWORD,
        ...env,
      },
    })
  } finally {
    server.close()
  }
  return requests
}

// biome-ignore lint/suspicious/noExplicitAny: the tests know the content of the files.
type Yaml = any

function parseYaml(text: string): Yaml[] {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    expect([...document.errors, ...document.warnings]).toEqual([])
    return document.toJS()
  })
}
