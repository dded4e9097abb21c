"""A module a version of the data, run by Alembic: what changes in data of the version before."""
