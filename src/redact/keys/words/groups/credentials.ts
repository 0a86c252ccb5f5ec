// Passwords, tokens, keys and codes in English and as products write them. Words of other languages are in `languages/`.
import type { KeyGroup } from '../key-group.js'

export const CREDENTIAL_GROUPS: readonly KeyGroup[] = [
  {
    id: 'passwords',
    reason: 'A password is accepted from anyone who knows it, and people use one in several places',
    sources: [
      'https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html#data-to-exclude',
      'https://docs.sentry.io/security-legal-pii/scrubbing/server-side-scrubbing/',
    ],
    match: 'ending',
    words: 'password passwd passwrd pswd pswrd psswd passphrase passcode passkey password-key pwd',
  },
  {
    id: 'short-passwords',
    reason: 'Abbreviations of password, one-time password, and personal identification number',
    match: 'last words',
    words: 'pass pw psw pin mpin tpin pinblock puk psk wpa-psk',
  },
  {
    id: 'recovery-phrases',
    reason: 'The words or the key from which a wallet is restored are the wallet',
    sources: ['https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki'],
    match: 'ending',
    words: `mnemonic mnemonic-phrase mnemonic-words mnemonic-seed seed-phrase seed-words recovery-phrase recovery-words
      backup-phrase secret-phrase wallet-seed master-seed hd-seed xprv xpriv`,
  },
  {
    id: 'security-answers',
    reason: 'The answer to a security question resets a password',
    sources: ['https://pages.nist.gov/800-63-3/sp800-63b.html'],
    match: 'ending',
    words: `security-answer secret-answer security-question-answer secret-question-answer answer-to-security-question
      answer-to-secret-question recovery-answer challenge-answer hint-answer mothers-maiden-name mother-maiden-name`,
  },
  {
    id: 'tokens',
    reason: 'A bearer token is accepted from anyone who presents it',
    sources: ['https://www.rfc-editor.org/rfc/rfc6750'],
    match: 'ending',
    words: 'token secret jwt jws jwe assertion id-token-hint token-auth tempauth',
  },
  {
    id: 'short-tokens',
    reason: 'Abbreviations of tokens, keyed hashes and keys in files',
    match: 'last words',
    words: 'tkn bearer csrf xsrf hmac pem pfx p12',
  },
  {
    id: 'abbreviated-tokens',
    reason: 'An abbreviation of token that alone is a part of a text: `tok` of a parser',
    match: 'last words',
    words: 'access refresh auth bearer sess session id api csrf reset login user',
    before: 'tok',
  },
  {
    id: 'anti-forgery',
    reason:
      'The nonce of a form lets another site act as the user (WordPress, Moodle, Magento, MediaWiki, JSF)',
    sources: [
      'https://developer.wordpress.org/apis/security/nonces/',
      'https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html',
    ],
    match: 'ending',
    words: 'wp-nonce ajax-nonce form-nonce sesskey secure-key faces-view-state jenkins-crumb',
  },
  {
    id: 'keys',
    reason: 'A key signs, decrypts, or is accepted in place of a password',
    sources: ['https://docs.datadoghq.com/tracing/configure_data_security/'],
    match: 'ending',
    words: `api-key access-key access-key-id secret-key secret-key-base private-key priv-key prv-key signing-key
      signature-key encryption-key encrypt-key decryption-key decrypt-key crypto-key cipher-key master-key
      auth-key auth-token-key shared-key account-key subscription-key license-key licence-key serial-key
      activation-key registration-key ssh-key deploy-key hmac-key jwt-key fernet-key unseal-key security-key
      webhook-key integration-key service-role-key service-account-json
      application-key admin-key functions-key instrumentation-key ingestion-key encryption-customer-key key-material
      client-key-data client-key-pem appskey nwkskey private-key-pem`,
  },
  {
    id: 'short-keys',
    reason: 'Keys whose name other words end in: `designKey`, `observerKey`, `platformKey`, `mapKey`',
    match: 'last words',
    words: `sign-key root-key vault-key write-key server-key service-key app-key form-key act-key rp-key enc-key mac-key
      kek`,
  },
  {
    id: 'keys-of-files',
    reason: 'Files of private keys, as Kubernetes, nginx and wireless networks name them',
    sources: ['https://kubernetes.io/docs/concepts/configuration/secret/#tls-secrets'],
    match: 'last words',
    words: `tls-key ssl-key ca-key cert-key certificate-key key-pem rsa-key aes-key des-key wep-key wpa-key wifi-key
      stream-key wif`,
  },
  {
    id: 'keys-of-vendors',
    reason: 'The API key of a vendor, under the name of the vendor',
    match: 'last words',
    words: `aws-key gcp-key azure-key google-key google-maps-key maps-key firebase-key fcm-key openai-key anthropic-key
      gemini-key mistral-key cohere-key huggingface-key stripe-key paypal-key square-key mollie-key adyen-key sendgrid-key
      mailgun-key mailchimp-key mailjet-key postmark-key brevo-key twilio-key github-key gitlab-key slack-key discord-key
      algolia-key datadog-key newrelic-key cloudflare-key heroku-key shopify-key hubspot-key zendesk-key
      mashape-key cosmos-key fastly-key x-insert-key x-query-key x-honeycomb-team newrelic-license`,
  },
  {
    id: 'credentials',
    reason: 'Credentials in general, and the headers and messages that carry them',
    sources: [
      'https://www.rfc-editor.org/rfc/rfc9110#section-11.6.2',
      'https://www.rfc-editor.org/rfc/rfc6265#section-4.2',
      'https://docs.oasis-open.org/security/saml/v2.0/saml-bindings-2.0-os.pdf',
      'https://www.rfc-editor.org/rfc/rfc5849#section-3.4',
    ],
    match: 'ending',
    words: `credential creds authorization authorisation cookie basic-auth oauth-verifier oauth-signature
      amz-signature goog-signature amzn-oidc-data clerk-ticket clerk-handshake saml-response saml-request saml-art
      community-string snmp-community login-verifier consent-verifier`,
  },
  {
    id: 'short-credentials',
    reason: 'Abbreviations of credentials, and data source names, which contain a password',
    match: 'last words',
    words: 'cred dsn auth-info epp-code wresult',
  },
  {
    id: 'authentication',
    reason: 'Credentials under a short name; behind other words it names a method, as in `has_auth`',
    match: 'whole key',
    words:
      'auth x-auth x-auth-user-key x-ticket authentication-info proxy-authentication-info oauth sess x-session x-zumo-auth php-auth aspxauth dpop castgc smsession',
  },
  {
    id: 'sessions',
    reason: 'The id of a session gives access to the session',
    sources: ['https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html'],
    match: 'ending',
    words: `session-id session-key session-code session-hash session-uuid session-guid
      phpsessid connect-sid laravel-session`,
  },
  {
    id: 'short-sessions',
    reason: 'Abbreviations of session id',
    match: 'last words',
    words: 'sid sess-id',
  },
  {
    id: 'one-time-codes',
    reason: 'A code that was sent to a person, or made by their device, stands for the person',
    sources: ['https://www.rfc-editor.org/rfc/rfc6238', 'https://www.rfc-editor.org/rfc/rfc8628'],
    match: 'ending',
    words: `one-time-code one-time-pin verification-code verify-code verif-code vericode validation-code
      validate-code auth-code authentication-code authenticator-code authorization-code authorisation-code mfa-code sms-code
      email-code otp-code two-factor-code two-step-code second-factor-code 2fa-code tfa-code recovery-code
      backup-code scratch-code rescue-code access-code reset-code pin-code puk-code code-verifier device-code user-code
      activation-code confirmation-code confirm-code login-code signin-code magic-code invite-code
      invitation-code pairing-code enrollment-code unlock-code oob-code twofa-code`,
  },
  {
    id: 'second-factors',
    reason: 'A code of a second factor under the name of the factor',
    match: 'last words',
    words: 'otp totp hotp mfa 2fa tfa twofa tan otac vcode otp-seed totp-seed mfa-seed',
  },
  {
    id: 'numbers-of-short-codes',
    reason: 'A short secret in front of a word for a number: `cvv_code`, `pinNumber`, but not `spinNumber`',
    match: 'last words',
    words: 'cvv cvc cvn csc cvv2 cvc2 pin pan otp totp tan',
    before: 'code number num nr no',
  },
  {
    id: 'prefixed-short-passwords',
    reason:
      'A short word for a password behind a word that often stands there without a boundary: `newpass`, `dbpw`',
    match: 'last words',
    words: `user usr new old my cur current db admin root login smtp sms mail email ftp ssh ldap sql mysql pg account auth
      proxy wifi
      store key keystore truststore`,
    before: 'pass pw pin otp',
  },
  {
    id: 'links',
    reason: 'A link from a mail acts for the person to whom it was sent',
    match: 'last words',
    words: 'magic-link reset-link login-link',
  },
  {
    id: 'door-codes',
    reason: 'A code opens a door',
    match: 'last words',
    words: 'door-code gate-code lock-code safe-code safe-combination lock-combination',
  },
  {
    id: 'reset-and-invitation-keys',
    reason: 'A key from a mail resets a password or confirms an account (WordPress, phpBB, Django)',
    match: 'ending',
    words: `reset-key confirm-key confirmation-key invite-key invitation-key
      magic-key `,
  },
  {
    id: 'captcha-responses',
    reason: 'The response to a CAPTCHA is a token that proves a human once',
    match: 'ending',
    words: 'recaptcha-response hcaptcha-response turnstile-response',
  },
  {
    id: 'webhook-signatures',
    reason: 'The signature of a webhook is accepted with its body until it expires',
    sources: ['https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries'],
    match: 'ending',
    words: `hub-signature stripe-signature slack-signature twilio-signature svix-signature webhook-signature line-signature
      pagerduty-signature paddle-signature`,
  },
  {
    id: 'signatures-of-any-webhook',
    reason: 'The usual header for the signature of a webhook, whoever sends it',
    match: 'whole key',
    words: 'x-signature',
  },
  {
    id: 'password-hashes',
    reason: 'Hashes for passwords only, which can be attacked offline',
    sources: ['https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html'],
    match: 'ending',
    words: 'bcrypt-hash scrypt-hash argon2-hash pbkdf2-hash',
  },
  {
    id: 'connection-strings',
    reason: 'Connection strings contain a password',
    match: 'ending',
    words: `connection-string connection-str conn-string conn-str connection-uri database-url database-uri db-url db-uri
      mongo-uri mongo-url redis-url redis-uri postgres-url postgresql-url mysql-url amqp-url
      rabbitmq-url broker-url smtp-url mailer-url`,
  },
]
