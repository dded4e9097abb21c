"""Reads all traces over each of Jaeger's query APIs: sorted span ids by trace id."""

import time

import grpc
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from api.jaeger.grpc.protos import api_v2_pb2, api_v3_pb2

SERVICE = "productpage.default"
TIMEOUT_S = 30
HOUR_S = 3600


def legacy_traces(service):
    answer = service.get(f"/jaeger/api/traces?service={SERVICE}&limit=100")
    return {
        trace["traceID"].zfill(32): sorted(span["spanID"] for span in trace["spans"])
        for trace in answer["data"]
    }


def v3_traces(service):
    now_s = int(time.time())
    times = (
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)) for at in (now_s - HOUR_S, now_s + 60)
    )
    query = "&query.startTimeMin={}&query.startTimeMax={}".format(*times)
    answer = service.get(f"/api/v3/traces?query.serviceName={SERVICE}{query}")
    return by_trace(
        (span["traceId"], span["spanId"])
        for resource in answer["result"]["resourceSpans"]
        for scope in resource["scopeSpans"]
        for span in scope["spans"]
    )


def grpc_v2_traces(service):
    query = api_v2_pb2.TraceQueryParameters(service_name=SERVICE)
    set_window(query)
    request = api_v2_pb2.FindTracesRequest(query=query)
    answers = stream(
        service, "api_v2", "FindTraces", request, api_v2_pb2.SpansResponseChunk.FromString
    )
    return by_trace(
        (span.trace_id.hex(), span.span_id.hex()) for chunk in answers for span in chunk.spans
    )


def grpc_v3_traces(service):
    query = api_v3_pb2.TraceQueryParameters(service_name=SERVICE)
    set_window(query)
    request = api_v3_pb2.FindTracesRequest(query=query)
    answers = stream(service, "api_v3", "FindTraces", request, TracesData.FromString)
    return by_trace(
        (span.trace_id.hex(), span.span_id.hex())
        for answer in answers
        for resource in answer.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    )


def set_window(query):
    now_s = int(time.time())
    query.start_time_min.FromSeconds(now_s - HOUR_S)
    query.start_time_max.FromSeconds(now_s + 60)


def stream(service, api, method, request, decode):
    with grpc.insecure_channel(service.addresses["jaeger/grpc"]) as channel:
        call = channel.unary_stream(
            f"/jaeger.{api}.QueryService/{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=decode,
        )
        return list(call(request, timeout=TIMEOUT_S))


def by_trace(pairs):
    found = {}
    for trace_id, span_id in pairs:
        found.setdefault(trace_id, []).append(span_id)
    return {trace_id: sorted(ids) for trace_id, ids in found.items()}
