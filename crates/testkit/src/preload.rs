//! Shared objects that are loaded before all others: the system does less for a program than it promises.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A shared object of this source in C, for `LD_PRELOAD`; `None` where there is no compiler.
pub fn preloaded(folder: &Path, source: &str) -> Option<PathBuf> {
    let (file, object) = (folder.join("preloaded.c"), folder.join("preloaded.so"));
    std::fs::write(&file, source).expect("a writable folder");
    let built =
        Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&object).arg(&file).status();
    built.is_ok_and(|status| status.success()).then_some(object)
}

/// The source of an object in whose process these system calls do nothing and fail with these errors, both by their
/// names in C.
pub fn without_calls(calls: &[(&str, &str)]) -> String {
    let mut rules = String::new();
    for (call, error) in calls {
        let _ = writeln!(
            rules,
            "BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_{call}, 0, 1), \
             BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | {error}),"
        );
    }
    FILTER.replace("RULES", &rules)
}

const FILTER: &str = "
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
__attribute__((constructor)) static void deny(void) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        RULES
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { sizeof rules / sizeof *rules, rules };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
        abort();
    }
}
";

/// The source of an object that counts the flushes of files that C code asks for: at its process's end, the file that the
/// variable `FLUSHES` names has their number.
pub const COUNTED_FLUSHES: &str = "
#define _GNU_SOURCE
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>
static atomic_int flushes;
int fsync(int file) { flushes++; return syscall(SYS_fsync, file); }
int fdatasync(int file) { flushes++; return syscall(SYS_fdatasync, file); }
__attribute__((destructor)) static void tell(void) {
    FILE *file = fopen(getenv(\"FLUSHES\"), \"w\");
    if (file) {
        fprintf(file, \"%d\", flushes);
        fclose(file);
    }
}
";

/// The source of an object in whose process there are only so many threads at a time, the first not counted. The
/// variable `THREADS` says how many.
pub const FEW_THREADS: &str = "
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
typedef int begin(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
static atomic_int there;
struct job { void *(*work)(void *); void *with; };
static void *run(void *given) {
    struct job job = *(struct job *)given;
    free(given);
    void *done = job.work(job.with);
    atomic_fetch_sub(&there, 1);
    return done;
}
int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*work)(void *), void *with) {
    const char *most = getenv(\"THREADS\");
    if (atomic_fetch_add(&there, 1) >= atoi(most)) {
        atomic_fetch_sub(&there, 1);
        return EAGAIN;
    }
    struct job *job = malloc(sizeof *job);
    *job = (struct job){ work, with };
    return ((begin *)dlsym(RTLD_NEXT, \"pthread_create\"))(thread, how, run, job);
}
";

/// The source of an object in whose process names that end in `.never` are never resolved. Whoever reads the pipe that
/// the variable `RESOLVING` names is woken as soon as one is looked up.
pub const SILENT_RESOLVER: &str = "
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
typedef int resolve(const char *, const char *, const struct addrinfo *, struct addrinfo **);
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    const char *end = name ? strrchr(name, '.') : NULL;
    if (end && strcmp(end, \".never\") == 0) {
        open(getenv(\"RESOLVING\"), O_WRONLY);
        for (;;) pause();
    }
    return ((resolve *)dlsym(RTLD_NEXT, \"getaddrinfo\"))(name, service, hints, found);
}
";
