// Names of secrets: twelve languages, parameters of real products, fields, headers, labels beside values.
// Values are letters and digits without a shape of their own: only the name tells.
import { type CaseFields, createCorpus, createRandom } from './blind-case.js'

const r = createRandom(18002)
const { cases, add } = createCorpus()
export const NAMES_AND_LANGUAGES = cases
const enc = encodeURIComponent
const S = () => r.secret(14)

// ---- languages: word, and words with qualifiers before and behind, as forms and APIs have them --------------------------
const words = (text: string) => text.trim().split(/\s+/)
const languages: Readonly<Record<string, readonly string[]>> = {
  Dutch: words(
    `wachtwoord nieuw_wachtwoord wachtwoord_herhaald wachtwoordBevestiging huidigWachtwoord toegangscode toegangssleutel geheim geheimeSleutel beveiligingscode verificatiecode inlogcode pincode activatiecode herstelcode kaartnummer sessiesleutel wachtzin`,
  ),
  German: words(
    `passwort neuesPasswort passwort_wiederholen passwortBestaetigung passwort_bestätigung altesPasswort kennwort kennwort_neu losung geheimnis geheimschluessel geheimer_schlüssel zugangscode zugangsschlüssel sicherheitscode bestätigungscode kartennummer kartenprüfnummer prüfziffer_karte`,
  ),
  French: words(
    `motdepasse mot_de_passe nouveau_mot_de_passe motDePasseConfirmation ancien_mot_de_passe mdp mdp_confirmation jeton jeton_acces jetonAccès cle_secrete clé_secrète clef_api code_secret code_de_verification codeConfirmation numero_carte numéro_de_carte cryptogramme_visuel`,
  ),
  Spanish: words(
    `contrasena contraseña contrasena_nueva nuevaContraseña contraseña_actual confirmar_contrasena clave clave_secreta claveAcceso palabra_clave_secreta ficha_acceso codigo_verificacion código_de_seguridad codigoAcceso secreto secreto_cliente numero_tarjeta número_de_tarjeta`,
  ),
  Italian: words(
    `password_nuova nuovaPassword parola_chiave parolaDordine parola_d_ordine chiave_segreta chiaveApi chiave_accesso segreto segreto_client gettone gettone_accesso codice_verifica codiceSicurezza codice_accesso numero_carta numeroCarta`,
  ),
  Portuguese: words(
    `senha nova_senha senhaAtual confirmar_senha senha_confirmacao palavra_passe palavraPasse palavra-passe chave_secreta chave_acesso chaveApi segredo segredo_cliente codigo_verificacao código_de_segurança codigoAcesso numero_cartao número_do_cartão`,
  ),
  Polish: words(
    `haslo hasło nowe_haslo noweHasło haslo_powtorz potwierdz_haslo stare_hasło tajny_klucz klucz_api kluczDostepu sekret kod_weryfikacyjny kod_dostepu kodSms zeton_dostepu numer_karty numerKarty`,
  ),
  Swedish: words(
    `losenord lösenord nytt_losenord nyttLösenord losenord_igen bekrafta_losenord hemlighet hemlig_nyckel api_nyckel atkomstnyckel verifieringskod engangskod säkerhetskod pinkod kortnummer`,
  ),
  Russian: words(
    `пароль новый_пароль пароль_повтор ПарольПользователя parol novyj_parol parol_povtor токен токен_доступа секрет секретный_ключ ключ_доступа код_подтверждения номер_карты kod_podtverzhdeniya`,
  ),
  Chinese: words(
    `密码 新密码 确认密码 旧密码 密碼 登录密码 支付密码 令牌 访问令牌 密钥 私钥 验证码 短信验证码 银行卡号 mima yanzhengma`,
  ),
  Japanese: words(
    `パスワード 新しいパスワード パスワード確認 現在のパスワード 暗証番号 合言葉 トークン アクセストークン 秘密鍵 秘密の質問の答え 認証コード 確認コード カード番号 ansho_bango ﾊﾟｽﾜｰﾄﾞ`,
  ),
  Turkish: words(
    `sifre şifre yeni_sifre yeniŞifre sifre_tekrar eski_şifre parola parola_onay gizli_anahtar erisim_anahtari dogrulama_kodu guvenlik_kodu kart_numarasi gizli_soru_cevabi`,
  ),
}
type Place = readonly [title: string, make: (name: string, secret: string) => CaseFields]

