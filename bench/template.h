/* Request templates: pre-built ExportTraceServiceRequest bodies, and how to make a fresh one.
 *
 * The file is a sequence of records: a little-endian uint32 length, then that many bytes. A walk
 * over the protobuf wire format finds the places that make a span what it is (ids, times, the
 * x-request-id); every round then rewrites them in a way that keeps relations: ids are XORed
 * with constants of the round, times are shifted by the round's base. bench/spans.py holds the
 * same arithmetic, so it can say what any round must look like in the store.
 */
#ifndef SPANLOOM_BENCH_TEMPLATE_H
#define SPANLOOM_BENCH_TEMPLATE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

enum patch_kind { PATCH_TRACE_ID, PATCH_SPAN_ID, PATCH_TIME, PATCH_REQUEST_ID };

struct patch {
    uint32_t offset;
    enum patch_kind kind;
};

struct body {
    const uint8_t *data;
    uint32_t length;
    uint32_t spans;
    struct patch *patches;
    uint32_t patch_count;
};

struct round_masks {
    uint8_t trace[16];
    uint8_t span[8];
    uint64_t shift_ns;
};

struct field {
    uint32_t number;
    uint32_t wire_type;
    const uint8_t *data;
    uint64_t length;
};

static uint64_t splitmix64(uint64_t value) {
    value += 0x9E3779B97F4A7C15ull;
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9ull;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBull;
    return value ^ (value >> 31);
}

static struct round_masks masks_of(uint64_t seed, uint64_t round, uint64_t base_ns,
                                   uint64_t round_ns) {
    struct round_masks masks;
    uint64_t lanes[3];
    for (uint64_t lane = 0; lane < 3; lane++)
        lanes[lane] = splitmix64(seed ^ splitmix64(round * 4 + lane));
    memcpy(masks.trace, lanes, 16);
    memcpy(masks.span, lanes + 2, 8);
    masks.shift_ns = base_ns + round * round_ns;
    return masks;
}

static uint64_t varint(const uint8_t **at, const uint8_t *end) {
    uint64_t value = 0;
    for (int shift = 0; *at < end && shift < 64; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) return value;
    }
    die("bodies file", "a varint is cut off");
    return 0;
}

static int next_field(const uint8_t **at, const uint8_t *end, struct field *field) {
    if (*at >= end) return 0;
    uint64_t key = varint(at, end);
    field->number = (uint32_t)(key >> 3);
    field->wire_type = key & 7;
    switch (field->wire_type) {
    case 0: field->data = *at; varint(at, end); field->length = (uint64_t)(*at - field->data); return 1;
    case 1: field->length = 8; break;
    case 2: field->length = varint(at, end); break;
    case 5: field->length = 4; break;
    default: die("bodies file", "unknown wire type");
    }
    if (field->length > (uint64_t)(end - *at)) die("bodies file", "a field is cut off");
    field->data = *at;
    *at += field->length;
    return 1;
}

static void add_patch(struct body *body, const uint8_t *place, enum patch_kind kind) {
    if ((body->patch_count & (body->patch_count - 1)) == 0) {
        size_t room = body->patch_count ? 2 * (size_t)body->patch_count : 1;
        body->patches = realloc(body->patches, room * sizeof *body->patches);
        if (!body->patches) die("memory", "no room for the patch list");
    }
    body->patches[body->patch_count++] = (struct patch){(uint32_t)(place - body->data), kind};
}

static void walk_attribute(struct body *body, struct field attribute) {
    static const char key[] = "guid:x-request-id";
    const uint8_t *at = attribute.data, *end = at + attribute.length;
    struct field field, value = {0};
    int found = 0;
    while (next_field(&at, end, &field)) {
        if (field.number == 1)
            found = field.length == sizeof key - 1 && !memcmp(field.data, key, sizeof key - 1);
        if (field.number == 2) value = field;
    }
    at = value.data;
    if (found && at && next_field(&at, value.data + value.length, &field) && field.length == 36)
        add_patch(body, field.data, PATCH_REQUEST_ID);
}

