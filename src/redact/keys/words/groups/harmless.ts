// Keys that end like a sensitive key and whose values stay visible.
import type { HarmlessGroup } from '../key-group.js'

export const HARMLESS_GROUPS: readonly HarmlessGroup[] = [
  {
    id: 'positions',
    reason:
      'A page, sync or change token is a position in a list, of no use without the right to read the list',
    words: `page-token continuation-token continue-token next-token prev-token previous-token start-token starting-token
      resume-token sync-token scroll-token cursor-token skip-token delta-token change-token pagination-token watch-token`,
  },
  {
    id: 'requests',
    reason: 'Cancels or repeats a request of the same caller; access needs credentials as well',
    words: 'cancel-token cancellation-token abort-token idempotency-token client-request-token dedupe-token',
  },
  {
    id: 'counted-tokens',
    reason: 'Counts the tokens of a language model, in settings and bills',
    words: `max-tokens min-tokens total-tokens num-tokens prompt-tokens completion-tokens input-tokens output-tokens
      cached-tokens reasoning-tokens thinking-tokens audio-tokens image-tokens text-tokens budget-tokens new-tokens
      max-new-tokens context-tokens used-tokens remaining-tokens billed-tokens generated-tokens token-tokens
      limit-tokens ratelimit-reset-tokens cost-tokens
      cache-creation-input-tokens accepted-prediction-tokens rejected-prediction-tokens`,
  },
  {
    id: 'text-tokens',
    reason: 'A part of a text, of a grammar or of a style, not a credential',
    words: `eos-token bos-token pad-token unk-token sep-token cls-token mask-token special-token stop-token stop-tokens
      syntax-token unexpected-token design-token design-tokens color-token theme-token`,
  },
  {
    id: 'twilio',
    reason: 'A resource id of Twilio; the credential is the auth token',
    words: `account-sid call-sid message-sid sms-sid mms-sid sms-message-sid conference-sid recording-sid participant-sid
      service-sid messaging-service-sid chat-service-sid conversation-sid channel-sid room-sid task-sid worker-sid
      workflow-sid workspace-sid queue-sid phone-number-sid application-sid address-sid brand-sid campaign-sid execution-sid
      flow-sid transcription-sid media-sid verification-sid trunk-sid factor-sid`,
  },
  {
    id: 'windows',
    reason: 'A security identifier of Windows names an account or a group and is public within the domain',
    words:
      'object-sid owner-sid group-sid domain-sid primary-group-sid security-sid machine-sid computer-sid',
  },
  {
    id: 'references',
    reason:
      'Names or checks a secret that is elsewhere: Kubernetes references and checksums, classifications',
    words:
      'image-pull-secrets image-pull-secret pull-secrets pull-secret existing-secret checksum-secret checksum-secrets trade-secret top-secret open-secret',
  },
  {
    id: 'consent',
    reason: 'Says whether cookies of a kind are accepted',
    words: `accept-cookies accepts-cookies allow-cookies use-cookies uses-cookies enable-cookies functional-cookies
      analytics-cookies analytical-cookies marketing-cookies necessary-cookies tracking-cookies essential-cookies
      preference-cookies preferences-cookies statistics-cookies advertising-cookies third-party-cookies`,
  },
  {
    id: 'passes',
    reason: 'A ticket, a way over mountains, a filter, a throw of a ball, or one run of several',
    words: `boarding-pass bus-pass train-pass rail-pass transit-pass travel-pass day-pass week-pass month-pass monthly-pass
      season-pass annual-pass year-pass ski-pass lift-pass trail-pass park-pass parking-pass museum-pass city-pass
      festival-pass event-pass weekend-pass vip-pass visitor-pass gate-pass hall-pass backstage-pass press-pass battle-pass
      mountain-pass high-pass low-pass band-pass all-pass by-pass first-pass second-pass third-pass single-pass two-pass
      multi-pass render-pass shader-pass compiler-pass forward-pass backward-pass long-pass short-pass
      tests-pass did-pass must-pass free-pass`,
  },
  {
    id: 'pins',
    reason: 'A contact of a chip, a place on a map, or an object',
    words: `rolling-pin safety-pin drawing-pin bowling-pin hair-pin hat-pin tie-pin lapel-pin enamel-pin clothes-pin push-pin
      firing-pin map-pin location-pin dropped-pin gpio-pin led-pin input-pin output-pin data-pin clock-pin digital-pin
      analog-pin connector-pin ground-pin`,
  },
  {
    id: 'pans',
    reason: 'Kitchenware, a person, or the movement of a camera, a map or a sound',
    words: `frying-pan sauce-pan baking-pan cake-pan roasting-pan grill-pan dust-pan bed-pan peter-pan camera-pan map-pan
      chart-pan audio-pan stereo-pan`,
  },
  {
    id: 'cookies-to-eat',
    reason: 'Food',
    words:
      'fortune-cookie chocolate-cookie chocolate-chip-cookie butter-cookie sugar-cookie oatmeal-cookie ginger-cookie',
  },
  { id: 'colours', reason: 'A colour of the skin', words: 'sun-tan skin-tan fake-tan' },
]