const langPlaces: readonly Place[] = [
  ['kwargs', (n, s) => ({ do: { filter: { naam: 'Jansen', [n]: s } }, visible: ['Jansen'] })],
  ['query', (n, s) => ({ url: `/inloggen?naam=Jansen&${enc(n)}=${s}`, visible: ['naam=Jansen'] })],
  [
    'nested',
    (n, s) => ({
      do: { results: [{ gebruiker: { naam: 'Jansen', velden: [{ [n]: s }] } }] },
      visible: ['Jansen'],
    }),
  ],
  [
    'form text',
    (n, s) => ({
      do: { filter: { body: `naam=Jansen&${enc(n)}=${s}&taal=nl` } },
      visible: ['naam=Jansen', 'taal=nl'],
    }),
  ],
  [
    'JSON text',
    (n, s) => ({
      do: { results: [{ body: JSON.stringify({ naam: 'Jansen', [n]: s }) }] },
      visible: ['Jansen'],
    }),
  ],
  [
    'label in a text',
    (n, s) => ({ do: { filter: { text: `naam: Jansen\n${n}: ${s}\n` } }, visible: ['Jansen'] }),
  ],
  [
    'log text',
    (n, s) => ({
      do: { results: [{ line: `login naam=Jansen ${n}=${s} ms=3` }] },
      visible: ['naam=Jansen', 'ms=3'],
    }),
  ],
]
let k = 0
for (const [language, names] of Object.entries(languages)) {
  for (const name of names) {
    const s = S()
    const [place, f] = langPlaces[k++ % langPlaces.length] as Place
    add(`language: ${language}`, { ...f(name, s), secrets: [s], note: `${name} in ${place}` })
  }
}
// The same letters, composed otherwise: decomposed accents (macOS), capitals, raw UTF-8 in the path
for (const n of ['contraseña', 'lösenord', 'hasło', 'şifre', 'bestätigungscode']) {
  for (const form of [n.normalize('NFD'), n.toUpperCase()]) {
    const s = S()
    const [place, f] = langPlaces[k++ % langPlaces.length] as Place
    add('language: decomposed or in capitals', { ...f(form, s), secrets: [s], note: `${form} in ${place}` })
  }
}

