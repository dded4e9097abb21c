"""The dependency graph in SQL: loading traces in columns, rolling them up, reading both."""
