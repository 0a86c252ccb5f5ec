import type { KeyLanguage } from './language.js'

export const ROMANCE_LANGUAGES: readonly KeyLanguage[] = [
  {
    code: 'fr',
    name: 'French',
    endings: `code-confidentiel mot-de-passe mots-de-passe mot-passe phrase-secrète phrase-de-passe phrase-de-récupération jeton jeton-accès
      jeton-d-accès jeton-de-sécurité jeton-csrf clé-secrète clé-privée clé-d-api clé-accès clé-d-accès
      clef-secrète clef-privée clef-d-api clef-api clef-d-accès clef-accès clef-de-chiffrement
      clé-chiffrement clé-de-chiffrement clé-de-signature clé-de-licence clé-d-activation code-de-sécurité
      code-de-vérification code-de-validation code-de-confirmation code-d-accès
      code-à-usage-unique code-usage-unique code-d-activation code-de-récupération
      cryptogramme cryptogramme-visuel numéro-de-carte numéro-carte num-carte carte-bancaire carte-de-crédit carte-crédit
      réponse-secrète réponse-de-sécurité identifiants-de-connexion identifiants-connexion id-de-session
      identifiant-de-session`,
    lastWords: 'mdp clé-api code-sms code-pin code-accès code-sécurité',
    // Behind another word these are English: `postcodeValidation`, `didSession`.
    wholeKeys: 'code-vérification code-validation code-activation code-confirmation id-session',
    qualifiers: `nouveau nouvelle ancien ancienne actuel actuelle précédent confirmer confirmé répéter répété encore
      provisoire temporaire utilisateur`,
  },
  {
    code: 'es',
    name: 'Spanish',
    endings: `contraseña contrasenia contrasenya clave-secreta clave-privada clave-de-acceso clave-acceso clave-api
      clave-de-api clave-maestra clave-de-cifrado clave-de-firma clave-de-licencia nueva-clave confirmar-clave
      repetir-clave secreto código-secreto código-de-seguridad código-seguridad código-de-verificación código-verificación
      código-de-confirmación código-confirmación código-de-acceso código-acceso código-de-activación código-activación
      código-sms código-pin código-de-un-solo-uso código-de-recuperación número-de-tarjeta número-tarjeta num-tarjeta
      nro-tarjeta ficha-de-acceso ficha-acceso token-de-acceso clave-dinámica kontraseña tarjeta-de-crédito tarjeta-crédito tarjeta-de-débito tarjeta-débito frase-secreta frase-semilla
      respuesta-secreta respuesta-de-seguridad respuesta-seguridad credenciales credenciales-de-acceso id-de-sesión id-sesión`,
    wholeKeys: 'clave claves',
    qualifiers: `nuevo nueva antiguo antigua anterior actual vieja viejo confirmar confirmada confirmación repetir repetida
      repite otra-vez temporal provisional usuario cliente`,
  },
  {
    code: 'pt',
    name: 'Portuguese',
    endings: `senha senha-de-acesso senha-acesso palavra-passe palavra-pass segredo chave-secreta chave-privada chave-api
      chave-de-api chave-de-criptografia chave-mestra chave-de-licença código-de-segurança código-segurança
      código-de-verificação código-verificação código-de-confirmação código-confirmação código-de-acesso código-acesso
      código-de-ativação código-ativação código-pin código-sms número-do-cartão número-de-cartão número-cartão num-cartão
      cartão-de-crédito cartão-crédito cartão-de-débito resposta-secreta resposta-de-segurança credenciais
      credenciais-de-acesso id-da-sessão id-sessão frase-de-recuperação`,
    qualifiers: `nova novo antiga antigo anterior atual confirmar confirmação confirmada repetir repita novamente
      temporária provisória usuário utilizador cliente`,
  },
  {
    code: 'it',
    name: 'Italian',
    endings: `parola-d-ordine parola-ordine segreto segreto-client segreto-del-client codice-segreto chiave-segreta chiave-privata chiave-api chiave-di-accesso
      chiave-accesso chiave-di-cifratura chiave-di-licenza codice-di-sicurezza codice-sicurezza codice-di-verifica
      codice-verifica codice-di-conferma codice-conferma codice-di-accesso codice-accesso codice-di-attivazione
      codice-attivazione codice-pin codice-otp codice-di-recupero numero-di-carta numero-carta numero-della-carta
      carta-di-credito carta-credito carta-di-debito risposta-segreta risposta-di-sicurezza frase-segreta credenziali
      credenziali-di-accesso id-sessione id-di-sessione gettone-di-accesso gettone-accesso`,
    lastWords: 'gettone',
    qualifiers: `nuova nuovo vecchia vecchio attuale corrente precedente conferma confermata ripeti ripetuta ripetizione
      provvisoria temporanea utente`,
  },
  {
    code: 'ro',
    name: 'Romanian',
    endings:
      'cheie-secretă cheie-privată cheie-api cod-de-securitate cod-de-verificare număr-card cod-de-acces',
    lastWords: 'parola parolă',
    qualifiers: 'nouă veche actuală confirmare confirmă repetă utilizator',
  },
]