// ---- parameters in URLs of real products ------------------------------------------------------------------------------
// [product, path with {S}]; also as the application's own route
const products: readonly (readonly [product: string, url: string, visible: string])[] = [
  ['Firebase', '/usermgmt?mode=resetPassword&oobCode={S}&lang=fr', 'mode=resetPassword'],
  [
    'Firebase sign-in link',
    '/__/auth/links?link=https%3A%2F%2Fapp.example.org%2F%3Fmode%3DsignIn%26oobCode%3D{S}',
    '',
  ],
  ['Matomo', '/index.php?module=API&method=VisitsSummary.get&token_auth={S}', 'module=API'],
  ['Moodle sesskey', '/login/logout.php?sesskey={S}', ''],
  [
    'Moodle web service',
    '/webservice/rest/server.php?wstoken={S}&wsfunction=core_user_get_users',
    'wsfunction=core_user_get_users',
  ],
  ['WordPress nonce', '/wp-admin/post.php?post=7&action=trash&_wpnonce={S}', 'action=trash'],
  ['WordPress reset', '/wp-login.php?action=rp&key={S}&login=jan', 'login=jan'],
  ['WooCommerce order', '/checkout/order-received/77/?key=wc_order_{S}', ''],
  ['WooCommerce REST', '/wp-json/wc/v3/orders?consumer_key=ck_{S}&consumer_secret=cs_x', ''],
  ['SAML artifact', '/saml/acs?SAMLart={S}', ''],
  ['SAML response', '/saml/acs?SAMLResponse={S}&RelayState=%2Fhome', ''],
  ['CAS', '/app?ticket=ST-{S}', ''],
  ['CAS proxy', '/proxyCallback?pgtId={S}&pgtIou=PGTIOU-84678-x', ''],
  ['GitHub device', '/login/oauth/access_token?client_id=Iv1.x&device_code={S}', 'client_id=Iv1.x'],
  ['OAuth code', '/callback?code={S}&state=xyz', ''],
  ['OAuth id token', '/callback?id_token={S}', ''],
  ['Auth0 ticket', '/lo/reset?ticket={S}#', ''],
  ['Okta', '/login/sessionCookieRedirect?checkAccountSetupComplete=true&session_token={S}&redirectUrl=x', ''],
  ['Okta state token', '/login/step-up/redirect?stateToken={S}', ''],
  [
    'Keycloak',
    '/realms/a/login-actions/authenticate?session_code={S}&execution=e1&client_id=acc&tab_id=t1',
    'client_id=acc',
  ],
  ['Cognito', '/confirmUser?client_id=c&user_name=jan&confirmation_code={S}', 'user_name=jan'],
  ['Supabase', '/auth/v1/verify?token_hash={S}&type=recovery', 'type=recovery'],
  ['Clerk', '/v1/client/handshake?__clerk_handshake={S}', ''],
  ['Clerk ticket', '/sign-up?__clerk_ticket={S}', ''],
  ['Stytch', '/authenticate?stytch_token_type=magic_links&token={S}', 'stytch_token_type=magic_links'],
  ['NextAuth', '/api/auth/callback/email?callbackUrl=%2F&token={S}&email=jan%40example.org', ''],
  ['NextAuth csrf', '/api/auth/signin?csrfToken={S}', ''],
  ['phpBB', '/ucp.php?i=pm&sid={S}', 'i=pm'],
  ['vBulletin', '/showthread.php?t=1&s={S}&securitytoken=x', 't=1'],
  ['phpMyAdmin', '/index.php?route=/sql&pma_password={S}&pma_username=jan', 'pma_username=jan'],
  ['Java servlet', '/app/home;jsessionid={S}?tab=2', 'tab=2'],
  ['PHP session', '/index.php?PHPSESSID={S}', ''],
  ['ASP cookieless', '/app/(S({S}))/home.aspx', 'home.aspx'],
  ['ColdFusion', '/index.cfm?CFID=77&CFTOKEN={S}', ''],
  ['Jenkins', '/buildByToken/build?job=deploy&token={S}', 'job=deploy'],
  ['Jenkins crumb', '/job/x/build?Jenkins-Crumb={S}', ''],
  ['Grafana', '/render/d-solo/x?auth_token={S}&from=1', 'from=1'],
  ['Zabbix', '/zabbix.php?action=x&_csrf_token={S}', ''],
  ['Plex', '/library/sections?X-Plex-Token={S}', ''],
  ['Jellyfin', '/Videos/7/stream?api_key={S}&static=true', 'static=true'],
  ['Home Assistant', '/api/image?access_token={S}', ''],
  ['Emby', '/Items?X-Emby-Token={S}', ''],
  ['Sonarr', '/api/v3/series?apikey={S}', ''],
  ['Synology', '/webapi/auth.cgi?api=SYNO.API.Auth&account=jan&passwd={S}&_sid=x', 'account=jan'],
  ['Synology sid', '/webapi/entry.cgi?api=SYNO.FileStation.List&_sid={S}', 'SYNO.FileStation.List'],
  ['Synology SynoToken', '/webapi/entry.cgi?api=A&SynoToken={S}', ''],
  ['Google Maps', '/maps/api/staticmap?center=Utrecht&key={S}&signature=x', 'center=Utrecht'],
  ['HERE', '/v1/geocode?q=Utrecht&apiKey={S}', 'q=Utrecht'],
  ['OpenWeather', '/data/2.5/weather?q=Utrecht&appid={S}', 'q=Utrecht'],
  ['Mapbox', '/styles/v1/a/b.html?access_token={S}', ''],
  ['Twitter OAuth 1', '/oauth/authorize?oauth_token={S}', ''],
  ['Twitter verifier', '/cb?oauth_token=a&oauth_verifier={S}', ''],
  [
    'Shopify',
    '/auth/callback?hmac={S}&shop=acme.myshopify.com&timestamp=1795824000',
    'shop=acme.myshopify.com',
  ],
  ['Shopify session', '/app?id_token={S}&session={S2}', ''],
  ['Telegram login', '/tg?id=7&first_name=Jan&auth_date=1795824000&hash={S}', 'first_name=Jan'],
  ['Telegram web app', '/tg?tgWebAppData=query_id%3DAA%26hash%3D{S}', ''],
  ['Nextcloud', '/index.php/login/flow?clientIdentifier=&stateToken={S}', ''],
  ['Mailman', '/mailman/options/list/jan--at--example.org?password={S}', ''],
  ['Discourse', '/session/email-login?sso=x&sig={S}', ''],
  ['Discourse API', '/posts.json?api_key={S}&api_username=jan', 'api_username=jan'],
  ['Redmine', '/issues.xml?key={S}', ''],
  ['Redmine autologin', '/account/lost_password?token={S}', ''],
  ['Bugzilla', '/rest/bug/7?Bugzilla_api_key={S}', ''],
  ['Bugzilla login', '/rest/login?Bugzilla_login=jan&Bugzilla_password={S}', 'Bugzilla_login=jan'],
  ['TeamViewer', '/api?tvtoken={S}', ''],
  ['ownCloud', '/remote.php/x?requesttoken={S}', ''],
  ['Laravel', '/password/reset?resetKey={S}', ''],
  ['Rails', '/users?authenticity_token={S}&utf8=%E2%9C%93', ''],
  ['Django', '/admin/?csrfmiddlewaretoken={S}', ''],
  ['ASP.NET', '/Home?__RequestVerificationToken={S}', ''],
  ['ASP.NET view state', '/Page.aspx?__VIEWSTATE={S}', ''],
  ['Drupal', '/batch?id=7&op=start&form_token={S}', 'op=start'],
  ['Joomla', '/index.php?option=com_users&task=reset.confirm&jform%5Btoken%5D={S}', 'option=com_users'],
  ['PrestaShop', '/password-recovery?token={S}&id_customer=7&reset_token={S2}', 'id_customer=7'],
  ['Magento', '/customer/account/createPassword/?id=7&token={S}', 'id=7'],
  ['Magento form key', '/checkout/cart/add/form_key/{S}/product/7', 'product/7'],
  ['Cloudflare Turnstile', '/verify?cf-turnstile-response={S}', ''],
  ['reCAPTCHA', '/verify?g-recaptcha-response={S}', ''],
  ['hCaptcha', '/verify?h-captcha-response={S}', ''],
  ['Zoom', '/j/123456789?pwd={S}', ''],
  ['Zoom web', '/w/123456789?tk={S}&uname=jan', 'uname=jan'],
  ['Jitsi', '/room?jwt={S}', ''],
  ['BigBlueButton', '/bigbluebutton/api/join?meetingID=m&fullName=Jan&checksum={S}', 'fullName=Jan'],
  ['BigBlueButton password', '/bigbluebutton/api/join?meetingID=m&moderatorPW={S}', 'meetingID=m'],
  ['InfluxDB 1', '/query?db=x&u=jan&p={S}&q=SHOW+DATABASES', 'db=x'],
  ['ClickHouse', '/?user=default&password={S}&query=SELECT+1', 'user=default'],
  ['CouchDB', '/_session?name=jan&password={S}', 'name=jan'],
  ['SMS gateway', '/sendsms?username=jan&password={S}&to=31600000000', 'to=31600000000'],
  ['SMS gateway 2', '/http-api.php?user=jan&pass={S}&to=31600000000', 'user=jan'],
  ['Vonage', '/sms/json?api_key=k&api_secret={S}&to=31600000000', 'to=31600000000'],
  ['DynDNS', '/nic/update?hostname=h.example.org&password={S}', 'hostname=h.example.org'],
  ['Dynv6', '/api/update?zone=h.dynv6.net&token={S}', 'zone=h.dynv6.net'],
  ['No name but user info', 'http://jan:{S}@app.example.org/start', '/start'],
]
for (const [product, path, visible] of products) {
  const s = S()
  const s2 = S()
  add('URL of a product', {
    url: path.replace('{S}', s).replace('{S2}', s2),
    secrets: path.includes('{S2}') ? [s, s2] : [s],
    visible: visible ? [visible] : [],
    note: product,
  })
}
// The same parameters in a form, in kwargs: by the same rule in URLs and in filters
for (const name of [
  'oobCode',
  'token_auth',
  'session_code',
  'sesskey',
  '_wpnonce',
  'SAMLart',
  'rp_key',
  'resetKey',
  'wstoken',
  'pgtId',
  'stateToken',
  '__clerk_ticket',
  'CFTOKEN',
  'SynoToken',
  'moderatorPW',
  '__RequestVerificationToken',
  'csrfmiddlewaretoken',
  'authenticity_token',
  'g-recaptcha-response',
  'X-Plex-Token',
  'tvtoken',
  'form_key',
  'token_hash',
  'Bugzilla_api_key',
]) {
  const s = S()
  const [, f] = langPlaces[[0, 3, 2][k++ % 3] as number] as Place
  add('name of a product in kwargs, results, forms', { ...f(name, s), secrets: [s], note: name })
}