static void walk_span(struct body *body, struct field span) {
    const uint8_t *at = span.data, *end = at + span.length;
    struct field field;
    body->spans++;
    while (next_field(&at, end, &field)) {
        if (field.number == 1 && field.length == 16) add_patch(body, field.data, PATCH_TRACE_ID);
        if ((field.number == 2 || field.number == 4) && field.length == 8)
            add_patch(body, field.data, PATCH_SPAN_ID);
        if ((field.number == 7 || field.number == 8) && field.wire_type == 1)
            add_patch(body, field.data, PATCH_TIME);
        if (field.number == 9) walk_attribute(body, field);
    }
}

/* ExportTraceServiceRequest.resource_spans (1) . scope_spans (2) . spans (2) */
static void walk_body(struct body *body) {
    const uint8_t *at = body->data, *end = at + body->length;
    struct field resource, scope, span;
    while (next_field(&at, end, &resource)) {
        const uint8_t *in_resource = resource.data;
        while (next_field(&in_resource, resource.data + resource.length, &scope)) {
            const uint8_t *in_scope = scope.data;
            if (scope.number != 2) continue;
            while (next_field(&in_scope, scope.data + scope.length, &span))
                if (span.number == 2) walk_span(body, span);
        }
    }
}

static uint8_t hex_value(uint8_t digit) { return digit <= '9' ? digit - '0' : digit - 'a' + 10; }

/* Hex digits 12 (version, where Envoy notes why it traced) and 16 (variant) stay. */
static void patch_request_id(uint8_t *text, const uint8_t mask[16]) {
    for (int digit = 0; digit < 32; digit++, text++) {
        if (*text == '-') text++;
        if (digit == 12 || digit == 16) continue;
        uint8_t nibble = digit & 1 ? mask[digit / 2] & 15 : mask[digit / 2] >> 4;
        *text = (uint8_t) "0123456789abcdef"[hex_value(*text) ^ nibble];
    }
}

static void write_body(uint8_t *out, const struct body *body, const struct round_masks *masks) {
    memcpy(out, body->data, body->length);
    for (uint32_t i = 0; i < body->patch_count; i++) {
        uint8_t *place = out + body->patches[i].offset;
        uint64_t time;
        switch (body->patches[i].kind) {
        case PATCH_TRACE_ID:
            for (int byte = 0; byte < 16; byte++) place[byte] ^= masks->trace[byte];
            break;
        case PATCH_SPAN_ID:
            for (int byte = 0; byte < 8; byte++) place[byte] ^= masks->span[byte];
            break;
        case PATCH_TIME:
            memcpy(&time, place, 8);
            time += masks->shift_ns;
            memcpy(place, &time, 8);
            break;
        case PATCH_REQUEST_ID: patch_request_id(place, masks->trace); break;
        }
    }
}

static struct body *read_bodies(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) die("cannot read the bodies file", path);
    long size = ftell(file);
    rewind(file);
    uint8_t *data = size > 0 ? malloc((size_t)size) : NULL;
    if (!data || fread(data, 1, (size_t)size, file) != (size_t)size)
        die("cannot read the bodies file", path);
    fclose(file);
    struct body *bodies = NULL;
    *count = 0;
    for (const uint8_t *at = data, *end = data + size; at < end;) {
        uint32_t length;
        if (end - at < 4) die("bodies file is cut off", path);
        memcpy(&length, at, 4);
        if (length > (uint64_t)(end - at - 4)) die("bodies file is cut off", path);
        bodies = realloc(bodies, (*count + 1) * sizeof *bodies);
        if (!bodies) die("memory", "no room for the bodies");
        bodies[*count] = (struct body){.data = at + 4, .length = length};
        walk_body(&bodies[(*count)++]);
        at += 4 + length;
    }
    return bodies;
}

#endif
