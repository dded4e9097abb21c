/* load: a client that sends OTLP traces as fast as a receiver acks them, or at a fixed rate.
 *
 * One thread, one epoll, C connections with S requests in flight each: gRPC over HTTP/2 with prior
 * knowledge (libnghttp2), or HTTP/1.1 keep-alive with chunked bodies as Envoy sends them. Each
 * request is a template made fresh (template.h). Prints one JSON object; bench/client.py reads it.
 *
 * Latency runs from the moment a request was due (at a fixed rate that is the schedule, so a
 * stalled receiver is not flattered) to the last byte of its answer.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "load.h"
#include "template.h"

enum { GRPC_MISSING = 17, GRPC_STATUSES = 18, HTTP_STATUSES = 600 };
static const int64_t SECOND_NS = 1000000000, REFUSED_PAUSE_NS = 100000000, DRAIN_NS = 60000000000;

struct options options = {.grpc = 1, .host = "127.0.0.1", .connection_count = 8, .streams = 10};
char authority[64];
int epoll_fd;

static struct {
    uint64_t started, acked, acked_spans, sent_bytes, partial, resent;
    uint64_t grpc_status[GRPC_STATUSES], http_status[HTTP_STATUSES];
    uint32_t *latencies_us;
    size_t latency_count;
    int64_t first_ns, last_ack_ns;
} totals;

static struct body *bodies;
static size_t body_count, longest_body;
static struct connection *connections;
static uint64_t *again; /* indexes to send once more */
static size_t again_count, again_room;
static int timer_fd, active_total;
static int64_t paused_until_ns;

void die(const char *message, const char *detail) {
    fprintf(stderr, "load: %s: %s\n", message, detail);
    exit(1);
}

void count_sent(size_t bytes) { totals.sent_bytes += bytes; }

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * SECOND_NS + now.tv_nsec;
}

static void *grow(void *memory, size_t count, size_t *room, size_t size) {
    if (count < *room) return memory;
    *room = *room ? 2 * *room : 1024;
    memory = realloc(memory, *room * size);
    if (!memory) die("memory", "no room");
    return memory;
}

static void send_again(uint64_t index) {
    again = grow(again, again_count, &again_room, sizeof *again);
    again[again_count++] = index;
    totals.resent++;
}

static void release(struct exchange *exchange) {
    exchange->stream = 0;
    exchange->next = exchange->connection->idle;
    exchange->connection->idle = exchange;
    exchange->connection->active--;
    active_total--;
}

void finish(struct exchange *exchange) {
    static size_t latency_room;
    int grpc = exchange->grpc_status, http = exchange->http_status;
    int64_t now = now_ns();
    totals.http_status[http >= 0 && http < HTTP_STATUSES ? http : 0]++;
    if (options.grpc) totals.grpc_status[grpc >= 0 && grpc < GRPC_MISSING ? grpc : GRPC_MISSING]++;
    if (http == 200 && (!options.grpc || grpc == 0)) {
        totals.acked++;
        totals.acked_spans += bodies[exchange->index % body_count].spans;
        /* A full success is an empty message: nothing on HTTP, a five-byte prefix on gRPC. */
        totals.partial += exchange->response_bytes > (options.grpc ? 5 : 0);
        totals.last_ack_ns = now;
        totals.latencies_us = grow(totals.latencies_us, totals.latency_count, &latency_room,
                                   sizeof *totals.latencies_us);
        totals.latencies_us[totals.latency_count++] = (uint32_t)((now - exchange->due_ns) / 1000);
    } else if (options.retry && (options.grpc ? grpc == 14 || grpc == 8 : http == 503 || http == 429)) {
        send_again(exchange->index);
        paused_until_ns = now + REFUSED_PAUSE_NS;
    }
    release(exchange);
}

void lose(struct exchange *exchange) {
    send_again(exchange->index);
    release(exchange);
}

