.PHONY: demo test check test-packages bench

demo:           ## install into .venv and run the demo
	scripts/demo

test:           ## install what the tests need and run them
	scripts/test

check:          ## all that CI checks: style, types, floors, tests
	scripts/check

test-packages:  ## Debian packages that the tests run against
	scripts/test-packages

bench:          ## the benchmarks: ratios, not seconds
	.venv/bin/python -m pytest tests/benchmarks -m benchmark -n 0 -q