// ---- fields ---------------------------------------------------------------------------------------------------------
const fields = words(
  `pswd passwrd pass_word userPass pass1 pass2 password_hash passwordDigest pwdHash bcrypt_hash salt_and_password verifyCode verifycode vcode 2fa twoFactor twofa_code mfaToken otpSecret totp_seed securityAnswer security_answer_1 secretAnswer secretQuestionAnswer mnemonic mnemonicPhrase seedPhrase seed_phrase recoveryPhrase recovery_words privKey privatekey_pem priv_key sk creds dbCreds loginCredentials userpwd ftpPassword smtp_pass MYSQL_ROOT_PASSWORD PGPASSWORD DJANGO_SECRET_KEY SECRET_KEY_BASE APP_KEY NEXTAUTH_SECRET JWT_SIGNING_SECRET awsSecretAccessKey client_secret clientSecretValue apiSecret appSecret consumer_secret webhookSecret signing_secret encKey aesKey hmacKey macKey kek sshPrivateKey pgp_private_key keystorePassword truststore_password keyPassphrase unlockCode puk pukCode pinBlock atmPin cardPin cvv cvcCode card_verification_value cardSecurityCode track2 magstripeData magicLink magic_token refreshTkn accessTok bearerTok sessTok authTok authHeader authorization_header xAuthToken rememberMe remember_token rememberToken deviceToken push_token fcmToken apnsToken sessionCookie cookieHeader set-cookie sasToken sas_url connStr connection_string dsn DATABASE_URL jdbcUrl wifiPassword wpaPsk wpa_psk psk preSharedKey pre-shared-key community_string enable_secret unseal_key rootToken vault_token kubeconfig_token tlsKey ssl_key licenceKey productKey serial_secret invitationCode inviteToken resetPasswordToken emailVerificationToken unlock_token oneTimePin otac ephemeral_secret paymentToken stripeSecret encryptedPassword plainPassword plaintext_password rawPassword tempPassword defaultPwd repeatPwd pwConfirm pwAgain passwortAlt`,
)
const debatable = new Set(
  words(
    `password_hash passwordDigest pwdHash bcrypt_hash sk kek macKey deviceToken push_token fcmToken apnsToken twoFactor community_string productKey licenceKey rememberMe invitationCode salt_and_password sas_url encryptedPassword ssl_key tlsKey keystorePassword puk serial_secret authHeader cookieHeader otac jdbcUrl paymentToken`,
  ),
)
for (const name of fields) {
  const s = S()
  const [place, f] = langPlaces[[0, 2, 4, 1][k++ % 4] as number] as Place
  add(debatable.has(name) ? 'field, debatable' : 'field', {
    ...f(name, /dsn|url$/i.test(name) ? `postgres://jan:${s}@db.example.org:5432/app` : s),
    secrets: [s],
    note: `${name} in ${place}`,
  })
}
// JWK: private members beside kty (RFC 7518 section 6)
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k']
const jwkSets: readonly Record<string, string>[] = [
  { kty: 'EC', crv: 'P-256', x: 'publicx', y: 'publicy', d: S() },
  { kty: 'OKP', crv: 'Ed25519', x: 'publicx', d: S() },
  { kty: 'RSA', n: 'publicn', e: 'AQAB', d: S(), p: S(), q: S(), dp: S(), dq: S(), qi: S() },
  { kty: 'oct', alg: 'HS256', k: S() },
]
for (const jwk of jwkSets) {
  const secrets = PRIVATE_MEMBERS.flatMap((member) => jwk[member] ?? [])
  add('JWK', { do: { results: [{ keys: [jwk] }] }, secrets, visible: [jwk.kty as string] })
  add('JWK', {
    do: { filter: { body: JSON.stringify({ keys: [jwk] }) } },
    secrets,
    visible: [jwk.kty as string],
  })
}