static void start(struct connection *connection, uint64_t index, int64_t due_ns) {
    struct exchange *exchange = connection->idle;
    const struct body *body = &bodies[index % body_count];
    struct round_masks masks = masks_of(options.seed, index / body_count, options.base_ns, options.round_ns);
    uint8_t *bytes = exchange->bytes;
    if (options.grpc) {
        uint32_t length = htonl(body->length);
        *bytes = 0;
        memcpy(bytes + 1, &length, 4);
        bytes += 5;
    } else {
        bytes += sprintf((char *)bytes, "POST /v1/traces HTTP/1.1\r\nhost: %s\r\ncontent-type: application/"
                         "x-protobuf\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n", authority, body->length);
    }
    write_body(bytes, body, &masks);
    bytes += body->length;
    if (!options.grpc) bytes = (uint8_t *)memcpy(bytes, "\r\n0\r\n\r\n", 7) + 7;
    connection->idle = exchange->next;
    connection->active++;
    active_total++;
    *exchange = (struct exchange){.connection = connection, .bytes = exchange->bytes, .index = index,
        .length = (size_t)(bytes - exchange->bytes), .due_ns = due_ns, .stream = 1, .grpc_status = -1};
    submit(exchange);
}

static struct connection *free_connection(void) {
    static int turn;
    for (int tried = 0; tried < options.connection_count; tried++) {
        struct connection *connection = &connections[turn++ % options.connection_count];
        if (!accepts_requests(connection) && !connection->active) reopen_connection(connection);
        if (!connection->closing && connection->idle) return connection;
    }
    return NULL;
}

static int all_started(int64_t now) {
    if (options.requests && totals.started >= options.requests) return 1;
    return options.seconds > 0 && now - totals.first_ns >= (int64_t)(options.seconds * 1e9);
}

/* Starts what is due and has a free place. Returns when to look again, 0 for "after an answer". */
static int64_t start_due(int64_t now) {
    struct connection *connection;
    if (now < paused_until_ns) return paused_until_ns;
    while (again_count || !all_started(now)) {
        int64_t due = now;
        if (!again_count && options.rate > 0) {
            due = totals.first_ns + (int64_t)((double)totals.started / options.rate * 1e9);
            if (due > now) return due;
        }
        if (!(connection = free_connection())) return 0;
        if (again_count)
            start(connection, again[--again_count], now);
        else
            start(connection, options.first + totals.started++, due);
    }
    return 0;
}

static void run(void) {
    struct epoll_event events[64];
    int64_t stop_ns = 0;
    totals.first_ns = totals.last_ack_ns = now_ns();
    for (;;) {
        int64_t now = now_ns(), look_again = start_due(now);
        for (int i = 0; i < options.connection_count; i++) flush_connection(&connections[i]);
        if (all_started(now) && !again_count && !active_total) return;
        if (all_started(now) && !stop_ns) stop_ns = now + DRAIN_NS;
        if (stop_ns && now > stop_ns) die("gave up", "answers are missing a minute after the last request");
        struct itimerspec alarm = {.it_value = {look_again / SECOND_NS, look_again % SECOND_NS}};
        if (look_again) timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &alarm, NULL);
        int count = epoll_wait(epoll_fd, events, 64, 1000);
        for (int i = 0; i < count; i++) {
            uint64_t expirations;
            if (events[i].data.ptr)
                receive(events[i].data.ptr);
            else if (read(timer_fd, &expirations, sizeof expirations) < 0 && errno != EAGAIN)
                die("timer", strerror(errno));
        }
    }
}

