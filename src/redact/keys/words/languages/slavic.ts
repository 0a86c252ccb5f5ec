import type { KeyLanguage } from './language.js'

/** As keys of programs are usually written: https://en.wikipedia.org/wiki/Romanization_of_Russian. */
const CYRILLIC_LETTERS = {
  ...{ а: 'a', б: 'b', в: 'v', г: 'g', д: 'd', е: 'e', ё: 'e', ж: 'zh', з: 'z', и: 'i', й: 'i', к: 'k' },
  ...{ л: 'l', м: 'm', н: 'n', о: 'o', п: 'p', р: 'r', с: 's', т: 't', у: 'u', ф: 'f', х: 'kh', ц: 'ts' },
  ...{ ч: 'ch', ш: 'sh', щ: 'shch', ъ: '', ы: 'y', ь: '', э: 'e', ю: 'yu', я: 'ya' },
}

export const SLAVIC_LANGUAGES: readonly KeyLanguage[] = [
  {
    code: 'pl',
    name: 'Polish',
    endings: `hasło hasła sekret klucz-api klucz-prywatny prywatny-klucz klucz-dostępu tajny-klucz klucz-szyfrowania
      klucz-licencyjny kod-pin kod-zabezpieczający kod-bezpieczeństwa kod-weryfikacyjny kod-potwierdzający kod-dostępu
      żeton-dostępu kod-jednorazowy kod-sms kod-aktywacyjny kod-autoryzacyjny numer-karty nr-karty karta-kredytowa dane-logowania
      dane-uwierzytelniające tajna-odpowiedź identyfikator-sesji id-sesji`,
    qualifiers: `nowe nowy stare stary obecne aktualne bieżące poprzednie tymczasowe powtórz powtórzone powtórka ponownie
      potwierdź potwierdzenie użytkownika admina`,
  },
  {
    code: 'cs',
    name: 'Czech and Slovak',
    endings: `heslo hesla tajemství api-klíč soukromý-klíč tajný-klíč přístupový-klíč bezpečnostní-kód ověřovací-kód
      potvrzovací-kód jednorázový-kód pin-kód číslo-karty kreditní-karta přihlašovací-údaje`,
    qualifiers: 'nové staré současné aktuální znovu potvrzení potvrdit opakovat kontrola uživatele',
  },
  {
    code: 'ru',
    name: 'Russian',
    endings: `пароль пароля пароли кодовая-фраза секретная-фраза секретное-слово секрет токен api-ключ ключ-api ключ-доступа
      секретный-ключ закрытый-ключ приватный-ключ ключ-шифрования лицензионный-ключ код-подтверждения код-безопасности
      код-доступа код-проверки проверочный-код одноразовый-код код-активации код-из-смс смс-код пин-код номер-карты
      кредитная-карта секретный-ответ ответ-на-секретный-вопрос учётные-данные данные-для-входа`,
    lastWords: 'пин parol parol-novyi пинкод',
    qualifiers: `новый новая старый текущий прежний временный повтор повторно повторите ещё-раз подтверждение подтвердить
      подтвердите пользователя доступа`,
    transliterations: CYRILLIC_LETTERS,
  },
  {
    code: 'uk',
    name: 'Ukrainian',
    endings: `ключ-доступу секретний-ключ приватний-ключ код-підтвердження код-безпеки код-доступу пін-код номер-картки
      номер-карти`,
    qualifiers: 'новий старий поточний повторно підтвердження підтвердити користувача',
  },
]
