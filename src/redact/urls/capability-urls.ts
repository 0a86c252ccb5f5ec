// URLs whose path gives access to everyone who knows it. To add one, add a row: `test/redact/urls/capability-urls.test.ts`
// makes examples from all rows and tries each alone, in texts, in headers and in other URLs.

/** A kind of URL that has a secret in its path, its host or a parameter with a harmless name. */
export interface CapabilityUrl {
  readonly id: string
  /** The access that the URL gives to everyone who knows it. */
  readonly grants: string
  /** `*` stands for one or more labels, alone for every host, `{secret}` for one label that is hidden. In lower case. */
  readonly hosts: readonly string[]
  /**
   * Beginnings of paths. `*` stands for any one segment, `{secret}` for a segment, or the rest of one, that is hidden, and
   * `{secret...}` for all that follows.
   */
  readonly paths: readonly string[]
  /** Names of parameters, in lower case, that are hidden although they are harmless elsewhere. */
  readonly parameters?: readonly string[]
  /** Where the vendor describes the URL. */
  readonly source: string
}

const POST_MESSAGES = 'Post messages into a channel'
const START_WORKFLOW = 'Start a workflow with any input'
const START_BUILD = 'Start a build or a deployment'
const REPORT_HEALTH = 'Report a job as healthy, which hides its failure'
const RAISE_ALERT = 'Raise and resolve alerts'
const WRITE_LOGS = 'Write into the logs of an account'
const READ_CALENDAR = 'Read a private calendar'
const CALL_NODE = 'Call a blockchain node at the expense of the account'

