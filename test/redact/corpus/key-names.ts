// Names of fields, parameters and headers with a secret, as real applications, frameworks and vendors write them, and harmless
// names that look alike. Each list is one text, with the names separated by spaces or, with spaces in names, by lines.
const names = (text: string) => text.trim().split(/\s+/)

/** Sensitive everywhere: in filters, results, headers and URLs. */
export const SENSITIVE_NAMES: Readonly<Record<string, readonly string[]>> = {
  passwords:
    names(`pswd userPswd PASSWD passwordConfirm passwordconfirm confirmpassword password_confirmation password-again
    newpasswordconfirm password1 password_2 user[password] user.password userPassword passwordRepeat passwordVerify dbPass
    DB_PASS REDIS_PASS wifi_password loginPassword passwordSha256 password_md5 passwordBcrypt passwordEncrypted passwords
    SMTP_PASSWORD_PROD password_live rootpw adminpass authpass mpin atmPin`),
  'recovery phrases': names(
    'mnemonic walletMnemonic seedPhrase seed_phrase recoveryPhrase recovery_words xprv masterSeed',
  ),
  'security answers': names(
    'securityAnswer security_answer_1 secretAnswer secret_question_answer mothersMaidenName',
  ),
  'one-time codes':
    names(`verifyCode verify_code verificationCode validationCode otp otp_code smsOtp 2fa 2faCode tfa twoFactorCode
    mfa_code totpSecret authenticatorCode confirmCode emailCode scratchCodes backupCodes recovery_codes loginCode inviteCode
    invitationCode pairingCode unlockCode oobCode sessionCode pinNumber cvvCode hotp vcode twofa_code
    totp_seed otpSeed`),
  tokens:
    names(`token tkn accessToken ACCESS_TOKEN refreshtoken idToken id_token_hint tokenValue token_hash token_auth csrf
    _csrf csrfmiddlewaretoken authenticity_token __RequestVerificationToken _wpnonce wpnonce _ajax_nonce form_key sesskey
    javax.faces.ViewState jwt jwe bearer client_assertion accessTok sess_tok Jenkins-Crumb __clerk_ticket`),
  keys: names(`privKey private_key privateKeyPem apiKey api_keys APIKEY api_key_prod STRIPE_SECRET_LIVE secretKey
    AWS_ACCESS_KEY_ID awsSecretAccessKey signingKey encryption_key decryptKey masterKey rootKey preSharedKey psk hmacKey
    licenseKey sshKey deployKey fernet_key unseal_keys tls.key sslKey client-key-data appKey APP_KEY applicationKey
    OPENAI_KEY stripeKey SENDGRID_KEY googleMapsKey service_role_key serviceAccountKey instrumentationKey webhookSecret
    resetKey rp_key confirmKey actkey reset_password_key community_string encKey mac_key kek bcrypt_hash storepass keypass truststorePass`),
  credentials:
    names(`creds dbCreds laravel_session lockCode safeCombination cred credentials Authorization auth auth_header basicAuth cookie cookies Cookie2
    SAMLResponse SAMLart SAMLRequest oauth_verifier dsn DATABASE_DSN connectionString connStr DATABASE_URL SQLALCHEMY_DATABASE_URI
    MONGODB_URI brokerUrl sessionId session_id sessionToken sid connect.sid user_sid sess login_verifier`),
  cards: names(
    'cardNumber card_no ccNumber cc_num creditCard cvv cvc2 cvn csc securityCode card[number] pan track2Data track2 card[track1]',
  ),
  'with a note': ['PASSWORD (required)', 'PIN (4 digits)', 'Password (new)'],
  headers:
    names(`x-amz-server-side-encryption-customer-key x-amz-copy-source-server-side-encryption-customer-key
    x-ms-encryption-key x-functions-key x-session x-session-id x-auth x-auth-key x-api-key ocp-apim-subscription-key
    x-goog-api-key x-vault-token private-token job-token cf-access-client-secret cf-access-jwt-assertion dd-api-key
    dd-application-key x-hub-signature x-hub-signature-256 stripe-signature x-slack-signature x-shopify-hmac-sha256
    x-plex-token x-rapidapi-key x-mashape-key x-honeycomb-team x-parse-master-key x-zumo-auth x-amzn-oidc-accesstoken
    proxy-authorization x-csrf-token dpop x-jenkins-crumb fastly-key x-newrelic-license x-amzn-oidc-data x-signature authentication-info x-auth-user-key x-ticket`),
}

