/* Connections of the load client: HTTP/2 by libnghttp2, HTTP/1.1 by hand; non-blocking sockets. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

/* ---- gRPC: callbacks of the HTTP/2 session ---- */

static ssize_t read_request(nghttp2_session *session, int32_t stream, uint8_t *buffer, size_t room,
                            uint32_t *flags, nghttp2_data_source *source, void *user) {
    (void)session, (void)stream, (void)user;
    struct exchange *exchange = source->ptr;
    size_t part = exchange->length - exchange->sent;
    if (part > room) part = room;
    memcpy(buffer, exchange->bytes + exchange->sent, part);
    exchange->sent += part;
    if (exchange->sent == exchange->length) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)part;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
                     size_t name_length, const uint8_t *value, size_t length, uint8_t flags, void *user) {
    (void)length, (void)flags, (void)user;
    struct exchange *exchange = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (!exchange) return 0;
    if (name_length == 7 && !memcmp(name, ":status", 7)) exchange->http_status = atoi((const char *)value);
    if (name_length == 11 && !memcmp(name, "grpc-status", 11)) exchange->grpc_status = atoi((const char *)value);
    return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data,
                   size_t length, void *user) {
    (void)flags, (void)data, (void)user;
    struct exchange *exchange = nghttp2_session_get_stream_user_data(session, stream);
    if (exchange) exchange->response_bytes += length;
    return 0;
}

static int on_stream_close(nghttp2_session *session, int32_t stream, uint32_t error, void *user) {
    (void)user;
    struct exchange *exchange = nghttp2_session_get_stream_user_data(session, stream);
    if (!exchange) return 0;
    if (error != NGHTTP2_NO_ERROR && exchange->grpc_status < 0)
        lose(exchange);
    else
        finish(exchange);
    return 0;
}

static void open_session(struct connection *connection) {
    nghttp2_session_callbacks *callbacks;
    nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
    nghttp2_session_client_new(&connection->session, callbacks, connection);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, 1);
}

/* ---- sockets ---- */

static void watch(struct connection *connection, int operation, int want_write) {
    struct epoll_event event = {.events = EPOLLIN | (want_write ? EPOLLOUT : 0), .data.ptr = connection};
    connection->want_write = want_write;
    if (epoll_ctl(epoll_fd, operation, connection->fd, &event)) die("epoll_ctl", strerror(errno));
}

void open_connection(struct connection *connection) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)};
    int on = 1;
    if (inet_pton(AF_INET, options.host, &address.sin_addr) != 1) die("not an IPv4 address", options.host);
    connection->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connection->fd < 0 || connect(connection->fd, (struct sockaddr *)&address, sizeof address))
        die("cannot connect to the receiver", strerror(errno));
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connection->closing = 0;
    connection->unsent_length = connection->response_length = 0;
    if (options.grpc) open_session(connection);
    watch(connection, EPOLL_CTL_ADD, 1);
}

/* What was in flight has no answer: it is sent again, as an SDK would. */
void reopen_connection(struct connection *connection) {
    close(connection->fd);
    if (connection->session) nghttp2_session_del(connection->session);
    for (int i = 0; i < options.streams; i++)
        if (connection->exchanges[i].stream) lose(&connection->exchanges[i]);
    connection->reconnects++;
    open_connection(connection);
}

