// git and docker for a world that answers at once: says what Slipway needs to hear, does nothing, and notes when it ran.
//
// It is what its name says. Beside the program stand its files: `ran` gets a line for each run, "BEGAN ENDED NAME VERB"
// by the clock of CLOCK_MONOTONIC in nanoseconds; `tagged` holds the image that was tagged last, which is pushed next.
#define _GNU_SOURCE
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char folder[PATH_MAX];

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static const char *beside(const char *name) {
    static char path[PATH_MAX + 16];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void save(const char *path, const void *bytes, size_t count) {
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0 || write(file, bytes, count) != (ssize_t)count) perror(path), exit(70);
    close(file);
}

// Of a value behind its name, whether as the next argument or by "=".
static const char *option(char **arguments, const char *name) {
    size_t length = strlen(name);
    for (; *arguments; arguments++) {
        if (!strncmp(*arguments, name, length) && (*arguments)[length] == '=') return *arguments + length + 1;
        if (!strcmp(*arguments, name)) return arguments[1];
    }
    return "";
}

static const char *last(char **arguments) {
    while (arguments[1]) arguments++;
    return *arguments;
}

// The tree of every commit: a Dockerfile.
static void archive(const char *path) {
    static char tar[4 * 512];
    const char *text = "FROM scratch\n";
    strcpy(tar, "Dockerfile");
    sprintf(tar + 100, "%07o", 0644);
    sprintf(tar + 108, "%07o", 0);
    sprintf(tar + 116, "%07o", 0);
    sprintf(tar + 124, "%011zo", strlen(text));
    sprintf(tar + 136, "%011o", 0);
    memset(tar + 148, ' ', 8);
    tar[156] = '0';
    memcpy(tar + 257, "ustar\00000", 8);
    unsigned sum = 0;
    for (int i = 0; i < 512; i++) sum += (unsigned char)tar[i];
    sprintf(tar + 148, "%06o", sum);
    strcpy(tar + 512, text);
    save(path, tar, sizeof tar);
}

static int git(const char *verb, char **arguments) {
    char path[PATH_MAX];
    if (!strcmp(verb, "init")) {
        snprintf(path, sizeof path, "%s/HEAD", last(arguments));
        mkdir(last(arguments), 0755);
        save(path, "ref: refs/heads/main\n", 21);
    } else if (!strcmp(verb, "fetch")) {
        for (char **argument = arguments; *argument; argument++) {
            if (strstr(*argument, "/no/") == NULL) continue;
            fputs("fatal: there is no such repository\n", stderr);
            return 128;
        }
    } else if (!strcmp(verb, "rev-parse")) {
        // `pushes` makes a commit of a branch's number in this way.
        const char *branch = strstr(last(arguments), "/bench/");
        if (!branch) return 1;
        for (int i = 0; i < 5; i++) printf("1%07ld", strtol(branch + 7, NULL, 10));
        putchar('\n');
    } else if (!strcmp(verb, "merge-base")) {
        return 1; // each branch has a history of its own
    } else if (!strcmp(verb, "log")) {
        fwrite("The Octocat\0Light another candle\n", 1, 33, stdout);
    } else if (!strcmp(verb, "archive")) {
        archive(option(arguments, "--output"));
    }
    return 0;
}

static int docker(const char *verb, char **arguments) {
    char image[80] = "";
    if (!strcmp(verb, "buildx") && arguments[1] && !strcmp(arguments[1], "build")) {
        // An image's id is made of the digits in which its tag ends: a commit's, or those of a recipe.
        const char *tag = option(arguments, "--tag"), *digits = tag + strlen(tag) - 40;
        snprintf(image, sizeof image, "sha256:%s%.24s", digits, digits);
        save(option(arguments, "--iidfile"), image, strlen(image));
    } else if (!strcmp(verb, "version")) {
        puts("28.0.0");
    } else if (!strcmp(verb, "info")) {
        puts("/");
    } else if (!strcmp(verb, "image") && !strcmp(arguments[1], "inspect")) {
        return 1; // nothing was built before
    } else if (!strcmp(verb, "container")) {
        puts("0 false "); // the tests have passed
    } else if (!strcmp(verb, "tag")) {
        save(beside("tagged"), arguments[1], strlen(arguments[1]));
    } else if (!strcmp(verb, "push")) {
        int file = open(beside("tagged"), O_RDONLY | O_CLOEXEC);
        if (file < 0 || read(file, image, 71) != 71) return 1;
        printf("latest: digest: %s size: 528\n", image);
    }
    return 0;
}

int main(int count, char **arguments) {
    long long began = now();
    ssize_t length = readlink("/proc/self/exe", folder, sizeof folder - 1);
    if (length < 0 || count < 2) return 70;
    const char *name = strrchr(folder, '/') + 1;
    int is_git = !strcmp(name, "git");
    arguments++;
    while (is_git && arguments[0] && !strcmp(arguments[0], "--git-dir")) arguments += 2;
    if (!arguments[0]) return 70;
    folder[name - folder - 1] = 0;
    int status = is_git ? git(arguments[0], arguments) : docker(arguments[0], arguments);
    fflush(NULL);
    char line[PATH_MAX];
    int bytes = snprintf(line, sizeof line, "%lld %lld %s %s\n", began, now(), is_git ? "git" : "docker", arguments[0]);
    int file = open(beside("ran"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0 || write(file, line, bytes) != bytes) return 70;
    return status;
}
