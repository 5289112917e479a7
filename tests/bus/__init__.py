"""The bus: one suite over both kinds."""
