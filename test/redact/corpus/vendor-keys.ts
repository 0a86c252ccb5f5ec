// Made-up keys in the format of each row of the table, and texts that resemble keys. Keys are composed when the tests run,
// so that the scanners of hosting sites do not take this file for a leak.
import {
  ALPHABETS,
  VENDOR_KEY_FORMATS,
  type VendorKeyFormat,
} from '#src/redact/detectors/vendor-key-formats.js'

/** The text in front of the fixed part, for formats that have their fixed part within the key. */
const BEFORE: Readonly<Record<string, string>> = {
  'Q~': 'a~B8',
  JQQJ99: 'aB3'.repeat(18).slice(0, 52),
  '.atlasv1.': 'aB3dE6gH9jK2mN',
  _mmk: `aB3dE6_${'aB3dE'.repeat(6).slice(0, 29)}`,
  '.': `M${'aB3d'.repeat(6)}`,
  ':AA': '1234567890',
  '|': '1234567890123456',
  '-us': '0123456789abcdef'.repeat(2),
  FFFFNRAL: '0123456789abcdef'.repeat(2),
  ':': '1/1234567890123456',
  IBADANBgkqhkiG9w0BAQEFAASC: 'MIIEvQ',
}

/** A key with this prefix of the format, with a body that looks random and is the same each time. */
export function sampleKey({ shape, before }: VendorKeyFormat, prefix: string): string {
  const parts = shape.split(' ').filter(Boolean)
  const body = parts.map((part) => {
    const [, alphabet = '', length = '0'] = /^([a-z]+\d*):(\d+)/.exec(part) ?? []
    return alphabet === '' ? part : randomRun(alphabet, Number(length))
  })
  return `${before === undefined ? '' : BEFORE[prefix]}${prefix}${body.join('')}`
}

function randomRun(alphabet: string, length: number): string {
  const class_ = new RegExp(`[${ALPHABETS[alphabet]}]`)
  // Without separators, so that no shorter part of the key is a key, and a leaked piece is found however it is encoded.
  const characters = Array.from('aB3dE6fC9A1b2c4D5F7e8hJ0kM') // hex, then others
    .filter((character) => class_.test(character))
    .join('')
  return characters.repeat(Math.ceil(length / characters.length)).slice(0, length)
}

/** A key for each prefix of each row. */
export const VENDOR_KEYS: readonly (readonly [title: string, key: string])[] = VENDOR_KEY_FORMATS.flatMap(
  (format) =>
    format.prefixes.map(
      (prefix) => [`${format.vendor}: ${prefix} (${format.secret})`, sampleKey(format, prefix)] as const,
    ),
)

/** A name that begins as the keys of each prefix of each row do. */
export const VENDOR_KEY_NAMES: readonly (readonly [title: string, name: string])[] =
  VENDOR_KEY_FORMATS.flatMap(({ vendor, prefixes, before }) =>
    prefixes.map((prefix) => {
      const front = before === undefined ? '' : BEFORE[prefix]
      return [
        `${vendor}: ${prefix}`,
        `${front}${prefix}documentation_settings-for_all-of_our_developers`,
      ] as const
    }),
  )

/** Texts in which nothing is secret. */
export const VENDOR_KEY_LOOK_ALIKES: readonly string[] = [
  // Part of a longer word.
  ...[
    'task_live_monitoring_of_tasks_2026',
    'disk-proj-0123456789abcdefghij',
    'risk-assessment-2026-final-version',
  ],
  ...['basketballASIAPACIFIC2026TEAMS', 'maskAIzaAIzaAIza', 'desk-0123456789012345678901234567'],
  // Ids and names with short prefixes.
  ...['rnd_seed', 'fc-barcelona-2026', 'fc-01JXYZ0123456789', 'csb_v1_viewport_hud_pixel_parity_readiness'],
  // Too short.
  ...[
    'ghp_xxxx',
    'AKIA1234',
    'sk_test_123',
    'AIza-short',
    'SG.1.2',
    'xoxb-...',
    'hf_...',
    'npm_token',
    'sk-...',
  ],
  // Names that begin as a key does.
  ...[
    'npm_config_registry',
    'npm_lifecycle_event',
    'npm_package_json',
    'hf_hub_download',
    'npm_internationalization',
  ],
  ...[
    'sk_test_environment_variables',
    'rk_live_streaming_service',
    'gsk_notifications_enabled',
    'ops_handbook',
  ],
  ...[
    's.getElementsByClassName',
    's.toLocaleLowerCaseString',
    'sk-learn',
    'sk-fading-circle-container',
    'sk-SK',
  ],
  ...['pypi-package-index-mirror', 'pul-request-template-for-new-users', 'test_user_registration_with_email'],
  ...[
    'live_streaming_of_council_meetings',
    'test_helloworldhelloworldhelloworld',
    'secret_santa_list_for_december',
  ],
  ...['access_control_allow_origin', 'access-control-allow-headers', 'access-production-database-guidelines'],
  ...['key-value-store-of-the-department', 'pat-riot-registration-number', 'patientenregistratiesysteem'],
  ...[
    'path.toLowerCase.toUpperCase',
    'figd_component_library',
    'vault.hvs.example',
    'pi_session_secret_name',
  ],
  ...[
    'shippo_live_tracking_enabled',
    'lin_api_documentation_page',
    'ntn_notification_settings',
    'API-documentation',
  ],
  ...['sdk-documentation-for-developers-en', 'web_hook_registrations', 'xoxo-hugs-and-kisses-from-all-of-us'],
  // Identifiers, digests and public keys.
  ...[
    'f81d4fae-7dec-11d0-a765-00a0c91e6bf6',
    '4bf92f3577b34da6a3ce929d0e0e4736',
    '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  ],
  ...['da39a3ee5e6b4b0d3255bfef95601890afd80709', '507f1f77bcf86cd799439011', 'W/"67ab43-1a2b3c4d5e6f7890"'],
  ...['sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', 'cjld2cjxh0000qzrmn831i7rn'],
  ...['pk_live_0123456789abcdefABCDEFGH', 'pk_test_0123456789abcdefABCDEFGH', 'rzp_test_short'],
  ...['phc_0123456789abcdefABCDEFGHIJKLMNOPQRSTUVWXY', 'sb_publishable_0123456789abcdefABCDEF'],
  ...['AC0123456789abcdef0123456789abcdef', 'CA0123456789abcdef0123456789abcdef', 'cus_NffrFeUfNV2Hib'],
  ...[
    'arn:aws:iam::123456789012:role/app',
    'AIDACKCEVSQ6C2EXAMPLE',
    'AROADBQP57FF2AEXAMPLE',
    'i-0123456789abcdef0',
  ],
  ...[
    '00:00:00',
    '1000.50',
    '1000. The end of the long sentence',
    'http://192.168.0.100:8080/administratie-persoonsgegevens',
  ],
  ...[
    'CfDJ8',
    'MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1L',
    'AAAAC3NzaC1lZDI1NTE5AAAAIabcdefgh',
    'service.example.administratie-gemeente.amsterdam.nl',
  ],
  ...['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'PostmanRuntime/7.39.0'],
  ...[
    'Mailing list for en-us and de-us readers-us12',
    'asia-northeast1-docker.pkg.dev',
    'ASIA-PACIFIC-REGIONAL',
  ],
]
