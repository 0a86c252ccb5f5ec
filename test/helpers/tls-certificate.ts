// A self-signed certificate for localhost and 127.0.0.1, with which tests start TLS servers. It protects nothing: its key
// is public. Made with `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500`, because Node
// cannot create certificates.
export const TLS_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgOKngqy6Xm6FmFOlt
4KEAchSvzXxuFc7XVzlOp+hY9L6hRANCAASD0Nf/sPwhPsgzeMLeNI84F9l73m88
iIhphthCcNlzPdk9aD9fUIL4ARztRTewJrukCUV8iqehiAy1woUGKvOP
-----END PRIVATE KEY-----
`

export const TLS_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUSpXeiIv5YvuVhvJfx4ycvQXiQvEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODAwMDE0MVoYDzIxMjYxMTA0
MDAwMTQxWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASD0Nf/sPwhPsgzeMLeNI84F9l73m88iIhphthCcNlzPdk9aD9fUIL4
ARztRTewJrukCUV8iqehiAy1woUGKvOPo28wbTAdBgNVHQ4EFgQUgNx+WxVjHTcy
h2q/rYv2mpjiUN0wHwYDVR0jBBgwFoAUgNx+WxVjHTcyh2q/rYv2mpjiUN0wDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgAPALW71b6DZ9MPY+MbKjtStnJwi7UVJoFXLGudM3+bkCIEJd
auazUdoq6ByywaU0vA7oyWFIu0nKR27exqfFCARj
-----END CERTIFICATE-----
`