static int flush_http1(struct connection *connection) {
    struct exchange *exchange = connection->exchanges;
    while (exchange->stream && exchange->sent < exchange->length) {
        ssize_t part = send(connection->fd, exchange->bytes + exchange->sent,
                            exchange->length - exchange->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (part < 0) return errno == EAGAIN;
        exchange->sent += (size_t)part;
        count_sent((size_t)part);
    }
    return 1;
}

static int flush_http2(struct connection *connection) {
    for (;;) {
        if (!connection->unsent_length) {
            ssize_t length = nghttp2_session_mem_send(connection->session, &connection->unsent);
            if (length <= 0) return length == 0;
            connection->unsent_length = (size_t)length;
        }
        ssize_t part = send(connection->fd, connection->unsent, connection->unsent_length,
                            MSG_NOSIGNAL | MSG_DONTWAIT);
        if (part < 0) return errno == EAGAIN;
        connection->unsent += part;
        connection->unsent_length -= (size_t)part;
        count_sent((size_t)part);
    }
}

void flush_connection(struct connection *connection) {
    if (!(options.grpc ? flush_http2(connection) : flush_http1(connection))) {
        reopen_connection(connection);
        return;
    }
    struct exchange *first = connection->exchanges;
    int more = options.grpc ? connection->unsent_length > 0 : first->stream && first->sent < first->length;
    if (more != connection->want_write) watch(connection, EPOLL_CTL_MOD, more);
}

/* An HTTP/1.1 answer is complete at its Content-Length, or at the last chunk. */
static void read_http1(struct connection *connection) {
    char *text = connection->response, *end, *header;
    text[connection->response_length] = 0;
    if (!connection->exchanges->stream || !(end = strstr(text, "\r\n\r\n"))) return;
    size_t head = (size_t)(end + 4 - text), body = connection->response_length - head;
    if ((header = strcasestr(text, "\r\ncontent-length:")) && header < end) {
        if (body < strtoul(header + 17, NULL, 10)) return;
    } else if ((header = strcasestr(text, "\r\ntransfer-encoding: chunked")) && header < end) {
        if (!strstr(end + 2, "\r\n0\r\n\r\n")) return;
    }
    struct exchange *exchange = connection->exchanges;
    exchange->http_status = atoi(text + 9);
    exchange->response_bytes = body;
    /* An answer before the end of the request leaves a connection that nobody can use. */
    connection->closing = exchange->sent < exchange->length;
    if ((header = strcasestr(text, "\r\nconnection: close")) && header < end) connection->closing = 1;
    connection->response_length = 0;
    finish(exchange);
}

void receive(struct connection *connection) {
    static uint8_t buffer[65536];
    char *place = options.grpc ? (char *)buffer : connection->response + connection->response_length;
    size_t room = options.grpc ? sizeof buffer : RESPONSE_ROOM - 1 - connection->response_length;
    ssize_t part = recv(connection->fd, place, room, MSG_DONTWAIT);
    if (part < 0 && errno == EAGAIN) return;
    if (part <= 0) {
        reopen_connection(connection);
    } else if (!options.grpc) {
        connection->response_length += (size_t)part;
        read_http1(connection);
    } else if (nghttp2_session_mem_recv(connection->session, buffer, (size_t)part) < 0) {
        reopen_connection(connection);
    }
}

void submit(struct exchange *exchange) {
    if (!options.grpc) return; /* flush_http1 takes it from the connection */
#define HEADER(name, value) {(uint8_t *)(name), (uint8_t *)(value), sizeof(name) - 1, strlen(value), 0}
    nghttp2_nv headers[] = {
        HEADER(":method", "POST"), HEADER(":scheme", "http"),
        HEADER(":path", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"),
        HEADER(":authority", authority), HEADER("content-type", "application/grpc"), HEADER("te", "trailers"),
    };
    nghttp2_data_provider provider = {.source.ptr = exchange, .read_callback = read_request};
    exchange->stream = nghttp2_submit_request(exchange->connection->session, NULL, headers,
                                              sizeof headers / sizeof *headers, &provider, exchange);
    if (exchange->stream < 0) die("nghttp2_submit_request", nghttp2_strerror(exchange->stream));
}

/* False after a GOAWAY, which is how a receiver ends a connection that reached its maximum age. */
int accepts_requests(struct connection *connection) {
    if (connection->session && !nghttp2_session_check_request_allowed(connection->session))
        connection->closing = 1;
    return !connection->closing;
}