// ---- headers: of the response, and as an object of headers that a handler records ---------------------------------------
const headers = words(
  `x-amz-server-side-encryption-customer-key x-goog-encryption-key x-ms-encryption-key x-functions-key x-session x-session-id x-auth x-auth-token x-access-token x-refresh-token x-api-key x-apikey api-key apikey x-amz-security-token x-goog-api-key x-goog-iam-authorization-token ocp-apim-subscription-key x-csrf-token x-xsrf-token x-csrftoken x-vault-token x-consul-token x-nomad-token private-token job-token x-gitlab-token x-hub-signature-256 x-shopify-access-token x-shopify-hmac-sha256 x-slack-signature x-twilio-signature x-line-signature stripe-signature x-figma-token x-figshare-token circle-token fastly-key x-auth-key x-auth-email-key dd-api-key dd-application-key x-insert-key x-newrelic-license x-datadog-key x-rapidapi-key x-cg-pro-api-key x-mashape-key x-parse-rest-api-key x-parse-session-token x-parse-master-key x-hasura-admin-secret x-typesense-api-key x-meili-api-key x-algolia-api-key x-postmark-server-token x-wp-nonce x-jenkins-crumb jenkins-crumb x-plex-token x-emby-token x-redmine-api-key x-otp x-github-otp x-totp x-pin x-forwarded-access-token x-forwarded-authorization x-original-authorization x-amzn-oidc-data x-goog-iap-jwt-assertion cf-access-jwt-assertion cf-access-client-secret x-ms-token-aad-access-token x-zumo-auth x-ms-client-principal-token authentication-info proxy-authorization sec-websocket-protocol-token x-secret x-client-secret x-webhook-secret x-telegram-bot-api-secret-token x-signature x-sessiontoken x-jwt x-id-token dpop x-device-secret x-user-password`,
)
headers.forEach((name, i) => {
  const s = r.secret(32)
  const d = /signature|hmac|authentication-info|email-key|principal-token/.test(name) ? ', debatable' : ''
  if (i % 3 === 0)
    add(`header${d}: in an object`, {
      do: { filter: { headers: { accept: 'text/plain7', [name]: s } } },
      secrets: [s],
      visible: ['text/plain7'],
      note: name,
    })
  else if (i % 3 === 1)
    add(`header${d}: of the response`, {
      do: { headers: { [name]: s, 'x-keep': 'kept7' } },
      secrets: [s],
      visible: ['kept7'],
      note: name,
    })
  else
    add(`header${d}: in a text`, {
      do: {
        results: [
          {
            dump: `GET / HTTP/1.1\r\nHost: api.example.org\r\n${name.replace(/(^|-)\w/g, (c) => c.toUpperCase())}: ${s}\r\nAccept: text/plain7\r\n\r\n`,
          },
        ],
      },
      secrets: [s],
      visible: ['text/plain7'],
      note: name,
    })
})
const cookieHeaders: readonly ((secret: string) => Record<string, string | string[]>)[] = [
  (s) => ({ 'set-cookie': `sid=${s}; Path=/; HttpOnly` }),
  (s) => ({ 'set-cookie': [`theme=${s}; Path=/`, `b=${s}`] }),
  (s) => ({ 'set-cookie': `a="x; ${s}"; Path=/` }),
  (s) => ({ 'set-cookie': `a=x, b=${s}` }),
  (s) => ({ 'set-cookie2': `a=${s}; Version=1` }),
  (s) => ({ 'x-set-cookie': `a=${s}` }),
  (s) => ({ refresh: `0; url=/login?token=${s}` }),
  (s) => ({ 'content-location': `/me?access_token=${s}` }),
  (s) => ({ link: `</a?token=${s}>; rel="next", </b>; rel="prev"` }),
  (s) => ({ 'x-accel-redirect': `/internal?token=${s}` }),
  (s) => ({ sourcemap: `/a.js.map?sig=${s}` }),
  (s) => ({ 'www-authenticate': `Digest realm="x", nonce="${s}", opaque="o"` }),
  (s) => ({ 'x-debug': `authorization: Bearer ${s}` }),
  (s) => ({ 'x-cookie-header': `session=${s}` }),
  (s) => ({ 'content-disposition': `attachment; filename="a.pdf"; token="${s}"` }),
]
for (const f of cookieHeaders) {
  const s = r.secret(24)
  add('header: its parts', { do: { headers: f(s) }, secrets: [s], note: JSON.stringify(f('S')) })
}

