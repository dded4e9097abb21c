"""What only PostgreSQL needs: connections, locks, partitions, bulk loading, its functions."""
