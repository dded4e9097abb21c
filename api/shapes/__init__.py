"""The dependency graph in the formats of the tools that its users know.

Encoders are pure: a :class:`model.graph.view.Graph` in, text or a document out. Routes around
them read parameters and tell errors as the tool that they stand for does.
"""
