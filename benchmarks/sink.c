/* A mail server that takes everything and keeps nothing: sink PORT [TRIP_MICROSECONDS [MAIL_MICROSECONDS]]
 *
 * Postfix's smtp-sink cannot be a little slow, and at large mails it is slower than what it measures. Each reply may be
 * held back as long as a round trip takes; the one to a mail's content as long as a relay works on a mail. XSTAT tells
 * how many mails came, and when the first and the last one since XZERO did (seconds since 1970).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS = 1024, LINE = 4096, REPLY = 8192, BLOCK = 1 << 18 };

struct connection {
    int in_content, matched, used, said, ends;
    long long due; /* nanoseconds; when what was said may be sent */
    char line[LINE], reply[REPLY];
};

static struct connection *connections[CONNECTIONS];
static char block[BLOCK];
static long long trip, mail, count, first, last;
static const char END[] = "\r\n.\r\n";

static long long now(clockid_t clock) {
    struct timespec at;
    clock_gettime(clock, &at);
    return at.tv_sec * 1000000000LL + at.tv_nsec;
}

static void hang_up(int fd) {
    free(connections[fd]);
    connections[fd] = NULL;
    close(fd);
}

static void say(struct connection *to, const char *words, long long after) {
    long long due = now(CLOCK_MONOTONIC) + after;
    int length = (int)strlen(words);
    if (to->said + length > REPLY) exit(1);
    memcpy(to->reply + to->said, words, (size_t)length);
    to->said += length;
    if (due > to->due) to->due = due;
}

static void flush(int fd) {
    struct connection *to = connections[fd];
    if (to->said && write(fd, to->reply, (size_t)to->said) != to->said) to->ends = 1;
    to->said = 0;
    to->due = 0;
    if (to->ends) hang_up(fd);
}

static void obey(struct connection *from) {
    char words[128];
    if (!strncasecmp(from->line, "EHLO", 4))
        say(from, "250-sink\r\n250-PIPELINING\r\n250-SIZE\r\n250 8BITMIME\r\n", trip);
    else if (!strncasecmp(from->line, "DATA", 4)) {
        from->in_content = 1;
        from->matched = 2; /* a dot may follow at once */
        say(from, "354 go on\r\n", trip);
    } else if (!strncasecmp(from->line, "QUIT", 4)) {
        from->ends = 1;
        say(from, "221 bye\r\n", 0);
    } else if (!strncasecmp(from->line, "XZERO", 5)) {
        count = first = last = 0;
        say(from, "250 ok\r\n", 0);
    } else if (!strncasecmp(from->line, "XSTAT", 5)) {
        snprintf(words, sizeof words, "250 %lld %.6f %.6f\r\n", count, first / 1e9, last / 1e9);
        say(from, words, 0);
    } else
        say(from, "250 ok\r\n", trip);
}

static void taken(struct connection *from) {
    from->in_content = 0;
    last = now(CLOCK_REALTIME);
    if (!count++) first = last;
    say(from, "250 taken\r\n", mail ? mail : trip);
}

/* Returns how many octets belong to the content. */
static ssize_t content(struct connection *from, const char *octets, ssize_t length) {
    ssize_t at = 0;
    while (at < length) {
        if (!from->matched) { /* nothing begun: look for the next CR where memchr is quickest */
            const char *cr = memchr(octets + at, '\r', (size_t)(length - at));
            if (!cr) return length;
            at = cr - octets;
        }
        char octet = octets[at++];
        if (octet == END[from->matched]) {
            if (!END[++from->matched]) {
                taken(from);
                return at;
            }
        } else
            from->matched = octet == '\r';
    }
    return at;
}

static void take(int fd) {
    ssize_t length = read(fd, block, BLOCK), at = 0;
    struct connection *from = connections[fd];
    if (length <= 0) {
        if (length == 0 || errno != EAGAIN) hang_up(fd);
        return;
    }
    while (at < length && !from->ends) {
        if (from->in_content) {
            at += content(from, block + at, length - at);
            continue;
        }
        if (from->used == LINE - 1) from->ends = 1;
        char octet = block[at++];
        from->line[from->used++] = octet;
        if (octet == '\n') {
            from->line[from->used] = 0;
            from->used = 0;
            obey(from);
        }
    }
}

static void answer_what_is_due(int timer) {
    long long at = now(CLOCK_MONOTONIC), next = 0;
    for (int fd = 0; fd < CONNECTIONS; fd++) {
        struct connection *one = connections[fd];
        if (!one || !one->said) continue;
        if (one->due <= at)
            flush(fd);
        else if (!next || one->due < next)
            next = one->due;
    }
    struct itimerspec when = {.it_value = {next / 1000000000LL, next % 1000000000LL}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void greet(int listener, int poll) {
    int yes = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0 || fd >= CONNECTIONS) exit(1);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    connections[fd] = calloc(1, sizeof(struct connection));
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    say(connections[fd], "220 sink\r\n", trip);
}

int main(int argc, char **argv) {
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0), poll = epoll_create1(0);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (argc < 2) return 2;
    address.sin_port = htons((unsigned short)atoi(argv[1]));
    trip = argc > 2 ? atoll(argv[2]) * 1000 : 0;
    mail = argc > 3 ? atoll(argv[3]) * 1000 : 0;
    signal(SIGPIPE, SIG_IGN);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 128)) return 1;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[64];
    epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
    event.data.fd = timer;
    epoll_ctl(poll, EPOLL_CTL_ADD, timer, &event);
    for (;;) {
        int number = epoll_wait(poll, events, 64, -1);
        for (int each = 0; each < number; each++) {
            int fd = events[each].data.fd;
            long long expired;
            if (fd == listener)
                greet(listener, poll);
            else if (fd == timer)
                (void)!read(timer, &expired, sizeof expired);
            else if (connections[fd])
                take(fd);
        }
        answer_what_is_due(timer);
    }
}
