// The raw limit: what this machine gives to HTTP by epoll, parsing no more than it must and storing nothing.
//
//   usage: raw PORT SECRET [PATH=FILE]…
//
// Answers GET /healthz with "ok", GET PATH with the bytes of FILE, and any POST with 202 if X-Hub-Signature-256 is the
// HMAC-SHA256 of the body, else 403. One thread accepts and hands connections to one epoll loop per core in turn.
// It trusts its client, wrk: what is no such request ends the connection. Not a server to expose.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CAPACITY = 65536, ROUTES = 8, EVENTS = 256 };

typedef struct {
    const char *path;
    char *keep_alive, *close;
    size_t keep_alive_length, close_length;
} Route;

typedef struct {
    int socket;
    size_t used;
    char bytes[CAPACITY];
} Connection;

static Route routes[ROUTES], accepted, refused;
static int route_count;
static const char *secret;

static void fail(const char *doing) {
    perror(doing);
    exit(1);
}

// An answer is made once, in both its forms.
static Route route(const char *path, const char *status, const char *body, size_t length) {
    Route made = {.path = path};
    for (int close = 0; close < 2; close++) {
        char *text = malloc(length + 512);
        int head = sprintf(text,
                           "HTTP/1.1 %s\r\nDate: Sun, 22 Nov 2026 19:00:00 GMT\r\nContent-Type: text/plain\r\n"
                           "Content-Length: %zu\r\n%s\r\n",
                           status, length, close ? "Connection: close\r\n" : "");
        memcpy(text + head, body, length);
        *(close ? &made.close : &made.keep_alive) = text;
        *(close ? &made.close_length : &made.keep_alive_length) = head + length;
    }
    return made;
}

static Route file_route(char *argument) {
    char *file = strchr(argument, '=');
    if (!file || route_count == ROUTES) fail("PATH=FILE");
    *file++ = 0;
    FILE *input = fopen(file, "r");
    if (!input) fail(file);
    static char body[1 << 20];
    return route(argument, "200 OK", body, fread(body, 1, sizeof body, input));
}

// wrk and we write fields in one way: no spaces to skip, no folding.
static const char *field(const char *head, const char *name) {
    const char *found = strcasestr(head, name);
    return found ? found + strlen(name) : NULL;
}

static int is_signed(EVP_MAC_CTX *mac, const char *signature, const char *body, size_t length) {
    unsigned char digest[32];
    char hex[65];
    // Without a key the context starts again with the one it has.
    if (!signature || !EVP_MAC_init(mac, NULL, 0, NULL)) return 0;
    EVP_MAC_update(mac, (const unsigned char *)body, length);
    EVP_MAC_final(mac, digest, NULL, sizeof digest);
    for (int i = 0; i < 32; i++) {
        hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    return CRYPTO_memcmp(hex, signature, 64) == 0;
}

static const Route *find(const char *path) {
    for (int i = 0; i < route_count; i++) {
        size_t length = strlen(routes[i].path);
        if (!strncmp(path, routes[i].path, length) && path[length] == ' ') return &routes[i];
    }
    return &refused;
}

// Answers the one request that the buffer holds; wrk sends no second one before the answer.
// Returns -1 when the connection is to end, 0 otherwise.
static int answer(Connection *connection, EVP_MAC_CTX *mac) {
    char *head = connection->bytes;
    head[connection->used] = 0;
    char *body = strstr(head, "\r\n\r\n");
    if (!body) return 0;
    // The header ends here, so that what is looked for is not found in a body.
    body[2] = 0;
    const Route *found;
    if (!strncmp(head, "GET ", 4)) {
        found = find(head + 4);
    } else {
        const char *length = field(head, "\r\nContent-Length: ");
        size_t count = length ? strtoul(length, NULL, 10) : 0, received = connection->used - (body + 4 - head);
        if (received < count) {
            body[2] = '\r';
            return 0;
        }
        found = is_signed(mac, field(head, "\r\nX-Hub-Signature-256: sha256="), body + 4, count) ? &accepted : &refused;
    }
    int close = field(head, "\r\nConnection: close") != NULL;
    ssize_t length = close ? found->close_length : found->keep_alive_length;
    connection->used = 0;
    return send(connection->socket, close ? found->close : found->keep_alive, length, MSG_NOSIGNAL) == length && !close
               ? 0
               : -1;
}

static int read_and_answer(Connection *connection, EVP_MAC_CTX *mac) {
    ssize_t count = recv(connection->socket, connection->bytes + connection->used, CAPACITY - 1 - connection->used, 0);
    if (count <= 0) return -1;
    connection->used += count;
    return answer(connection, mac);
}

static void *serve(void *argument) {
    int loop = *(int *)argument;
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *mac = EVP_MAC_CTX_new(algorithm);
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, "SHA256", 0), OSSL_PARAM_END};
    if (!EVP_MAC_init(mac, (const unsigned char *)secret, strlen(secret), parameters)) fail("HMAC");
    struct epoll_event events[EVENTS];
    for (;;) {
        int count = epoll_wait(loop, events, EVENTS, -1);
        for (int i = 0; i < count; i++) {
            Connection *connection = events[i].data.ptr;
            if (read_and_answer(connection, mac) == 0) continue;
            close(connection->socket);
            free(connection);
        }
    }
    return NULL;
}

static int listen_on(int port) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) fail("listen");
    return listener;
}

int main(int count, char **arguments) {
    if (count < 3) return 2;
    secret = arguments[2];
    routes[route_count++] = route("/healthz", "200 OK", "ok\n", 3);
    for (int i = 3; i < count; i++) {
        routes[route_count] = file_route(arguments[i]);
        route_count++;
    }
    accepted = route("", "202 Accepted", "{\"decision\":\"queued\"}\n", 22);
    refused = route("", "403 Forbidden", "no\n", 3);

    int listener = listen_on(atoi(arguments[1])), cores = sysconf(_SC_NPROCESSORS_ONLN);
    int *loops = calloc(cores, sizeof *loops);
    for (int i = 0; i < cores; i++) {
        pthread_t thread;
        loops[i] = epoll_create1(EPOLL_CLOEXEC);
        if (loops[i] < 0 || pthread_create(&thread, NULL, serve, &loops[i])) fail("loop");
    }
    for (unsigned turn = 0;; turn++) {
        int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), yes = 1;
        if (socket < 0) continue;
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        // Untouched pages of the buffer cost nothing.
        Connection *connection = malloc(sizeof *connection);
        connection->socket = socket;
        connection->used = 0;
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        epoll_ctl(loops[turn % cores], EPOLL_CTL_ADD, socket, &event);
    }
}
