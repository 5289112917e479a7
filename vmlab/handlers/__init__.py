"""HTTP: the only floor that knows `aiohttp.web`; one file a resource, declared as endpoints."""