/** Sensitive as parameters of a URL only. */
export const SENSITIVE_URL_PARAMETERS: readonly string[] =
  names(`sig signature Signature X-Amz-Signature X-Goog-Signature
  q-signature X-Amz-Credential nonce _nonce ticket key hash sign resourcekey rlkey hdnts login_challenge consent_challenge
  mkt_tok ott sharekey zak pgtId`)

/** By language: the names that have to be redacted. */
export const SENSITIVE_NAMES_BY_LANGUAGE: Readonly<Record<string, readonly string[]>> = {
  nl: names(`geheimeVraagAntwoord wachtwoord wachtwoord_nieuw nieuwWachtwoord wachtwoordHerhalen wachtwoordbevestiging herhaal_wachtwoord
    wachtwoord2 geheim pincode inlogcode verificatiecode beveiligingscode toegangscode apiSleutel privésleutel geheime_sleutel
    creditcardnummer kaartnummer inloggegevens herstelcode geheimeAntwoord`),
  de: names(`passwort neues_passwort passwort_wiederholen passwort_bestätigen passwort_bestaetigen passwort_bestatigen
    Passwortbestätigung PASSWORT_ALT kennwort Kennwörter kennwoerter zugangscode sicherheitscode bestaetigungscode einmalcode
    geheimnis apiSchlüssel api_schluessel privater_schlüssel kreditkartennummer kartennummer kartenpruefnummer pruefnummer
    zugangsdaten anmeldedaten sicherheitsantwort geheimzahl tanNummer`),
  fr: names(`code_confidentiel mot_de_passe motDePasse nouveauMotDePasse mot_de_passe_actuel mot_de_passe_confirmé ancien_mot_de_passe mdp
    mdp_confirmation jeton jeton_csrf clé_api clef_api clefSecrète cleApi cle_secrete clé_privée code_secret code_de_securite code_verification
    codeDeConfirmation code_pin numero_carte numéro_de_carte carte_bancaire cryptogramme phrase_secrete reponse_secrete
    identifiants_de_connexion`),
  es: names(`tokenDeAcceso clave_dinamica kontrasena contraseña contrasena contrasena_nueva nuevaContraseña contraseña_actual repetir_contraseña contrasenas
    contrasenya contraseña_usuario clave clave_nueva clave_secreta claveApi clave_privada codigo_seguridad
    código_de_verificación codigo_acceso numero_tarjeta número_de_tarjeta tarjeta_credito secreto respuesta_secreta
    credenciales frase_semilla`),
  pt: names(`senha senha_nova novaSenha senhaAtual confirmar_senha senha_confirmação palavra_passe palavraPasse chave_secreta
    chave_privada chave_acesso chave_api codigo_seguranca código_de_verificação numero_cartao número_do_cartão cartao_credito segredo
    resposta_secreta credenciais`),
  it: names(`password_nuova parola_d_ordine chiave_segreta chiaveApi chiave_privata codice_segreto codice_di_sicurezza
    codice_verifica numero_carta numero_di_carta carta_di_credito risposta_segreta credenziali codice_pin segreto_client gettone gettoneAccesso`),
  pl: names(`hasło haslo hasło_nowe noweHaslo powtorz_haslo hasło_powtórz hasło_użytkownika klucz_api klucz_prywatny
    tajny_klucz kod_pin kod_weryfikacyjny kod_bezpieczenstwa numer_karty dane_logowania sekret zeton_dostepu`),
  sv: names(`lösenord losenord loesenord nytt_lösenord lösenord_igen bekräfta_lösenord losenord_nytt hemlighet api_nyckel
    säkerhetskod verifieringskod engångskod pinkod kortnummer inloggningsuppgifter`),
  da: names(
    'adgangskode ny_adgangskode adgangskode_gentag kodeord sikkerhedskode hemmelighed kortnummer api_nøgle api_noegle',
  ),
  no: names('passord nytt_passord passord_gjenta bekreftPassord sikkerhetskode engangskode hemmelighet'),
  fi: names('salasana uusi_salasana salasana_uudelleen vahvistuskoodi turvakoodi kertakäyttökoodi api_avain'),
  cs: names('heslo nove_heslo heslo_znovu potvrzeni_hesla bezpečnostní_kód cislo_karty soukromy_klic'),
  tr: names(
    'şifre sifre yeni_sifre sifre_tekrar kullanici_sifresi parola güvenlik_kodu kart_numarasi api_anahtari gizli_soru_cevabi',
  ),
  ru: names(`parol_povtor kod_podtverzhdeniya sekretnyi_klyuch токен_доступа nomer_karty пароль новый_пароль новыйПароль пароль2 пароль_повтор повторите_пароль секрет токен секретный_ключ ключ_доступа
    код_подтверждения кодБезопасности пин_код номер_карты учётные_данные секретный_ответ`),
  uk: names('пароль новий_пароль ключ_доступу код_підтвердження номер_картки'),
  zh: names(`密码 新密码 密码确认 確認密碼 登录密码 密码2 用户密码 支付密码 口令 密钥 api密钥 私钥 访问令牌 验证码 短信验证码 驗證碼
    银行卡号 信用卡号 助记词 密保答案`),
  ja: names(`パスワード 新しいパスワード パスワード確認 パスワード（確認） ﾊﾟｽﾜｰﾄﾞ 暗証番号 認証コード 確認コード セキュリティコード トークン
    アクセストークン 秘密鍵 apiキー カード番号 クレジットカード番号 秘密の答え`),
  ko: names('비밀번호 새비밀번호 비밀번호확인 비밀번호_확인 토큰 비밀키 인증번호 보안코드 카드번호'),
  ar: names('كلمة_المرور كلمة_المرور_الجديدة كلمةالسر رمز_التحقق رقم_البطاقة'),
  vi: names('mật_khẩu mat_khau mat_khau_moi mã_xác_nhận'),
  id: names('kata_sandi kata_sandi_baru konfirmasi_kata_sandi'),
  hu: names('jelszó új_jelszó jelszo_ujra'),
  el: names('κωδικός κωδικός_πρόσβασης συνθηματικό'),
  ro: names('parola parola_noua cheie_api'),
  he: names('סיסמה סיסמה_חדשה'),
}

