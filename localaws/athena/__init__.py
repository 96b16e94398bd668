"""Athena over declared tables and views: Trino's SQL, translated to DuckDB's."""
