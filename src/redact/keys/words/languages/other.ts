import type { KeyLanguage } from './language.js'

export const OTHER_LANGUAGES: readonly KeyLanguage[] = [
  {
    code: 'fi',
    name: 'Finnish',
    endings: `salasana sala-lause salaisuus api-avain yksityinen-avain salaus-avain turva-koodi vahvistus-koodi
      kertakäyttö-koodi tunnus-luku pin-koodi kortin-numero kortti-numero luottokortti`,
    qualifiers: 'uusi vanha nykyinen vahvista vahvistus uudelleen toista käyttäjän',
    transliterations: { ä: 'ae', ö: 'oe' },
  },
  {
    code: 'tr',
    name: 'Turkish',
    endings: `şifre şifresi şifreniz parolası parolanız gizli-anahtar api-anahtarı özel-anahtar erişim-anahtarı güvenlik-kodu
      doğrulama-kodu onay-kodu aktivasyon-kodu erişim-kodu pin-kodu kart-numarası kredi-kartı kredi-kart-no gizli-cevap
      gizli-soru-cevabı güvenlik-sorusu-cevabı`,
    lastWords: 'parola kart-no',
    qualifiers: 'yeni eski mevcut tekrar tekrarı onay onayla doğrula doğrulama kullanıcı',
  },
  {
    code: 'hu',
    name: 'Hungarian',
    endings: 'jelszó jelszava titkos-kulcs privát-kulcs api-kulcs biztonsági-kód ellenőrző-kód kártya-szám',
    qualifiers: 'új régi jelenlegi újra megerősítés ismét',
  },
  {
    code: 'el',
    name: 'Greek',
    endings: 'κωδικός-πρόσβασης συνθηματικό μυστικό-κλειδί ιδιωτικό-κλειδί αριθμός-κάρτας κωδικός-ασφαλείας',
    wholeKeys: 'κωδικός',
    qualifiers: 'νέος νέο παλιός παλιό επιβεβαίωση ξανά',
  },
  {
    code: 'ar',
    name: 'Arabic',
    endings: `كلمة-المرور كلمة-السر كلمة-سر رمز-التحقق رمز-الأمان الرمز-السري الرقم-السري المفتاح-السري المفتاح-الخاص
      رقم-البطاقة رمز-الوصول`,
    qualifiers: 'الجديدة القديمة الحالية الجديد القديم تأكيد التأكيد',
  },
  {
    code: 'he',
    name: 'Hebrew',
    endings: 'סיסמה סיסמא מפתח-סודי מפתח-פרטי קוד-אימות קוד-אבטחה מספר-כרטיס',
    qualifiers: 'חדשה ישנה נוכחית אימות שוב',
  },
  {
    code: 'vi',
    name: 'Vietnamese',
    endings: 'mật-khẩu mã-xác-nhận mã-xác-minh mã-bảo-mật khóa-bí-mật khóa-riêng số-thẻ',
    qualifiers: 'mới cũ hiện-tại xác-nhận nhập-lại lại',
  },
  {
    code: 'id',
    name: 'Indonesian and Malay',
    endings: 'kata-sandi kata-laluan kunci-rahasia kunci-api kode-verifikasi kode-keamanan nomor-kartu',
    lastWords: 'sandi',
    qualifiers: 'baru lama saat-ini konfirmasi ulang ulangi pengguna',
  },
]