export const CAPABILITY_URLS: readonly CapabilityUrl[] = [
  {
    id: 'slack',
    grants: POST_MESSAGES,
    hosts: ['hooks.slack.com', 'hooks.slack-gov.com'],
    paths: [
      ...['/services/*/*/{secret}', '/workflows/*/*/*/{secret}', '/triggers/*/*/{secret}'],
      ...['/commands/*/*/{secret}', '/actions/*/*/{secret}'],
    ],
    source: 'https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks',
  },
  {
    id: 'discord',
    grants: POST_MESSAGES,
    hosts: ['discord.com', '*.discord.com', 'discordapp.com', '*.discordapp.com'],
    paths: [
      ...['/api/webhooks/*/{secret}', '/api/*/webhooks/*/{secret}'],
      ...['/api/interactions/*/{secret}', '/api/*/interactions/*/{secret}'],
    ],
    source: 'https://discord.com/developers/docs/resources/webhook#execute-webhook',
  },
  {
    id: 'microsoft-teams',
    grants: POST_MESSAGES,
    hosts: ['*.webhook.office.com', 'outlook.office.com', 'outlook.office365.com'],
    paths: ['/webhookb2/{secret...}', '/webhook/{secret...}'],
    source:
      'https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook',
  },
  {
    id: 'azure-logic-apps',
    grants: START_WORKFLOW,
    hosts: ['*.logic.azure.com', '*.api.powerplatform.com'],
    paths: [],
    parameters: ['sig'],
    source: 'https://learn.microsoft.com/azure/logic-apps/logic-apps-securing-a-logic-app',
  },
  {
    id: 'google-chat',
    grants: POST_MESSAGES,
    hosts: ['chat.googleapis.com'],
    paths: [],
    parameters: ['key', 'token'],
    source: 'https://developers.google.com/workspace/chat/quickstart/webhooks',
  },
  {
    id: 'webex',
    grants: POST_MESSAGES,
    hosts: ['webexapis.com', 'api.ciscospark.com'],
    paths: ['/v1/webhooks/incoming/{secret}'],
    source: 'https://apphub.webex.com/applications/incoming-webhooks-cisco-systems-38054-23307-75252',
  },
  {
    id: 'feishu-lark',
    grants: POST_MESSAGES,
    hosts: ['open.feishu.cn', 'open.larksuite.com'],
    paths: ['/open-apis/bot/hook/{secret}', '/open-apis/bot/*/hook/{secret}'],
    source: 'https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot',
  },
  {
    id: 'wecom',
    grants: POST_MESSAGES,
    hosts: ['qyapi.weixin.qq.com'],
    paths: [],
    parameters: ['key'],
    source: 'https://developer.work.weixin.qq.com/document/path/91770',
  },
  {
    id: 'telegram',
    grants: 'Act as the bot: read and send its messages',
    hosts: ['api.telegram.org'],
    paths: ['/bot{secret}', '/file/bot{secret}'],
    source: 'https://core.telegram.org/bots/api#authorizing-your-bot',
  },
  {
    id: 'ntfy',
    grants: 'Read and send the notifications of a topic, whose name is its password',
    hosts: ['ntfy.sh'],
    paths: ['/{secret}'],
    source: 'https://docs.ntfy.sh/publish/',
  },
  {
    id: 'bark',
    grants: 'Send notifications to the phone',
    hosts: ['api.day.app'],
    paths: ['/{secret}'],
    source: 'https://bark.day.app/#/tutorial',
  },
  {
    id: 'serverchan',
    grants: 'Send messages to the owner',
    hosts: ['sctapi.ftqq.com', 'sc.ftqq.com'],
    paths: ['/{secret}'],
    source: 'https://sct.ftqq.com/',
  },
  {
    id: 'zapier',
    grants: START_WORKFLOW,
    hosts: ['hooks.zapier.com'],
    paths: ['/hooks/catch/*/{secret}', '/hooks/standard/*/{secret}'],
    source: 'https://help.zapier.com/hc/en-us/articles/8496288690317',
  },
  {
    id: 'ifttt',
    grants: START_WORKFLOW,
    hosts: ['maker.ifttt.com'],
    paths: ['/trigger/*/with/key/{secret}', '/trigger/*/json/with/key/{secret}', '/use/{secret}'],
    source: 'https://help.ifttt.com/hc/en-us/articles/115010230347',
  },
  {
    id: 'make',
    grants: START_WORKFLOW,
    hosts: ['hook.make.com', 'hook.*.make.com', 'hook.integromat.com'],
    paths: ['/{secret}'],
    source: 'https://help.make.com/webhooks',
  },
  {
    id: 'pipedream',
    grants: START_WORKFLOW,
    hosts: ['{secret}.m.pipedream.net', '{secret}.x.pipedream.net'],
    paths: [],
    source: 'https://pipedream.com/docs/workflows/building-workflows/triggers',
  },
  {
    id: 'airtable',
    grants: START_WORKFLOW,
    hosts: ['hooks.airtable.com'],
    paths: ['/workflows/v1/genericWebhook/*/*/{secret}'],
    source: 'https://support.airtable.com/docs/when-webhook-received-trigger',
  },
  {
    id: 'webhook-site',
    grants: 'Read the requests that were sent to the URL',
    hosts: ['webhook.site'],
    paths: ['/{secret}'],
    source: 'https://docs.webhook.site/',
  },
  {
    id: 'netlify',
    grants: START_BUILD,
    hosts: ['api.netlify.com'],
    paths: ['/build_hooks/{secret}'],
    source: 'https://docs.netlify.com/configure-builds/build-hooks/',
  },
  {
    id: 'vercel',
    grants: START_BUILD,
    hosts: ['api.vercel.com'],
    paths: ['/v1/integrations/deploy/*/{secret}'],
    source: 'https://vercel.com/docs/deploy-hooks',
  },
  {
    id: 'cloudflare-pages',
    grants: START_BUILD,
    hosts: ['api.cloudflare.com'],
    paths: ['/client/v4/pages/webhooks/deploy_hooks/{secret}'],
    source: 'https://developers.cloudflare.com/pages/configuration/deploy-hooks/',
  },
  {
    id: 'render',
    grants: START_BUILD,
    hosts: ['api.render.com'],
    paths: [],
    parameters: ['key'],
    source: 'https://render.com/docs/deploy-hooks',
  },
  {
    id: 'buildkite',
    grants: START_BUILD,
    hosts: ['webhook.buildkite.com'],
    paths: ['/deliver/{secret}'],
    source: 'https://buildkite.com/docs/pipelines/source-control/github',
  },
  {
    id: 'home-assistant-cloud',
    grants: 'Send events to a home, such as those of a door or a phone',
    hosts: ['hooks.nabu.casa'],
    paths: ['/{secret}'],
    source: 'https://support.nabucasa.com/hc/en-us/articles/25619376577821',
  },
  {
    id: 'healthchecks',
    grants: REPORT_HEALTH,
    hosts: ['hc-ping.com'],
    paths: ['/{secret}'],
    source: 'https://healthchecks.io/docs/http_api/',
  },
  {
    id: 'cronitor',
    grants: REPORT_HEALTH,
    hosts: ['cronitor.link'],
    paths: ['/p/{secret}', '/ping/{secret}'],
    source: 'https://cronitor.io/docs/telemetry-api',
  },
  {
    id: 'better-stack',
    grants: REPORT_HEALTH,
    hosts: ['uptime.betterstack.com', 'betteruptime.com'],
    paths: ['/api/v1/heartbeat/{secret}'],
    source: 'https://betterstack.com/docs/uptime/cron-and-heartbeat-monitor/',
  },
  {
    id: 'dead-mans-snitch',
    grants: REPORT_HEALTH,
    hosts: ['nosnch.in'],
    paths: ['/{secret}'],
    source: 'https://deadmanssnitch.com/docs',
  },
  {
    id: 'pagerduty',
    grants: RAISE_ALERT,
    hosts: ['events.pagerduty.com', 'events.eu.pagerduty.com'],
    paths: ['/integration/{secret}'],
    source: 'https://support.pagerduty.com/main/docs/services-and-integrations',
  },
  {
    id: 'splunk-on-call',
    grants: RAISE_ALERT,
    hosts: ['alert.victorops.com'],
    paths: ['/integrations/generic/*/alert/{secret}'],
    source: 'https://help.victorops.com/knowledge-base/rest-endpoint-integration-guide/',
  },
  {
    id: 'grafana-oncall',
    grants: RAISE_ALERT,
    hosts: ['*.grafana.net'],
    paths: ['/integrations/v1/*/{secret}', '/oncall/integrations/v1/*/{secret}'],
    source: 'https://grafana.com/docs/oncall/latest/configure/integrations/',
  },
  {
    id: 'loggly',
    grants: WRITE_LOGS,
    hosts: ['logs-01.loggly.com', 'logs.loggly.com'],
    paths: ['/inputs/{secret}', '/bulk/{secret}'],
    source: 'https://documentation.solarwinds.com/en/success_center/loggly/content/admin/http-endpoint.htm',
  },
  {
    id: 'sumo-logic',
    grants: WRITE_LOGS,
    hosts: ['*.sumologic.com'],
    paths: ['/receiver/v1/http/{secret}'],
    source: 'https://help.sumologic.com/docs/send-data/hosted-collectors/http-source/logs-metrics/',
  },
  {
    id: 'google-calendar',
    grants: READ_CALENDAR,
    hosts: ['calendar.google.com', 'www.google.com'],
    paths: ['/calendar/ical/*/private-{secret}', '/calendar/feeds/*/private-{secret}'],
    source: 'https://support.google.com/calendar/answer/37648',
  },
  {
    id: 'outlook-calendar',
    grants: READ_CALENDAR,
    hosts: ['outlook.office365.com', 'outlook.office.com', 'outlook.live.com'],
    paths: ['/owa/calendar/*/{secret}', '/calendar/published/*/{secret}'],
    source: 'https://support.microsoft.com/office/7ecf62cf-b413-4b29-9c9f-75a8b4e4ec2f',
  },
  {
    id: 'nextcloud-calendar',
    grants: READ_CALENDAR,
    hosts: ['*'],
    paths: ['/remote.php/dav/public-calendars/{secret}'],
    source: 'https://docs.nextcloud.com/server/latest/user_manual/en/groupware/calendar.html',
  },
  {
    id: 'trello-calendar',
    grants: READ_CALENDAR,
    hosts: ['trello.com'],
    paths: ['/calendar/*/*/{secret}'],
    source: 'https://support.atlassian.com/trello/docs/syncing-to-external-calendars/',
  },
  {
    id: 'dropbox',
    grants: 'Read a shared file or folder',
    hosts: ['dropbox.com', '*.dropbox.com', 'dl.dropboxusercontent.com'],
    paths: ['/s/{secret}', '/sh/*/{secret}'],
    parameters: ['rlkey'],
    source: 'https://help.dropbox.com/share/create-and-share-link',
  },
  {
    id: 'infura',
    grants: CALL_NODE,
    hosts: ['*.infura.io'],
    paths: ['/v3/{secret}', '/ws/v3/{secret}'],
    source: 'https://docs.metamask.io/services/how-to/send-http-requests/',
  },
  {
    id: 'alchemy',
    grants: CALL_NODE,
    hosts: ['*.g.alchemy.com', '*.alchemyapi.io'],
    paths: ['/v2/{secret}', '/nft/*/{secret}'],
    source: 'https://www.alchemy.com/docs/how-to-use-api-keys-in-http-headers',
  },
  {
    id: 'quicknode',
    grants: CALL_NODE,
    hosts: ['*.quiknode.pro'],
    paths: ['/{secret}'],
    source: 'https://www.quicknode.com/docs/ethereum/endpoints',
  },
  {
    id: 'ankr',
    grants: CALL_NODE,
    hosts: ['rpc.ankr.com'],
    paths: ['/*/{secret}'],
    source: 'https://www.ankr.com/docs/rpc-service/getting-started/basics-premium/',
  },
  {
    id: 'google-apps-script',
    grants: 'Run a script that is deployed for everyone',
    hosts: ['script.google.com'],
    paths: ['/macros/s/{secret}'],
    source: 'https://developers.google.com/apps-script/guides/web',
  },
]