static int by_value(const void *left, const void *right) {
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static void print_counts(const char *name, const uint64_t *counts, int length) {
    const char *comma = "";
    printf("\"%s\": {", name);
    for (int i = 0; i < length; i++) {
        if (!counts[i]) continue;
        printf("%s\"%d\": %llu", comma, i, (unsigned long long)counts[i]);
        comma = ", ";
    }
    printf("}, ");
}

static void report(void) {
    static const double quantiles[] = {0.5, 0.9, 0.99, 0.999, 1};
    static const char *names[] = {"p50", "p90", "p99", "p999", "max"};
    struct rusage usage;
    uint64_t reconnects = 0;
    size_t count = totals.latency_count;
    getrusage(RUSAGE_SELF, &usage);
    for (int i = 0; i < options.connection_count; i++) reconnects += connections[i].reconnects;
    if (count) qsort(totals.latencies_us, count, sizeof *totals.latencies_us, by_value);
    printf("{\"requests\": %llu, \"acked_requests\": %llu, \"acked_spans\": %llu, \"partial\": %llu, ",
           (unsigned long long)totals.started, (unsigned long long)totals.acked,
           (unsigned long long)totals.acked_spans, (unsigned long long)totals.partial);
    printf("\"sent_again\": %llu, \"reconnects\": %llu, \"sent_bytes\": %llu, \"bodies\": %zu, ",
           (unsigned long long)totals.resent, (unsigned long long)reconnects,
           (unsigned long long)totals.sent_bytes, body_count);
    print_counts("grpc_status", totals.grpc_status, GRPC_STATUSES);
    print_counts("http_status", totals.http_status, HTTP_STATUSES);
    printf("\"latency_us\": {");
    for (int i = 0; count && i < 5; i++) {
        size_t rank = (size_t)(quantiles[i] * (double)count);
        printf("%s\"%s\": %u", i ? ", " : "", names[i], totals.latencies_us[rank < count ? rank : count - 1]);
    }
    printf("}, \"elapsed_s\": %.6f, \"cpu_s\": %.3f}\n", (double)(totals.last_ack_ns - totals.first_ns) / 1e9,
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
}

static void open_all(void) {
    struct epoll_event alarm = {.events = EPOLLIN};
    snprintf(authority, sizeof authority, "%s:%d", options.host, options.port);
    epoll_fd = epoll_create1(0);
    timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    connections = calloc((size_t)options.connection_count, sizeof *connections);
    if (!connections || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer_fd, &alarm)) die("set-up", strerror(errno));
    for (int i = 0; i < options.connection_count; i++) {
        struct connection *connection = &connections[i];
        connection->exchanges = calloc((size_t)options.streams, sizeof *connection->exchanges);
        for (int j = 0; connection->exchanges && j < options.streams; j++) {
            struct exchange *exchange = &connection->exchanges[j];
            *exchange = (struct exchange){.connection = connection, .next = connection->idle};
            if (!(exchange->bytes = malloc(longest_body + 512))) die("memory", "no room for requests");
            connection->idle = exchange;
        }
        open_connection(connection);
    }
}

int main(int argc, char **argv) {
    static const struct option names[] = {
        {"protocol", 1, 0, 'p'}, {"host", 1, 0, 'h'}, {"port", 1, 0, 'P'}, {"bodies", 1, 0, 'b'},
        {"connections", 1, 0, 'c'}, {"streams", 1, 0, 's'}, {"seconds", 1, 0, 't'}, {"requests", 1, 0, 'n'},
        {"rate", 1, 0, 'r'}, {"first", 1, 0, 'f'}, {"base-ns", 1, 0, 'B'}, {"round-ns", 1, 0, 'R'},
        {"seed", 1, 0, 'S'}, {"retry", 0, 0, 'y'}, {0}};
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (option) {
        case 'p': options.grpc = !strcmp(optarg, "grpc"); break;
        case 'h': options.host = optarg; break;
        case 'P': options.port = atoi(optarg); break;
        case 'b': options.bodies_path = optarg; break;
        case 'c': options.connection_count = atoi(optarg); break;
        case 's': options.streams = atoi(optarg); break;
        case 't': options.seconds = atof(optarg); break;
        case 'n': options.requests = strtoull(optarg, NULL, 10); break;
        case 'r': options.rate = atof(optarg); break;
        case 'f': options.first = strtoull(optarg, NULL, 10); break;
        case 'B': options.base_ns = strtoull(optarg, NULL, 10); break;
        case 'R': options.round_ns = strtoull(optarg, NULL, 10); break;
        case 'S': options.seed = strtoull(optarg, NULL, 10); break;
        case 'y': options.retry = 1; break;
        default: return 2;
        }
    }
    if (!options.grpc) options.streams = 1;
    if (!options.bodies_path || (options.seconds <= 0 && !options.requests) || options.connection_count < 1 ||
        options.streams < 1)
        die("usage", "--port N --bodies FILE and --seconds S or --requests N; see bench/client.py");
    bodies = read_bodies(options.bodies_path, &body_count);
    if (!body_count) die("no bodies in", options.bodies_path);
    for (size_t i = 0; i < body_count; i++)
        if (bodies[i].length > longest_body) longest_body = bodies[i].length;
    open_all();
    run();
    report();
    return 0;
}
