"""The dependency graph: from spans in columns to calls, edges, views and their health."""
