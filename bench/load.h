/* The shared vocabulary of the load client: load.c decides what to send when, connection.c sends. */
#ifndef SPANLOOM_BENCH_LOAD_H
#define SPANLOOM_BENCH_LOAD_H

#include <nghttp2/nghttp2.h>
#include <stddef.h>
#include <stdint.h>

enum { RESPONSE_ROOM = 16384 };

struct exchange { /* one request and its answer */
    struct exchange *next;
    struct connection *connection;
    uint8_t *bytes;
    size_t length, sent, response_bytes;
    uint64_t index;
    int64_t due_ns;
    int32_t stream;
    int http_status, grpc_status;
};

struct connection {
    int fd, active, closing, want_write, reconnects;
    nghttp2_session *session; /* NULL on HTTP/1.1 */
    const uint8_t *unsent;    /* of the session, valid until its next mem_send */
    size_t unsent_length;
    struct exchange *exchanges, *idle;
    char response[RESPONSE_ROOM];
    size_t response_length;
};

struct options {
    int grpc, port, retry;
    int connection_count, streams;
    const char *host, *bodies_path;
    double seconds, rate;
    uint64_t requests, first, base_ns, round_ns, seed;
};

extern struct options options;
extern char authority[64];
extern int epoll_fd;

/* load.c */
void die(const char *message, const char *detail);
void finish(struct exchange *exchange);    /* its answer is complete */
void lose(struct exchange *exchange);      /* there will be no answer: send it again */
void count_sent(size_t bytes);

/* connection.c */
void open_connection(struct connection *connection);
void reopen_connection(struct connection *connection);
void submit(struct exchange *exchange);    /* hands a framed exchange to its connection */
void flush_connection(struct connection *connection);
void receive(struct connection *connection);
int accepts_requests(struct connection *connection);

#endif