/** Harmless, also in URLs. */
export const HARMLESS_NAMES: Readonly<Record<string, readonly string[]>> = {
  'metadata of secrets, in a note': [
    'Token (type)',
    'Tokens (weekly)',
    'Password (last changed)',
    'City (required)',
  ],
  'metadata of secrets':
    names(`tokenType token_type tokenExpiresIn token_endpoint tokenUrl tokenCount tokens_used tokenLimit
    passwordPolicy passwordLength passwordRequired passwordChangedAt passwordResetUrl passwordStrength passwordless secretName
    secretRef secretKeyRef secretVersion apiKeyName keyType publicKey public_key publishableKey siteKey cookiePolicy cookieName
    cookieDomain cookiesAccepted sessionCount sessionTimeout sessionName pinned pinCount otpEnabled mfaRequired credentialType
    authType authMethod authProvider authenticated has_auth requires_auth authorized_at cardType cardBrand cardHolder card_last4
    signature_date signatureMethod certificateName`),
  'counts of tokens':
    names(`max_tokens maxTokens total_tokens totalTokens completion_tokens prompt_tokens inputTokens
    output_tokens tokens_per_second reasoning_tokens cached_tokens max_output_tokens max_completion_tokens`),
  'page tokens':
    names(`page_token pageToken nextPageToken next_page_token api_page_token nextToken NextToken continuationToken
    NextContinuationToken syncToken nextSyncToken resumeToken $skiptoken @odata.deltaToken cancelToken paginationToken`),
  'ids of Twilio and Windows':
    names(`CallSid callSid AccountSid MessageSid SmsSid MessagingServiceSid ConferenceSid RecordingSid
    ParentCallSid objectSid ownerSid`),
  'references of Kubernetes': names(
    'imagePullSecrets checksum/secret secretName secretRef automountServiceAccountTokens2x',
  ),
  passes: names(
    'boarding_pass trail_pass ski_pass seasonPass day_pass hallPass band_pass high_pass first_pass renderPass bypass',
  ),
  'pins, pans and food':
    names(`rolling_pin safety_pin gpio_pin gpioPin map_pin spin opinion frying_pan saucepan japan company
    chocolate_cookie fortune_cookie cookie_recipe sun_tan`),
  'words that contain others':
    names(`tokenize tokenizer secretary secretariat undersecretary passenger passport passport_number
    compass compassion keyboard keyword monkey turkey author authority authentic shopping possession discard cardinal pinterest
    panel cottage standard hashtag rehash codec decode encode postcode zip_code country_code statusCode error_code productCode
    promo_code coupon_code language_code currency_code barcode qr_code phone_code area_code sort_key primaryKey foreign_key
    cache_key partitionKey idempotencyKey idempotency_key hash_key lookup_key product_key user_key routing_key reactKey contactKey designKey observerKey
    platformKey rewriteKey nodesKey keyvaultKeys aggregateCode alarm_code presetLinks soundtrackData assessId acc_number
    vehicleApi lifecycleApi postcodeValidation barcodeVerification didSession audio_track1 soundtrack2 breadcrumb tok viewState keytab x_ticket_count monkeypass bookstore combination unlocked_code_page`),
  'personal data': names(
    'iban bsn ssn account_number bank_account email phone birth_date maiden_name social_security_number',
  ),
  'sent beside credentials': names(
    'RelayState session_state code_challenge code_challenge_method client_id consumer_key',
  ),
}

