"""The rules: tables and properties, no I/O."""
