// A self-signed certificate for localhost and 127.0.0.1, with which tests start TLS servers. It protects nothing: its key is
// public. Made with `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500`, because Node cannot
// create certificates.

export const certificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJ4QO2s46M/sboiQs
hnuvmWqi58is3R/y0ShHOKDWfTuhRANCAATh+YdGjnngrjK0sQjAzyFy9Yf4eHfN
+M6S5BxQqB09R4XBXwYB+vjDNZrK/hmqcRpDcC9nUHhOC1aWppnl3XSG
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIUURTLcM5pcKJyATNJS2o98jgwM0owCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODAwMTM1NFoYDzIxMjYxMTA0
MDAxMzU0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATh+YdGjnngrjK0sQjAzyFy9Yf4eHfN+M6S5BxQqB09R4XBXwYB+vjD
NZrK/hmqcRpDcC9nUHhOC1aWppnl3XSGo28wbTAdBgNVHQ4EFgQU0NhMJ0QiF3C6
Aqy9JAzIp+kL2WswHwYDVR0jBBgwFoAU0NhMJ0QiF3C6Aqy9JAzIp+kL2WswDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI
zj0EAwIDSAAwRQIgexgWlZzqoAqs/jmokUj6pOMM6/lNongr7z1tgDGrmYoCIQDO
wpGyVyAI2+dyOL8IuSBMu9ufNJ/CEfQx2fdsO1Zwxg==
-----END CERTIFICATE-----`,
}