/** By language: names that look like secrets and have to stay visible. */
export const HARMLESS_NAMES_BY_LANGUAGE: Readonly<Record<string, readonly string[]>> = {
  nl: names(`postcode sleutel sleutelbos secretaris secretariaat tokenisatie paspoort kaart wachtwoordbeleid wachtlijst plaats
    productcode gemeentecode primaire_sleutel paspoort_nummer geheimhouding`),
  de: names(`Tokenisierung PLZ postleitzahl schlüssel schluesselwort sekretariat reisepass karte speisekarte passwortrichtlinie
    schlüsselwort primär_schlüssel fremd_schlüssel schlüsselbund sekretär geheimhaltung landkarten_nummer`),
  fr: names(`carte carte_menu clé clef mot_cle mot_clef code_postal secrétaire passeport identifiant promesse carte_de_visite
    mot_clé clé_primaire clé_étrangère secrétariat code_promo identifiants`),
  es: names(`palabra_clave clave_primaria código_postal secretaria pasaporte tarjeta credencial contrato clave_foránea secretario
    secretaría`),
  pt: names(
    `chave palavra_chave chave_pix código_postal secretaria passaporte cartaz chave_primária secretário`,
  ),
  it: names(
    `gettone_presenza chiave parola_chiave codice_fiscale codice_postale carta segreteria passaporto segretario`,
  ),
  pl: names(`klucz kod_pocztowy kod_kreskowy sekretariat słowo_kluczowe klucz_obcy klucz_główny sekretarz`),
  sv: names(`nyckel postnummer personnummer sekreterare nyckelord pass_nummer kort`),
  da: names(`nøgle postnummer nøgleord sekretær pas kort kode_navn`),
  no: names(`nøkkel postnummer nøkkelord sekretær pass_nummer kort`),
  fi: names(`avain postinumero avainsana sihteeri passi kortti`),
  cs: names(`klíč psč primární_klíč kód_produktu tajemník pas karta číslo_telefonu`),
  tr: names(`anahtar posta_kodu anahtar_kelime sekreter pasaport kart ürün_kodu`),
  ru: names(
    `ключ klyuch karta pochtovyi_kod ключевое_слово индекс секретарь карта почтовый_код первичный_ключ`,
  ),
  zh: names(
    `邮政编码 关键词 会员卡号 凭证 护照 密码强度 密码提示 代码 郵遞區號 国家代码 會員卡號 借书卡号 護照`,
  ),
  ja: names(`キー コード 郵便番号 会員番号 カード パスワード強度 国コード ポイントカード番号`),
  ko: names(`우편번호 키 코드 상품코드 여권 비서`),
  ro: names(`cheie cod_poștal cod cod_produs cheie_primară secretar secretariat pașaport card_de_fidelitate`),
  uk: names(`ключ картка код_товару поштовий_код первинний_ключ секретар паспорт номер_телефону`),
  hu: names(`kulcs irányító_szám kulcsszó kód termék_kód elsődleges_kulcs titkár útlevél kártya telefonszám`),
  el: names(
    `κλειδί ταχυδρομικός_κωδικός κωδικός_προϊόντος πρωτεύον_κλειδί γραμματέας διαβατήριο κάρτα αριθμός_τηλεφώνου`,
  ),
  ar: names(`الرمز_البريدي المفتاح رمز_المنتج المفتاح_الأساسي سكرتير جواز_السفر البطاقة رقم_الهاتف كلمة`),
  he: names(`מפתח מיקוד קוד קוד_מוצר מפתח_ראשי מזכיר דרכון כרטיס מספר_טלפון`),
  vi: names(`mã_bưu_chính mã mã_khách_hàng mã_đơn_hàng khóa từ_khóa khóa_chính thẻ thư_ký hộ_chiếu`),
  id: names(`kunci kata_kunci kode_pos kode kode_barang kunci_utama sekretaris paspor kartu nomor_telepon`),
}
