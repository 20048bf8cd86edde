/* Preloaded into a process, it lets one system call that writes below a folder fail, or kills the
 * process there. A write that is killed has written a part of its bytes. See kills.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[PATH_MAX];
static size_t length;
static long wanted, seen;
static int failure;
static int orders = -1, answers = -1; /* files of a process that waits at its first call */
static double part = 0.5;

/* From now on count the calls below `folder`; at number `nth` fail with `error`, or, at 0, die, or,
 * below 0, be sent that signal. */
void faults_arm(const char *folder, long nth, int error) {
    snprintf(root, sizeof root, "%s/", folder);
    length = strlen(root);
    wanted = nth;
    failure = error;
    seen = 0;
}

/* Whoever is armed then waits at its first call: for each order, the number of a call, the share of
 * a write that is made before the end, and an error as above, a copy of it goes on until there; its
 * status is the answer. It ends with the orders. */
void faults_serve(int from, int to) {
    orders = from;
    answers = to;
}

static void serve(void) {
    struct { double nth, part, error; } order;
    while (orders >= 0) {
        int status = 0;
        if (read(orders, &order, sizeof order) != sizeof order) _exit(0);
        pid_t copy = fork();
        if (copy == 0) {
            wanted = (long)order.nth;
            part = order.part;
            failure = (int)order.error;
            orders = -1;
        } else {
            waitpid(copy, &status, 0);
            if (write(answers, &status, sizeof status) != sizeof status) _exit(0);
        }
    }
}

/* Each call is told before it is made: its name, its paths (relative to `file`, if that is a folder),
 * what it writes and where. */
typedef void (*Watch)(const char *what, int file, const char *path, const char *other,
                      const void *data, long size, long at);
static Watch watch;
void faults_watch(Watch told) { watch = told; }

/* How many calls there have been. */
long faults_seen(void) { return seen; }

static int path_inside(const char *path) {
    return length && path && strncmp(path, root, length) == 0;
}

static int file_inside(int file) {
    char link[64], path[PATH_MAX];
    if (!length) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t got = readlink(link, path, sizeof path - 2);
    if (got < 0) return 0;
    path[got] = '/'; /* the folder itself counts as well */
    path[got + 1] = 0;
    return path_inside(path);
}

static int at_inside(int folder, const char *path) {
    return path && path[0] == '/' ? path_inside(path) : file_inside(folder);
}

/* Whether this call is the one; dies here if it is to. */
static int struck(int inside, const char *what, int file, const char *path, const char *other,
                  const void *data, long size, long at) {
    if (!inside) return 0;
    if (watch) watch(what, file, path, other, data, size, at);
    if (orders >= 0 && !seen) serve();
    if (++seen != wanted) return 0;
    if (failure <= 0) {
        kill(getpid(), failure ? -failure : SIGKILL);
        return 0;
    }
    errno = failure;
    return 1;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

#define WRITING(flags) ((flags) & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR))

#define OF_FILE(what) struck(file_inside(file), what, file, 0, 0, 0, 0, 0)
#define OF_PATHS(what, path, other) struck(path_inside(path), what, -1, path, other, 0, 0, 0)

ssize_t write(int file, const void *data, size_t size) {
    int inside = file_inside(file);
    if (inside && seen + 1 == wanted && !failure) REAL(write)(file, data, (size_t)(size * part));
    return struck(inside, "write", file, 0, 0, data, size, -1) ? -1 : REAL(write)(file, data, size);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
    return OF_FILE("writev") ? -1 : REAL(writev)(file, parts, count);
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t at) {
    int stop = struck(file_inside(file), "write", file, 0, 0, data, size, at);
    return stop ? -1 : REAL(pwrite64)(file, data, size, at);
}

int fsync(int file) { return OF_FILE("fsync") ? -1 : REAL(fsync)(file); }

int fdatasync(int file) { return OF_FILE("fsync") ? -1 : REAL(fdatasync)(file); }

int ftruncate64(int file, off64_t size) {
    int stop = struck(file_inside(file), "truncate", file, 0, 0, 0, size, 0);
    return stop ? -1 : REAL(ftruncate64)(file, size);
}

int rename(const char *from, const char *to) {
    return OF_PATHS("rename", to, from) ? -1 : REAL(rename)(from, to);
}

int renameat(int a, const char *from, int b, const char *to) {
    int stop = struck(at_inside(b, to), "renameat", b, to, from, 0, 0, 0);
    return stop ? -1 : REAL(renameat)(a, from, b, to);
}

int link(const char *from, const char *to) {
    return OF_PATHS("link", to, from) ? -1 : REAL(link)(from, to);
}

int unlink(const char *path) { return OF_PATHS("unlink", path, 0) ? -1 : REAL(unlink)(path); }

int unlinkat(int folder, const char *path, int flags) {
    int stop = struck(at_inside(folder, path), "unlink", folder, path, 0, 0, 0, 0);
    return stop ? -1 : REAL(unlinkat)(folder, path, flags);
}

int rmdir(const char *path) { return OF_PATHS("unlink", path, 0) ? -1 : REAL(rmdir)(path); }

int mkdir(const char *path, mode_t mode) {
    return OF_PATHS("mkdir", path, 0) ? -1 : REAL(mkdir)(path, mode);
}

#define OPEN(name)                                                        \
    int name(const char *path, int flags, ...) {                          \
        va_list rest;                                                     \
        va_start(rest, flags);                                            \
        mode_t mode = va_arg(rest, mode_t);                               \
        va_end(rest);                                                     \
        int inside = WRITING(flags) && path_inside(path);                 \
        if (struck(inside, "open", -1, path, 0, 0, flags, 0)) return -1;  \
        return REAL(name)(path, flags, mode);                             \
    }

#define OPENAT(name)                                                      \
    int name(int folder, const char *path, int flags, ...) {              \
        va_list rest;                                                     \
        va_start(rest, flags);                                            \
        mode_t mode = va_arg(rest, mode_t);                               \
        va_end(rest);                                                     \
        int inside = WRITING(flags) && at_inside(folder, path);           \
        if (struck(inside, "open", folder, path, 0, 0, flags, 0)) return -1; \
        return REAL(name)(folder, path, flags, mode);                     \
    }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
