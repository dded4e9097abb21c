"""What Jaeger changes in traces when they are read, one module for each adjuster.

Follows ``cmd/jaeger/internal/extension/jaegerquery/internal/adjuster`` of Jaeger
(jaeger-api §10). Each takes the spans of one trace and returns them in the same order.
"""
