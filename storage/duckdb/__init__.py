"""What only DuckDB needs: opening and healing the file, bulk loading, its functions, its size."""
