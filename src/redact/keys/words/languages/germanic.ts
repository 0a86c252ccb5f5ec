import type { KeyLanguage } from './language.js'

const UMLAUTS = { ä: 'ae', ö: 'oe', ü: 'ue' }
const NORDIC_LETTERS = { å: 'aa', æ: 'ae', ø: 'oe', ä: 'ae', ö: 'oe' }

export const GERMANIC_LANGUAGES: readonly KeyLanguage[] = [
  {
    code: 'nl',
    name: 'Dutch',
    endings: `geheime-vraag-antwoord antwoord-geheime-vraag wachtwoord wachtwoorden wachtwoord-zin wacht-zin geheim-woord inlog-code aanmeld-code toegangs-code
      beveiligings-code veiligheids-code verificatie-code bevestigings-code herstel-code activatie-code activerings-code
      eenmalige-code api-sleutel geheime-sleutel privé-sleutel private-sleutel toegangs-sleutel encryptie-sleutel
      versleutelings-sleutel licentie-sleutel sessie-sleutel sessie-id inlog-gegevens aanmeld-gegevens toegangs-gegevens
      geheim-antwoord geheime-antwoord beveiligings-antwoord creditcard-nummer betaalkaart-nummer bankkaart-nummer
      bankpas-nummer betaalpas-nummer herstel-zin pincode`,
    lastWords: 'geheim kaart-nummer kaart-nr sms-code controle-code',
    qualifiers: `nieuw nieuwe oud oude huidig huidige vorig vorige tijdelijk herhaal herhalen herhaald herhaling opnieuw
      nogmaals bevestig bevestigen bevestigd bevestiging controle gebruiker beheerder`,
  },
  {
    code: 'de',
    name: 'German',
    endings: `passwort passwörter kennwort kennwörter zugangs-code sicherheits-code bestätigungs-code verifizierungs-code
      verifikations-code einmal-code freischalt-code aktivierungs-code wiederherstellungs-code anmelde-code geheim-zahl
      geheim-nummer geheimnis api-schlüssel privater-schlüssel privat-schlüssel geheimer-schlüssel geheim-schlüssel
      zugriffs-schlüssel zugangs-schlüssel verschlüsselungs-schlüssel lizenz-schlüssel sitzungs-schlüssel signatur-schlüssel
      haupt-schlüssel sitzungs-id sitzungs-kennung zugangs-daten anmelde-daten login-daten sicherheits-antwort
      geheim-antwort kreditkarten-nummer bankkarten-nummer debitkarten-nummer kreditkarten-nr kreditkarte
      kartenprüf-nummer kartenprüf-ziffer prüf-ziffer-karte pass-satz`,
    lastWords: 'karten-nummer karten-nr prüf-nummer prüf-code pin-nummer tan-nummer',
    qualifiers: `neu neue neues neuer alt alte altes aktuell aktuelle aktuelles bisherig bisheriges vorläufig
      wiederholen wiederholt wiederholung wdh bestätigen bestätigt bestätigung erneut nochmal nochmals benutzer nutzer`,
    transliterations: UMLAUTS,
  },
  {
    code: 'sv',
    name: 'Swedish',
    endings: `lösenord lösenordet lösen-fras hemlighet api-nyckel hemlig-nyckel privat-nyckel åtkomst-nyckel
      krypterings-nyckel licens-nyckel säkerhets-kod verifierings-kod verifikations-kod bekräftelse-kod engångs-kod pin-kod
      åtkomst-kod aktiverings-kod inloggnings-kod återställnings-kod port-kod kort-nummer kreditkorts-nummer
      inloggnings-uppgifter säkerhets-svar`,
    lastWords: 'lösen',
    qualifiers: `ny nya nytt gammal gammalt nuvarande tidigare tillfälligt upprepa igen repetera bekräfta bekräftelse
      bekräftat användare`,
    transliterations: NORDIC_LETTERS,
  },
  {
    code: 'da',
    name: 'Danish',
    endings: `adgangskode kodeord hemmelighed api-nøgle privat-nøgle hemmelig-nøgle krypterings-nøgle adgangs-nøgle
      sikkerheds-kode bekræftelses-kode verificerings-kode engangs-kode pin-kode aktiverings-kode kort-nummer kreditkort-nummer
      login-oplysninger`,
    qualifiers: 'ny nyt nye gammel gammelt nuværende gentag bekræft bekræftelse igen bruger',
    transliterations: NORDIC_LETTERS,
  },
  {
    code: 'no',
    name: 'Norwegian',
    endings: `passord passord-frase hemmelighet api-nøkkel privat-nøkkel hemmelig-nøkkel krypterings-nøkkel tilgangs-nøkkel
      sikkerhets-kode bekreftelses-kode verifiserings-kode engangs-kode tilgangs-kode pin-kode aktiverings-kode
      kredittkort-nummer`,
    qualifiers: 'ny nytt nye gammel gammelt nåværende gjenta bekreft bekreftelse igjen bruker',
    transliterations: NORDIC_LETTERS,
  },
]
