"""The wire contract of Jaeger's gRPC APIs.

The modules are generated from the ``.proto`` files beside this one when the project is built or
installed (``hatch_build.py``); ``jaegertracing/jaeger-idl`` says what clients expect.
"""
