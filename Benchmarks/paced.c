// A client that keeps to a schedule: request N leaves at start + N / RATE, whether or not those before it are answered.
//
//   usage: paced PORT FILE BYTES FIRST RATE COUNT CONNECTIONS
//
// FILE holds ready requests of BYTES bytes each, sent from number FIRST on. What comes due while all connections wait
// for an answer leaves when one is free. Latency counts from when a request was due, so that a server which stalls
// cannot hide it by holding its clients up. Prints one line of JSON, as wrk.lua does; "refused" are all answers but 202.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CAPACITY = 65536, STALL_MILLISECONDS = 20000 };

typedef struct {
    int socket;
    int64_t due;
    size_t used;
    char bytes[CAPACITY];
} Connection;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void fail(const char *doing) {
    perror(doing);
    exit(1);
}

static Connection *connect_to(int port) {
    Connection *connection = calloc(1, sizeof *connection);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1;
    connection->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(connection->socket, (struct sockaddr *)&address, sizeof address)) fail("connect");
    setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return connection;
}

// Returns the status once the whole answer is there, 0 before.
static int read_answer(Connection *connection) {
    ssize_t count = recv(connection->socket, connection->bytes + connection->used, CAPACITY - 1 - connection->used, 0);
    if (count <= 0) fail("the server ended a connection");
    connection->used += count;
    connection->bytes[connection->used] = 0;
    char *body = strstr(connection->bytes, "\r\n\r\n");
    if (!body) return 0;
    char *length = strcasestr(connection->bytes, "\r\nContent-Length:");
    size_t expected = body + 4 - connection->bytes + (length && length < body ? strtoul(length + 17, NULL, 10) : 0);
    if (connection->used < expected) return 0;
    connection->used = 0;
    return atoi(connection->bytes + 9);
}

static int by_size(const void *left, const void *right) {
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

int main(int arguments, char **argument) {
    if (arguments != 8) return 2;
    int port = atoi(argument[1]), rate = atoi(argument[5]), count = atoi(argument[6]), width = atoi(argument[7]);
    size_t bytes = strtoul(argument[3], NULL, 10), first = strtoul(argument[4], NULL, 10);
    int file = open(argument[2], O_RDONLY | O_CLOEXEC);
    const char *requests = mmap(NULL, (first + count) * bytes, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (requests == MAP_FAILED) fail(argument[2]);
    requests += first * bytes;

    int loop = epoll_create1(EPOLL_CLOEXEC), idle = 0, sent = 0, answered = 0, refused = 0;
    Connection **free_ones = calloc(width, sizeof *free_ones);
    int64_t *latencies = calloc(count, sizeof *latencies), start, interval = 1000000000LL / rate;
    while (idle < width) {
        Connection *connection = connect_to(port);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
        epoll_ctl(loop, EPOLL_CTL_ADD, connection->socket, &event);
        free_ones[idle++] = connection;
    }
    prctl(PR_SET_TIMERSLACK, 1000); // wake when due, not 50 µs later
    start = now();
    while (answered < count) {
        while (idle && sent < count && start + sent * interval <= now()) {
            Connection *connection = free_ones[--idle];
            connection->due = start + sent * interval;
            // The kernel's buffer takes a whole request: what would not fit waits here, and is in the latencies.
            if (send(connection->socket, requests + sent * bytes, bytes, MSG_NOSIGNAL) != (ssize_t)bytes) fail("send");
            sent++;
        }
        // With nothing to send next, only answers can come; a server that stays silent is given up.
        int64_t wait = idle && sent < count ? start + sent * interval - now() : STALL_MILLISECONDS * 1000000LL;
        if (wait < 0) wait = 0;
        struct timespec limit = {wait / 1000000000, wait % 1000000000};
        struct epoll_event events[64];
        int ready = epoll_pwait2(loop, events, 64, &limit, NULL);
        if (ready == 0 && !(idle && sent < count)) fail("no answer");
        for (int i = 0; i < ready; i++) {
            Connection *connection = events[i].data.ptr;
            int status = read_answer(connection);
            if (!status) continue;
            latencies[answered++] = now() - connection->due;
            refused += status != 202;
            free_ones[idle++] = connection;
        }
    }
    int64_t lasted = now() - start;
    qsort(latencies, count, sizeof *latencies, by_size);
    printf("figures {\"requests\": %d, \"microseconds\": %ld, \"p50\": %ld, \"p99\": %ld, \"refused\": %d, "
           "\"broken\": 0, \"ran_out\": false}\n",
           count, (long)(lasted / 1000), (long)(latencies[count / 2] / 1000),
           (long)(latencies[count * 99LL / 100] / 1000), refused);
}
