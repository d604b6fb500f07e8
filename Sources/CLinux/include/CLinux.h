#pragma once
// What Linux has and Swift's Glibc module does not show: functions behind _GNU_SOURCE, headers it leaves out, a packed
// struct and variadic calls.
#include <stdint.h>
#include <sys/socket.h>

struct clinux_event {
    uint64_t token;
    // EPOLLIN, EPOLLRDHUP, EPOLLHUP or EPOLLERR: trying to read says which.
    int readable;
    // EPOLLRDHUP, EPOLLHUP or EPOLLERR: no later event will say so again.
    int ended;
    // EPOLLOUT, EPOLLHUP or EPOLLERR.
    int writable;
};

// All of them: -1 and errno on failure.
int clinux_epoll_create(void);
// Edge-triggered, both directions at once, so that a descriptor costs one system call for its life.
int clinux_epoll_add(int epoll, int fd, uint64_t token);
int clinux_epoll_remove(int epoll, int fd);
// Waits for that many milliseconds at most. `capacity` is at most 256.
int clinux_epoll_wait(int epoll, struct clinux_event *events, int capacity, int milliseconds);

// Readable once 8 bytes, a number, were written to it (eventfd(2)).
int clinux_bell_create(void);

int clinux_timer_create(void);
// Fires once, that many nanoseconds from now; 0 disarms.
int clinux_timer_set(int timer, int64_t nanoseconds);

// Non-blocking and close-on-exec from the first moment: a command that is spawned meanwhile must not inherit it.
int clinux_accept(int fd, struct sockaddr_storage *address, socklen_t *length);
int clinux_socket(int family);

int clinux_open_folder(const char *path);
// For reading only; fails for a path that leads out of the folder, by whatever links (openat2(2), RESOLVE_BENEATH).
int clinux_open_beneath(int folder, const char *path);
// For reading and writing; no folder lists it (open(2), O_TMPFILE).
int clinux_open_unnamed(const char *folder);
// Gives back the disk of a range, which then reads as zeros; the size stays (fallocate(2)). -1 where the file system
// cannot.
int clinux_punch(int fd, int64_t offset, int64_t length);

// How much freed memory at the top of a heap stays for the next allocation, and four heaps at most (mallopt(3)). By
// default each request whose memory reaches the top gives it back and asks for it again, two system calls and a flush of
// all cores' address translations.
void clinux_keep_freed_memory(int bytes);
