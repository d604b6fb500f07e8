#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// OpenSSL spells these as function-like macros, which Swift does not import.

static inline int copenssl_set_min_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_min_proto_version(context, version);
}

static inline int copenssl_set_max_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_max_proto_version(context, version);
}

static inline int copenssl_set_groups(SSL_CTX *context, const char *groups) {
    return (int)SSL_CTX_set1_groups_list(context, groups);
}

// A write that stopped half-way may go on from another buffer: Swift's arrays move. Buffers go when they are empty:
// 34 kB for each of 10,000 idle connections are more than what it costs to allocate them again.
static inline void copenssl_set_stream_modes(SSL_CTX *context) {
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
}

// Renegotiation lets a client make the server work (CVE-2011-1473); compression leaks (CRIME). The server's order of
// suites counts, but a client that puts ChaCha20 first has no AES in its processor and gets it.
static inline void copenssl_set_safe_options(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
}

// One `recv` reads a record's header, its content, and what follows it, instead of one for each. It is safe where nobody
// waits for the socket before `SSL_read` has said that it wants more.
static inline void copenssl_set_read_ahead(SSL_CTX *context) {
    SSL_CTX_set_read_ahead(context, 1);
}

static inline void copenssl_keep_no_sessions(SSL_CTX *context) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

// The certificates that follow the first in its file; the caller must not free them.
static inline STACK_OF(X509) * copenssl_chain(SSL_CTX *context) {
    STACK_OF(X509) *chain = NULL;
    SSL_CTX_get0_chain_certs(context, &chain);
    return chain;
}

static inline int copenssl_count(const STACK_OF(X509) *certificates) {
    return certificates ? sk_X509_num(certificates) : 0;
}

static inline X509 *copenssl_certificate(const STACK_OF(X509) *certificates, int index) {
    return sk_X509_value(certificates, index);
}

// A key that needs a passphrase is an error: nobody is there to be asked, and OpenSSL would ask on the terminal.
static inline int copenssl_no_passphrase(char *buffer, int size, int writes, void *data) {
    (void)buffer, (void)size, (void)writes, (void)data;
    return -1;
}

static inline void copenssl_ask_no_passphrase(SSL_CTX *context) {
    SSL_CTX_set_default_passwd_cb(context, copenssl_no_passphrase);
}

static inline int copenssl_set_server_name(SSL *session, const char *name) {
    return (int)SSL_set_tlsext_host_name(session, name);
}

typedef int (*copenssl_server_name_callback)(SSL *session, int *alert, void *context);

static inline void copenssl_on_server_name(SSL_CTX *context, copenssl_server_name_callback callback, void *argument) {
    SSL_CTX_set_tlsext_servername_callback(context, callback);
    SSL_CTX_set_tlsext_servername_arg(context, argument);
}
