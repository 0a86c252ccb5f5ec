// Vendor key formats under innocent names, and URLs that are capabilities. All made up. The secret to look for is the random
// part, so a redactor may keep a prefix. Formats: the vendors' documentation and the published rule list of gitleaks (facts).
import {
  ALNUM,
  BASE32,
  type CaseFields,
  createCorpus,
  createRandom,
  DIGITS,
  HEX,
  LOWER,
  UPPER,
} from './blind-case.js'

const r = createRandom(18001)
const { cases, add } = createCorpus()
export const VENDOR_AND_CAPABILITY = cases

/** Fixed text, or the length and the alphabet of a random part; 0 if that part is no secret. */
type Piece = string | readonly [length: number, alphabet: string, isSecret?: 0]
type Format = readonly [vendor: string, isCommon: 0 | 1, ...pieces: Piece[]]

const formats: readonly Format[] = [
  ['github-pat', 1, 'gh', 'p_', [36, ALNUM]],
  ['github-oauth', 1, 'gh', 'o_', [36, ALNUM]],
  ['github-user-to-server', 1, 'gh', 'u_', [36, ALNUM]],
  ['github-server-to-server', 1, 'gh', 's_', [36, ALNUM]],
  ['github-refresh', 1, 'gh', 'r_', [36, ALNUM]],
  ['github-fine-grained', 1, 'github', '_pat_', [22, ALNUM], '_', [59, ALNUM]],
  ['gitlab-pat', 1, 'gl', 'pat-', [20, ALNUM]],
  ['gitlab-pat-routable', 1, 'gl', 'pat-', [27, ALNUM], '.01.', [9, LOWER]],
  ['stripe-live', 1, 'sk', '_live_', [24, ALNUM]],
  ['stripe-live-long', 1, 'sk', '_live_51', [99, ALNUM]],
  ['stripe-test', 0, 'sk', '_test_', [24, ALNUM]],
  ['stripe-restricted', 0, 'rk', '_live_', [24, ALNUM]],
  ['stripe-webhook', 0, 'wh', 'sec_', [32, ALNUM]],
  ['aws-access-key', 1, 'AK', 'IA', [16, BASE32]],
  ['aws-temporary-key', 1, 'AS', 'IA', [16, BASE32]],
  ['aws-bedrock', 0, 'AB', 'SK', [120, ALNUM]],
  ['slack-bot', 1, 'xo', 'xb-', [12, DIGITS], '-', [12, DIGITS], '-', [24, ALNUM]],
  ['slack-user', 1, 'xo', 'xp-', [12, DIGITS], '-', [12, DIGITS], '-', [12, DIGITS], '-', [32, HEX]],
  ['slack-app', 0, 'xa', 'pp-1-A', [10, UPPER], '-', [13, DIGITS], '-', [64, HEX]],
  ['slack-refresh', 0, 'xo', 'xe-1-', [146, ALNUM]],
  ['slack-rotating', 0, 'xo', 'xe.xo', 'xp-1-', [164, UPPER]],
  ['sendgrid', 1, 'S', 'G.', [22, ALNUM], '.', [43, ALNUM]],
  ['google-api', 1, 'AI', 'za', [35, ALNUM]],
  ['google-oauth', 1, 'ya', '29.', [120, ALNUM]],
  ['google-oauth-a0', 1, 'ya', '29.a0', [160, ALNUM]],
  ['google-client-secret', 0, 'GO', 'CSPX-', [28, ALNUM]],
  ['google-refresh', 0, '1/', '/0', [90, ALNUM]],
  ['anthropic', 1, 'sk', '-ant-api03-', [93, ALNUM], 'AA'],
  ['anthropic-admin', 1, 'sk', '-ant-admin01-', [93, ALNUM], 'AA'],
  ['anthropic-oauth', 1, 'sk', '-ant-oat01-', [93, ALNUM], 'AA'],
  ['openai-project', 1, 'sk', '-proj-', [74, ALNUM], 'T3Blbk', 'FJ', [74, ALNUM]],
  ['openai-service', 0, 'sk', '-svcacct-', [74, ALNUM], 'T3Blbk', 'FJ', [74, ALNUM]],
  ['openai-legacy', 0, 'sk', '-', [20, ALNUM], 'T3Blbk', 'FJ', [20, ALNUM]],
  ['openrouter', 0, 'sk', '-or-v1-', [64, HEX]],
  ['npm', 1, 'np', 'm_', [36, ALNUM]],
  ['pypi', 1, 'py', 'pi-AgEIcHlwaS5vcmc', [120, ALNUM]],
  ['vault-service', 1, 'hv', 's.', [95, ALNUM]],
  ['vault-batch', 0, 'hv', 'b.', [150, ALNUM]],
  ['huggingface', 1, 'h', 'f_', [34, ALNUM]],
  ['groq', 0, 'gs', 'k_', [52, ALNUM]],
  ['perplexity', 0, 'pp', 'lx-', [48, ALNUM]],
  ['xai', 0, 'xa', 'i-', [80, ALNUM]],
  ['replicate', 0, 'r', '8_', [37, ALNUM]],
  ['digitalocean', 0, 'do', 'p_v1_', [64, HEX]],
  ['digitalocean-oauth', 0, 'do', 'o_v1_', [64, HEX]],
  ['shopify-access', 0, 'sh', 'pat_', [32, HEX]],
  ['shopify-shared', 0, 'sh', 'pss_', [32, HEX]],
  ['square', 0, 'sq', '0atp-', [22, ALNUM]],
  ['square-secret', 0, 'sq', '0csp-', [43, ALNUM]],
  ['twilio-api-key', 0, 'S', 'K', [32, HEX]],
  ['mailgun', 0, 'ke', 'y-', [32, HEX]],
  ['mailchimp', 0, '', [32, HEX], '-us', '14'],
  ['brevo', 0, 'xk', 'eysib-', [64, HEX], '-', [16, ALNUM]],
  ['postman', 0, 'PM', 'AK-', [24, HEX], '-', [34, HEX]],
  ['databricks', 0, 'da', 'pi', [32, HEX]],
  ['doppler', 0, 'dp', '.pt.', [43, ALNUM]],
  ['dynatrace', 0, 'dt', '0c01.', [24, UPPER], '.', [64, UPPER]],
  ['grafana-service', 0, 'gl', 'sa_', [32, ALNUM], '_', [8, HEX]],
  ['grafana-cloud', 0, 'gl', 'c_', [60, ALNUM]],
  ['linear', 0, 'li', 'n_api_', [40, ALNUM]],
  ['notion', 0, 'nt', 'n_', [11, DIGITS], '', [35, ALNUM]],
  ['figma', 0, 'fi', 'gd_', [40, ALNUM]],
  ['airtable', 0, 'pa', 't', [14, ALNUM], '.', [64, HEX]],
  ['atlassian', 0, 'ATA', 'TT3', [186, ALNUM]],
  ['bitbucket-app', 0, 'ATB', 'B', [32, ALNUM]],
  ['planetscale', 0, 'pscale', '_tkn_', [43, ALNUM]],
  ['planetscale-password', 0, 'pscale', '_pw_', [43, ALNUM]],
  ['supabase-secret', 0, 'sb', '_secret_', [31, ALNUM]],
  ['supabase-access', 0, 'sb', 'p_', [40, HEX]],
  ['rubygems', 0, 'rubygems', '_', [48, HEX]],
  ['pulumi', 0, 'pu', 'l-', [40, HEX]],
  ['terraform-cloud', 0, '', [14, ALNUM], '.atlas', 'v1.', [67, ALNUM]],
  ['newrelic-user', 0, 'NR', 'AK-', [27, UPPER]],
  ['sentry-user', 0, 'sn', 'tryu_', [64, HEX]],
  ['sentry-org', 0, 'sn', 'trys_eyJpYXQiO', [120, ALNUM], '_', [43, ALNUM]],
  ['heroku', 0, 'HR', 'KU-AA', [58, ALNUM]],
  ['flyio', 0, 'fo', '1_', [43, ALNUM]],
  ['docker', 0, 'dc', 'kr_pat_', [27, ALNUM]],
  ['azure-client-secret', 0, '', [3, ALNUM], '8Q', '~', [34, ALNUM]],
  ['azure-devops-like-entra', 0, '', [3, ALNUM], '7Q', '~', [31, ALNUM]],
  ['telegram-bot', 0, '', [10, DIGITS], ':AA', [33, ALNUM]],
  ['discord-bot', 0, 'MT', [24, ALNUM], '.G', [5, ALNUM], '.', [38, ALNUM]],
  ['facebook-page', 0, 'EA', 'AM', [150, ALNUM]],
  ['facebook-app', 0, '', [16, DIGITS], '|', [27, ALNUM]],
  ['alibaba', 0, 'LT', 'AI', [20, ALNUM]],
  ['tencent', 0, 'AK', 'ID', [32, ALNUM]],
  ['yandex', 0, 'AQ', 'VN', [36, ALNUM]],
  ['age', 0, 'AGE-SECRET', '-KEY-1', [58, 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L']],
  ['1password', 0, 'op', 's_eyJ', [260, ALNUM]],
  ['openshift', 0, 'sha', '256~', [43, ALNUM]],
  ['artifactory', 0, 'AK', 'Cp', [69, ALNUM]],
  ['octopus', 0, 'AP', 'I-', [26, UPPER]],
  ['easypost', 0, 'EZ', 'AK', [54, ALNUM]],
  ['shippo', 0, 'shippo', '_live_', [40, HEX]],
  ['typeform', 0, 'tf', 'p_', [59, ALNUM]],
  ['sonarqube', 0, 'sq', 'u_', [40, HEX]],
  ['sourcegraph', 0, 'sg', 'p_', [40, HEX]],
  ['circleci', 0, 'CC', 'IPAT_', [22, ALNUM], '_', [40, HEX]],
  ['buildkite', 0, 'bk', 'ua_', [40, HEX]],
  ['posthog', 0, 'ph', 'x_', [43, ALNUM]],
  ['paypal-braintree', 0, 'access', '_token$production$', [16, LOWER], '$', [32, HEX]],
  ['plaid', 0, 'access', '-production-', [8, HEX], '-', [12, HEX]],
  ['mollie', 0, 'li', 've_', [30, ALNUM]],
  ['tailscale', 0, 'ts', 'key-auth-k', [11, ALNUM], '-', [32, ALNUM]],
  ['netlify', 0, 'nf', 'p_', [36, ALNUM]],
  ['cloudflare-origin', 0, 'v1', '.0-', [24, HEX], '-', [146, HEX]],
  ['resend', 0, 're', '_', [8, ALNUM], '_', [24, ALNUM]],
  ['clickhouse', 0, '4b', '1d', [38, ALNUM]],
]
function build([id, isCommon, ...pieces]: Format) {
  const secrets: string[] = []
  let key = ''
  for (const p of pieces) {
    if (typeof p === 'string') key += p
    else {
      let s = r.chars(p[0], p[1])
      // random text of only one class would look like a word: at least one letter and digit where the alphabet has both
      if (p[1] !== DIGITS && p[1] !== HEX && p[0] > 8)
        s = `${s.slice(0, -2)}${r.pick([...p[1]].filter((c) => /[A-Za-z]/.test(c)))}${r.pick([...p[1]].filter((c) => /\d/.test(c)))}`
      key += s
      if (p[0] >= 16) secrets.push(s)
    }
  }
  if (secrets.length === 0) secrets.push(key.slice(-16))
  return { id, tier: isCommon ? 'common' : 'other', key, secrets }
}
const names = [
  'q',
  'id',
  'ref',
  'note',
  'input',
  'text',
  'item',
  'comment',
  'arg',
  'search',
  'filter',
  'v',
  'label',
  'description',
  'content',
  'title',
  'name',
  'query',
  'tag',
  'remark',
]
const enc = encodeURIComponent
const places: Record<string, (key: string, name: string) => CaseFields> = {
  query: (k, n) => ({ url: `/search?${n}=${enc(k)}&page=2`, visible: ['page=2'] }),
  path: (k) => ({ url: `/v1/lookup/${enc(k)}/items`, visible: ['/items'] }),
  'header (response)': (k, n) => ({
    do: { headers: { [`x-${n}`]: k, 'x-keep': 'kept7' } },
    visible: ['kept7'],
  }),
  'setFilter kwargs': (k, n) => ({ do: { filter: { [n]: k, city: 'Utrecht' } }, visible: ['Utrecht'] }),
  results: (k, n) => ({ do: { results: [{ nr: 12, [n]: k, city: 'Utrecht' }] }, visible: ['Utrecht'] }),
  'thrown error': (k) => ({
    do: { throw: { message: `Upstream refused ${k} for tenant 42` } },
    visible: ['Upstream refused'],
  }),
  'JSON in a string': (k, n) => ({
    do: { results: [{ body: JSON.stringify({ [n]: k, city: 'Utrecht' }) }] },
    visible: ['Utrecht'],
  }),
  'text in a string': (k) => ({
    do: { filter: { message: `Tried it with ${k}, but the service in Utrecht did not answer.` } },
    visible: ['service in Utrecht'],
  }),
  'key of an object': (k) => ({ do: { results: { counts: { [k]: 3, Utrecht: 4 } } }, visible: ['Utrecht'] }),
  'list items': (k) => ({
    do: { filter: { values: ['Utrecht', k, 'Gouda'] } },
    visible: ['Utrecht', 'Gouda'],
  }),
}
const placeNames = Object.keys(places)
formats.forEach((f, i) => {
  const rounds = f[1] ? [0, 3, 7] : [0, 5]
  for (const step of rounds) {
    const b = build(f)
    const place = placeNames[(i + step) % placeNames.length] as string
    const fields = places[place]?.(b.key, names[(i * 3 + step) % names.length] as string)
    add(`key of a vendor, ${b.tier}: ${place}`, { ...fields, secrets: b.secrets, note: b.id })
  }
})
// Several in one text, quotes and separators around them, and beside a mark
for (const [before, after] of [
  ['(', ')'],
  ['"', '"'],
  ['`', '`'],
  ['<', '>'],
  ['=', ';'],
  [',', ','],
  ['/', '/'],
  ['\u201c', '\u201d'],
  ['key:', '.'],
  ['\n', '\n'],
  ['\t', '\t'],
  ['[', ']'],
]) {
  const b = build(formats[r.pick([0, 5, 6, 8, 13, 16, 21, 22, 27, 30, 34, 38])] as Format)
  add('key of a vendor, marks around it', {
    do: { results: [{ text: `see ${before}${b.key}${after} of yesterday` }] },
    secrets: b.secrets,
    visible: ['of yesterday'],
    note: b.id,
  })
}

// ---- capability URLs ---------------------------------------------------------------------------------------------
type Link = readonly [id: string, pieces: readonly Piece[]]

const capability: readonly Link[] = [
  [
    'slack-services',
    ['https://hooks.slack.com/services/T', [9, UPPER, 0], '/B', [10, UPPER, 0], '/', [24, ALNUM]],
  ],
  [
    'slack-workflows',
    [
      'https://hooks.slack.com/workflows/T',
      [9, UPPER, 0],
      '/A',
      [10, UPPER, 0],
      '/123456789012345678/',
      [24, ALNUM],
    ],
  ],
  ['slack-triggers', ['https://hooks.slack.com/triggers/T', [9, UPPER, 0], '/1234567890123/', [32, HEX]]],
  ['discord', ['https://discord.com/api/webhooks/', [18, DIGITS, 0], '/', [68, ALNUM]]],
  ['discordapp', ['https://discordapp.com/api/webhooks/', [18, DIGITS, 0], '/', [68, ALNUM], '/slack']],
  [
    'discord-v10',
    ['https://ptb.discord.com/api/v10/webhooks/', [19, DIGITS, 0], '/', [68, ALNUM], '?wait=true'],
  ],
  [
    'teams-connector',
    [
      'https://contoso.webhook.office.com/webhookb2/7d7a1c1e-41d2-4b0f-9d36-1c6a3b6cbb01@7d7a1c1e-41d2-4b0f-9d36-1c6a3b6cbb02/IncomingWebhook/',
      [32, HEX],
      '/7d7a1c1e-41d2-4b0f-9d36-1c6a3b6cbb03',
    ],
  ],
  [
    'teams-outlook',
    [
      'https://outlook.office.com/webhook/7d7a1c1e-41d2-4b0f-9d36-1c6a3b6cbb01@7d7a1c1e-41d2-4b0f-9d36-1c6a3b6cbb02/IncomingWebhook/',
      [32, HEX],
      '/7d7a1c1e-41d2-4b0f-9d36-1c6a3b6cbb03',
    ],
  ],
  [
    'teams-workflow',
    [
      'https://prod-12.westeurope.logic.azure.com:443/workflows/',
      [32, HEX, 0],
      '/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=',
      [43, ALNUM],
    ],
  ],
  [
    'powerplatform',
    [
      'https://',
      [30, HEX, 0],
      '.4a.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/',
      [32, HEX, 0],
      '/triggers/manual/paths/invoke?api-version=1&sv=1.0&sig=',
      [43, ALNUM],
    ],
  ],
  ['mattermost', ['https://mattermost.example.org/hooks/', [26, LOWER]]],
  ['rocketchat', ['https://chat.example.org/hooks/', [17, ALNUM, 0], '/', [48, ALNUM]]],
  ['telegram', ['https://api.telegram.org/bot', [10, DIGITS, 0], ':AA', [33, ALNUM], '/sendMessage']],
  [
    'telegram-file',
    ['https://api.telegram.org/file/bot', [10, DIGITS, 0], ':AA', [33, ALNUM], '/photos/file_7.jpg'],
  ],
  ['zapier', ['https://hooks.zapier.com/hooks/catch/', [7, DIGITS, 0], '/', [7, LOWER], '/']],
  ['zapier-silent', ['https://hooks.zapier.com/hooks/catch/', [8, DIGITS, 0], '/', [8, LOWER], '/silent/']],
  ['ifttt', ['https://maker.ifttt.com/trigger/door_open/with/key/', [22, ALNUM]]],
  ['ifttt-json', ['https://maker.ifttt.com/trigger/door_open/json/with/key/', [43, ALNUM]]],
  [
    'google-calendar',
    ['https://calendar.google.com/calendar/ical/jan%40example.org/private-', [32, HEX], '/basic.ics'],
  ],
  [
    'google-calendar-old',
    ['https://www.google.com/calendar/ical/jan%40example.org/private-', [32, HEX], '/basic.ics'],
  ],
  [
    'google-calendar-webcal',
    ['webcal://calendar.google.com/calendar/ical/jan%40example.org/private-', [32, HEX], '/basic.ics'],
  ],
  [
    'google-chat',
    [
      'https://chat.googleapis.com/v1/spaces/AAAA',
      [7, ALNUM, 0],
      '/messages?key=',
      [35, ALNUM],
      '&token=',
      [43, ALNUM],
    ],
  ],
  [
    'outlook-calendar',
    [
      'https://outlook.office365.com/owa/calendar/',
      [32, HEX, 0],
      '@example.org/',
      [52, HEX],
      '/calendar.ics',
    ],
  ],
  ['make', ['https://hook.eu1.make.com/', [32, LOWER]]],
  ['integromat', ['https://hook.integromat.com/', [32, LOWER]]],
  ['healthchecks', ['https://hc-ping.com/', [8, HEX], '-1f2e-4d3c-8b4a-', [12, HEX]]],
  ['pagerduty', ['https://events.pagerduty.com/integration/', [32, HEX], '/enqueue']],
  ['netlify-build-hook', ['https://api.netlify.com/build_hooks/', [24, HEX]]],
  [
    'vercel-deploy-hook',
    ['https://api.vercel.com/v1/integrations/deploy/prj_', [28, ALNUM, 0], '/', [10, ALNUM]],
  ],
  [
    'cloudflare-deploy-hook',
    [
      'https://api.cloudflare.com/client/v4/pages/webhooks/deploy_hooks/',
      [8, HEX],
      '-1f2e-4d3c-8b4a-',
      [12, HEX],
    ],
  ],
  ['render-deploy-hook', ['https://api.render.com/deploy/srv-', [20, LOWER, 0], '?key=', [11, ALNUM]]],
  ['buildkite-deliver', ['https://webhook.buildkite.com/deliver/', [50, HEX]]],
  ['webex', ['https://webexapis.com/v1/webhooks/incoming/', [76, ALNUM]]],
  ['dingtalk', ['https://oapi.dingtalk.com/robot/send?access_token=', [64, HEX]]],
  ['feishu', ['https://open.feishu.cn/open-apis/bot/v2/hook/', [8, HEX], '-1f2e-4d3c-8b4a-', [12, HEX]]],
  ['lark', ['https://open.larksuite.com/open-apis/bot/v2/hook/', [8, HEX], '-1f2e-4d3c-8b4a-', [12, HEX]]],
  [
    'wecom',
    ['https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=', [8, HEX], '-1f2e-4d3c-8b4a-', [12, HEX]],
  ],
  ['infura', ['https://mainnet.infura.io/v3/', [32, HEX]]],
  ['alchemy', ['https://eth-mainnet.g.alchemy.com/v2/', [32, ALNUM]]],
  ['quiknode', ['https://dawn-wild-sun.quiknode.pro/', [40, HEX], '/']],
  ['loggly', ['https://logs-01.loggly.com/inputs/', [8, HEX], '-1f2e-4d3c-8b4a-', [12, HEX], '/tag/http/']],
  ['sumologic', ['https://endpoint4.collection.eu.sumologic.com/receiver/v1/http/', [88, ALNUM]]],
  [
    'dropbox-rlkey',
    ['https://www.dropbox.com/scl/fi/', [15, LOWER, 0], '/plan.pdf?rlkey=', [25, LOWER], '&dl=0'],
  ],
  ['zoom', ['https://us02web.zoom.us/j/', [11, DIGITS, 0], '?pwd=', [32, ALNUM]]],
  ['home-assistant', ['https://hooks.nabu.casa/', [120, ALNUM]]],
  ['trello-invite', ['https://trello.com/invite/b/', [8, ALNUM, 0], '/', [32, HEX], '/board-name']],
  [
    'moodle-calendar',
    [
      'https://moodle.example.org/calendar/export_execute.php?userid=42&authtoken=',
      [40, HEX],
      '&preset_what=all',
    ],
  ],
  ['gitlab-feed', ['https://gitlab.com/dashboard/projects.atom?feed_', 'token=gl', 'ft-', [20, ALNUM]]],
  [
    's3-presigned',
    [
      'https://bucket.s3.eu-west-1.amazonaws.com/a.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AK',
      'IA',
      [16, BASE32],
      '%2F20261128%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-Date=20261128T030000Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=',
      [64, HEX],
    ],
  ],
  [
    'azure-sas',
    [
      'https://acme.blob.core.windows.net/box/a.pdf?sv=2024-11-04&st=2026-11-28T00%3A00%3A00Z&se=2026-11-29T00%3A00%3A00Z&sr=b&sp=r&sig=',
      [43, ALNUM],
      '%3D',
    ],
  ],
  [
    'cloudfront',
    [
      'https://d111111abcdef8.cloudfront.net/a.pdf?Expires=1795824000&Signature=',
      [120, ALNUM],
      '&Key-Pair-Id=K2JCJMDEHXQW5F',
    ],
  ],
  [
    'gcs-v2',
    [
      'https://storage.googleapis.com/box/a.pdf?GoogleAccessId=x%40y.iam.gserviceaccount.com&Expires=1795824000&Signature=',
      [120, ALNUM],
    ],
  ],
  ['sentry-dsn', ['https://', [32, HEX], '@o450.ingest.sentry.io/4505']],
  ['nextcloud-dav', ['https://cloud.example.org/remote.php/dav/public-calendars/', [16, ALNUM], '?export']],
  ['patreon-rss', ['https://www.patreon.com/rss/somebody?auth=', [32, ALNUM]]],
]
// Links whose secret is in the path of any host: frameworks' own reset links
const frameworkLinks: readonly Link[] = [
  ['django-reset', ['https://app.example.org/accounts/reset/MjM/c5xq2z-', [32, HEX], '/']],
  ['laravel-reset', ['https://app.example.org/password/reset/', [64, HEX], '?email=jan%40example.org']],
  [
    'laravel-signed',
    ['https://app.example.org/email/verify/7/', [40, HEX, 0], '?expires=1795824000&signature=', [64, HEX]],
  ],
  ['devise-reset', ['https://app.example.org/users/password/edit?reset_password_token=', [20, ALNUM]]],
  ['devise-confirmation', ['https://app.example.org/users/confirmation?confirmation_token=', [20, ALNUM]]],
  ['symfony-reset', ['https://app.example.org/reset-password/reset/', [40, ALNUM]]],
  ['wordpress-rp', ['https://blog.example.org/wp-login.php?action=rp&key=', [20, ALNUM], '&login=jan']],
  ['drupal-reset', ['https://drupal.example.org/user/reset/7/1795824000/', [43, ALNUM], '/login']],
  [
    'keycloak-action',
    ['https://sso.example.org/realms/acme/login-actions/action-token?key=', [90, ALNUM], '&tab_id=Zk3'],
  ],
  [
    'wagtail-django-allauth',
    ['https://app.example.org/accounts/password/reset/key/7-c5xq2z-', [32, HEX], '/'],
  ],
  ['magic-link', ['https://app.example.org/auth/magic-link/', [43, ALNUM]]],
  ['invite-link', ['https://app.example.org/invite/accept/', [32, ALNUM]]],
]
const urlOf = (pieces: readonly Piece[]) => {
  const secrets: string[] = []
  let url = ''
  for (const p of pieces) {
    if (typeof p === 'string') url += p
    else {
      let s = r.chars(p[0], p[1])
      if (/^\d+$/.test(s) && p[1] !== DIGITS) s = `a${s.slice(1)}`
      url += s
      if (p[2] !== 0) secrets.push(s)
    }
  }
  return { url, secrets }
}
const linkPlaces: Record<string, (url: string) => CaseFields> = {
  'results field': (u) => ({ do: { results: [{ channel: 'ops', target: u }] }, visible: ['ops'] }),
  'in a text': (u) => ({
    do: { filter: { text: `Post it to ${u} when done, says Utrecht.` } },
    visible: ['says Utrecht'],
  }),
  'link in a query': (u) => ({ url: `/preview?target=${enc(u)}&lang=nl`, visible: ['lang=nl'] }),
  Location: (u) => ({ do: { status: 302, headers: { location: u } }, visible: [] }),
  'thrown error': (u) => ({
    do: { throw: { message: `request to ${u} failed, reason: connect ECONNREFUSED 192.0.2.1:443` } },
    visible: ['ECONNREFUSED'],
  }),
  'JSON in a string': (u) => ({
    do: { results: [{ body: JSON.stringify({ hook: u, event: 'push' }) }] },
    visible: ['push'],
  }),
}
const linkPlaceNames = Object.keys(linkPlaces)
;[...capability, ...frameworkLinks].forEach(([id, pieces], i) => {
  for (const step of i < capability.length ? [0, 3] : [0, 2]) {
    const { url, secrets } = urlOf(pieces)
    const place = linkPlaceNames[(i + step) % linkPlaceNames.length] as string
    const host = /^\w+:\/\/(?:[^/@]*@)?([^/:?]+)/.exec(url)?.[1] ?? ''
    const c = linkPlaces[place]?.(url)
    add(`${i < capability.length ? 'capability URL' : 'link of a framework'}: ${place}`, {
      ...c,
      secrets,
      visible: [...(c?.visible ?? []), host.slice(-8)],
      note: id,
    })
  }
})
// An application that proxies: the path of its own URL is the vendor's
for (const [id, pieces] of capability.filter(([id]) =>
  ['telegram', 'slack-services', 'discord', 'ifttt', 'google-calendar', 'mattermost'].includes(id),
)) {
  const { url, secrets } = urlOf(pieces)
  add('capability URL: own path behind the vendor\u2019s host', {
    url: url.replace(/^https:\/\/[^/]+/, ''),
    headers: { host: new URL(url).host },
    secrets,
    note: id,
  })
}
