// These scripts have no boundaries between words, so a key is compared by its ending.
import type { KeyLanguage } from './language.js'

export const EAST_ASIAN_LANGUAGES: readonly KeyLanguage[] = [
  {
    code: 'zh',
    name: 'Chinese',
    endings: `密码 密碼 口令 通行码 通行碼 密钥 密鑰 私钥 私鑰 令牌 秘密 验证码 驗證碼 动态码 動態碼 授权码 授權碼 安全码 安全碼 激活码
      激活碼 恢复码 恢復碼 邀请码 邀請碼 助记词 助記詞 密保答案 安全问题答案 安全問題答案 登录凭证 登錄憑證 卡号 卡號 信用卡 信用卡号码
      信用卡號碼 会话id 會話id`,
    lastWords: 'mima kouling yanzhengma',
    qualifiers: '确认 確認 重复 重複 再次 再次输入 再次輸入 新 旧 舊 原 当前 當前 明文 哈希 值',
    harmless: [
      { reason: 'The number of a member or of a library card', words: '会员卡号 會員卡號 借书卡号' },
    ],
  },
  {
    code: 'ja',
    name: 'Japanese',
    endings: `パスワード 合言葉 パスフレーズ パスコード 暗証番号 暗証コード 秘密 秘密鍵 暗号鍵 暗号化キー 秘密の答え 秘密の質問の答え
      トークン シークレット シークレットキー 認証コード 確認コード 検証コード セキュリティコード ワンタイムコード リカバリーコード
      バックアップコード 招待コード pinコード apiキー アクセスキー 秘密キー カード番号 クレジットカード 認証情報 資格情報`,
    lastWords: 'pasuwado ansho-bango',
    qualifiers: '確認 確認用 再入力 再確認 再 新 旧 現在 現 変更後 変更前 ハッシュ 値',
    harmless: [{ reason: 'The number of a member or of a points card', words: 'ポイントカード番号' }],
  },
  {
    code: 'ko',
    name: 'Korean',
    endings: `비밀번호 패스워드 암호 암호문구 토큰 시크릿 비밀키 개인키 api키 액세스키 암호화키 인증번호 인증코드 보안코드 확인코드
      카드번호 신용카드 보안답변`,
    lastWords: '비번',
    qualifiers: '확인 재입력 재확인 새 기존 현재',
  },
]
