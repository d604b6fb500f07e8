// Tells the thread sanitizer about Swift's Mutex, by LD_PRELOAD; scripts/sanitize compiles it.
//
// Taken without contention, a Mutex is two atomic operations in our own code, which the sanitizer sees. With contention,
// lock and unlock go through libswiftSynchronization, which is not instrumented, and through a futex that the kernel
// hands over: of that the sanitizer sees nothing, and takes two turns within the lock for a race. These stand in front
// of the two functions and say what they do. A file of suppressions could only have hidden whatever happens in a lock.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

// Of the sanitizer, where the program has it.
void __tsan_acquire(void *address) __attribute__((weak));
void __tsan_release(void *address) __attribute__((weak));

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

// Synchronization._MutexHandle._lockSlow(UInt32) and _unlockSlow(); the handle is its atomic word.
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock(uint32_t thread, SELF) __asm__(LOCK);
SWIFT void lock(uint32_t thread, SELF) {
    SWIFT void (*next)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK);
    next(thread, self);
    if (__tsan_acquire) __tsan_acquire(self);
}

SWIFT void unlock(SELF) __asm__(UNLOCK);
SWIFT void unlock(SELF) {
    SWIFT void (*next)(SELF) = dlsym(RTLD_NEXT, UNLOCK);
    if (__tsan_release) __tsan_release(self);
    next(self);
}
