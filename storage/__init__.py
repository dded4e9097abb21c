"""SQL: the only package that knows SQLAlchemy. Its interface is :mod:`storage.interface`."""
