"""The database on both dialects."""
