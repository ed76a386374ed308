/* A disk that remembers only what it was told to keep.
 *
 * Preloaded into a process (LD_PRELOAD), this stands in for fsync() and fdatasync(): each call copies what is being
 * synced into the folder that POWERCUT_DISK names. A file is kept with its content, a folder with the names in it, both
 * under the identity of the inode. What was written, renamed or removed without a sync is not noted, as if the power
 * had gone before the kernel came to it. This is stricter than ext4, which writes more than it was asked for.
 *
 * sync_file_range(), msync() and O_SYNC are taken for nothing, because the portal does not rely on them. Paths that
 * contain POWERCUT_DEAF are not kept although they are synced: with it a test shows that it would notice.
 *
 * A record of a folder holds, for each name, "<identity> <d or f> <name>" and a NUL.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define IDENTITY 80

static int identify(int folder, const char *name, char identity[IDENTITY], mode_t *mode) {
    struct statx found;
    int flags = AT_SYMLINK_NOFOLLOW | (*name ? 0 : AT_EMPTY_PATH);
    if (statx(folder, name, flags, STATX_TYPE | STATX_INO | STATX_BTIME, &found) != 0)
        return -1;
    /* The number of a removed file is given to the next one; its time of birth is not. */
    snprintf(identity, IDENTITY, "%llu-%lld-%u", (unsigned long long)found.stx_ino,
             (long long)found.stx_btime.tv_sec, found.stx_btime.tv_nsec);
    *mode = found.stx_mode;
    return 0;
}

static int copy_content(int fd, FILE *record) {
    char block[1 << 16];
    off_t at = 0;
    ssize_t length;
    /* pread: opening the file anew and closing it would give up the locks SQLite holds on it. */
    while ((length = pread(fd, block, sizeof block, at)) > 0) {
        if (fwrite(block, 1, (size_t)length, record) != (size_t)length)
            return -1;
        at += length;
    }
    return length < 0 ? -1 : 0;
}

static int copy_names(int fd, FILE *record) {
    int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = again < 0 ? NULL : fdopendir(again);
    if (folder == NULL)
        return -1;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char identity[IDENTITY];
        mode_t mode;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (identify(fd, entry->d_name, identity, &mode) == 0) /* or it was removed in between */
            fprintf(record, "%s %c %s%c", identity, S_ISDIR(mode) ? 'd' : 'f', entry->d_name, 0);
    }
    closedir(folder);
    return 0;
}

static int is_deaf_to(int fd) {
    const char *deaf = getenv("POWERCUT_DEAF");
    char link[64], path[PATH_MAX];
    if (deaf == NULL || *deaf == 0)
        return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    path[length < 0 ? 0 : length] = 0;
    return strstr(path, deaf) != NULL;
}

static int keep(int fd, const char *disk) {
    char identity[IDENTITY], kept[PATH_MAX], half[PATH_MAX], lock_path[PATH_MAX];
    mode_t mode;
    if (identify(fd, "", identity, &mode) != 0)
        return -1;
    if (is_deaf_to(fd) || !(S_ISREG(mode) || S_ISDIR(mode)))
        return 0;
    snprintf(kept, sizeof kept, "%s/%s", disk, identity);
    snprintf(half, sizeof half, "%s/half", disk);
    snprintf(lock_path, sizeof lock_path, "%s/lock", disk);
    /* One at a time, whichever thread or process: an older copy must not replace a newer one. */
    int lock = open(lock_path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (lock < 0 || flock(lock, LOCK_EX) != 0)
        return -1;
    FILE *record = fopen(half, "we");
    int result = record == NULL ? -1 : S_ISDIR(mode) ? copy_names(fd, record) : copy_content(fd, record);
    if (record != NULL && fclose(record) != 0)
        result = -1;
    /* Renamed when it is whole, because the process may be killed at any moment. */
    if (result == 0)
        result = rename(half, kept);
    close(lock);
    return result;
}

static int synced(int fd) {
    const char *disk = getenv("POWERCUT_DISK");
    if (disk == NULL)
        return 0;
    if (keep(fd, disk) == 0)
        return 0;
    errno = EIO;
    return -1;
}

int fsync(int fd) { return synced(fd); }

int fdatasync(int fd) { return synced(fd); }

/* For the test itself, which loads this with ctypes: the identity of what lies at a path, and to keep it as it is. */

int powercut_identity(const char *path, char identity[IDENTITY]) {
    mode_t mode;
    return identify(AT_FDCWD, path, identity, &mode);
}

int powercut_keep(const char *path, const char *disk) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int result = fd < 0 ? -1 : keep(fd, disk);
    if (fd >= 0)
        close(fd);
    return result;
}