// ---- labels beside values -------------------------------------------------------------------------------------------
const labels: readonly ((secret: string) => unknown)[] = [
  (s) => ({ name: 'password', value: s }),
  (s) => ({ key: 'password', value: s }),
  (s) => ({ Key: 'password', Value: s }),
  (s) => ({ k: 'password', v: s }),
  (s) => ({ field: 'password', value: s }),
  (s) => ({ fieldname: 'password', value: s }),
  (s) => ({ fieldName: 'newPassword', fieldValue: s }),
  (s) => ({ fieldId: 'password', content: s }),
  (s) => ({ label: 'Password', value: s }),
  (s) => ({ title: 'Password', text: s }),
  (s) => ({ title: 'API key', description: s }),
  (s) => ({ id: 'password', value: s }),
  (s) => ({ type: 'password', value: s }),
  (s) => ({ inputType: 'password', val: s }),
  (s) => ({ type: 'password', id: 'x1', data: s }),
  (s) => ({ param: 'password', val: s }),
  (s) => ({ parameter: 'access_token', value: s }),
  (s) => ({ attribute: 'userPassword', values: [s] }),
  (s) => ({ attr: 'userPassword', new: s, old: 'none7' }),
  (s) => ({ property: 'password', newValue: s }),
  (s) => ({ path: 'password', value: s }),
  (s) => ({ op: 'replace', path: '/password', value: s }),
  (s) => ({ op: 'add', path: '/users/7/apiKey', value: s }),
  (s) => ({ column: 'password', value: s }),
  (s) => ({ variable: 'DB_PASSWORD', content: s }),
  (s) => ({ env: 'DB_PASSWORD', value: s }),
  (s) => ({ variable_type: 'env_var', key: 'DB_PASSWORD', value: s }),
  (s) => ({ setting: 'smtp_password', value: s }),
  (s) => ({ header: 'Authorization', value: s }),
  (s) => ({ n: 'password', v: s }),
  (s) => ({ N: 'password', V: s }),
  (s) => ({ '@name': 'password', '#text': s }),
  (s) => ({ $: { name: 'password' }, _: s }),
  (s) => ({ attributes: { name: 'password' }, value: s }),
  (s) => ({ name: ['password'], value: [s] }),
  (s) => ({ name: 'password', value: { stringValue: s } }),
  (s) => ({ question: 'What is your password?', answer: s }),
  (s) => ({ caption: 'Wachtwoord', value: s }),
  (s) => ({ control: 'password', rawValue: s }),
  (s) => ({ prop: 'password', before: 'none7', after: s }),
  (s) => ['password', s],
  (s) => ['password', '=', s],
  (s) => ['password', 'eq', s],
  (s) => [
    ['user', 'jan'],
    ['password', s],
  ],
  (s) => ['--password', s],
  (s) => ['-p', `password=${s}`],
  (s) => ({ argv: ['login', '--token', s] }),
  (s) => ({ rawHeaders: ['Host', 'a.example.org', 'Authorization', s] }),
  (s) => ({
    entries: [
      { key: 'user', value: 'jan' },
      { key: 'password', value: s },
    ],
  }),
  (s) => ({ columns: ['user', 'password'], rows: [['jan', s]] }),
  (s) => ({ names: ['user', 'password'], values: ['jan', s] }),
  (s) => ({ fields: 'user,password', row: `jan,${s}` }),
  (s) => ({ filter: { field: 'token', operator: '==', value: s } }),
  (s) => ({ where: [{ column: 'password_reset_token', operator: '=', value: s }] }),
  (s) => ({ query: { term: { password: { value: s } } } }),
  (s) => ({ query: { match: { field: 'api_key', query: s } } }),
  (s) => ({ propertyName: 'password', operator: 'EQ', value: s }),
  (s) => ({ lhs: 'password', rhs: s }),
  (s) => ({ left: 'password', op: '=', right: s }),
  (s) => ({ Name: 'custom:password', Value: s }),
  (s) => ({ ParameterKey: 'DBPassword', ParameterValue: s }),
  (s) => ({ OptionName: 'DB_PASSWORD', Value: s }),
  (s) => ({ secretName: 'db', secretValue: s }),
  (s) => ({ token: { value: s } }),
  (s) => ({ password: [s] }),
  (s) => ({ password: { new: s } }),
  (s) => ({ password: { 0: s } }),
  (s) => ({ password: { $eq: s } }),
  (s) => ({ password: { set: s } }),
  (s) => ({ credentials: { user: 'jan', value: s } }),
  (s) => ({ auth: { user: 'jan', pass: s } }),
  (s) => ({ auth: ['jan', s] }),
  (s) => ({ 'user[password]': s }),
  (s) => ({ 'user.password': s }),
  (s) => ({ 'users[0][password]': s }),
  (s) => ({ 'filter[token][eq]': s }),
  (s) => ({ password__in: [s] }),
  (s) => ({ $password: s }),
  (s) => ({ ':password': s }),
  (s) => ({ '@password': s }),
  (s) => ({ '--password': s }),
  (s) => ({ 'Password ': s }),
  (s) => ({ '"password"': s }),
  (s) => ({ 'password:': s }),
  (s) => ({ 'PASSWORD (required)': s }),
  (s) => ({ 'p\u200bassword': s }),
  (s) => ({ ｐａｓｓｗｏｒｄ: s }),
]
labels.forEach((f, i) => {
  const s = S()
  const value = f(s)
  const where = i % 3
  add('label beside a value', {
    do:
      where === 0
        ? { filter: { items: [value], city: 'Utrecht' } }
        : where === 1
          ? { results: [{ item: value, city: 'Utrecht' }] }
          : { results: [{ body: JSON.stringify({ item: value, city: 'Utrecht' }) }] },
    secrets: [s],
    visible: ['Utrecht'],
    note: JSON.stringify(f('S')),
  })
})
const xmls: readonly ((secret: string) => string)[] = [
  (s) =>
    `<methodCall><params><param><value><struct><member><name>password</name><value><string>${s}</string></value></member></struct></value></param></params></methodCall>`,
  (s) =>
    `<plist version="1.0"><dict><key>Password</key><string>${s}</string><key>City</key><string>Utrecht</string></dict></plist>`,
  (s) => `<config><property name="password" value="${s}"/></config>`,
  (s) => `<config><property><name>password</name><value>${s}</value></property></config>`,
  (s) => `<configuration><appSettings><add key="ApiKey" value="${s}"/></appSettings></configuration>`,
  (s) => `<bean><property name="password"><value>${s}</value></property></bean>`,
  (s) => `<saml:Attribute Name="password"><saml:AttributeValue>${s}</saml:AttributeValue></saml:Attribute>`,
  (s) => `<entry key="db.password">${s}</entry>`,
  (s) => `<wsse:Password Type="PasswordText">${s}</wsse:Password>`,
  (s) => `<field name='token'>${s}</field>`,
  (s) => `<value name="password"><![CDATA[${s}]]></value>`,
  (s) => `<password><![CDATA[${s}]]></password>`,
  (s) => `<user password="${s}" name="jan"/>`,
  (s) => `<input type="password" value="${s}">`,
  (s) => `<input value="${s}" name="token" type="hidden">`,
  (s) => `<meta name="csrf-token" content="${s}">`,
  (s) => `<dt>Password</dt><dd>${s}</dd>`,
  (s) => `<th>Password</th><td>${s}</td>`,
  (s) => `<label>Password</label><span>${s}</span>`,
  (s) => `<string name="api_key">${s}</string>`,
  (s) => `<ns2:apiKey xmlns:ns2="urn:x">${s}</ns2:apiKey>`,
  (s) => `&lt;password&gt;${s}&lt;/password&gt;`,
]
for (const f of xmls) {
  const s = S()
  add('label in XML or HTML', {
    do: { filter: { body: `${f(s)} <city>Gouda</city>` } },
    secrets: [s],
    visible: ['Gouda'],
    note: f('S'),
  })
}
for (const body of [
  '--b\r\nContent-Disposition: form-data; name="user"\r\n\r\njan\r\n--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{S}\r\n--b--',
  '--b\r\nContent-Disposition: form-data; name="wachtwoord_nieuw"\r\nContent-Type: text/plain\r\n\r\n{S}\r\n--b--',
  '--b\nContent-Disposition: form-data; name=token\n\n{S}\n--b--',
]) {
  const s = S()
  add('form data', {
    do: { filter: { body: body.replace('{S}', s) } },
    secrets: [s],
    note: body.slice(0, 80),
  })
}
