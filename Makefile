# Thin: each target is what a person would type. Scripts say in their first lines what they do.
.DEFAULT_GOAL := help
.PHONY: help demo test unit lint browser conformance fuzz sanitize crash slowloris attack soak tls-check bench build image

# So many tests at once. All of them begin at once otherwise, and each then takes as long as all of them: on a slow or
# busy machine longer than what they are about waits for an answer.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 16

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

demo: ## the whole job on this machine, dashboard left open; ONCE=1 runs it through and ends
	@scripts/setup demo
	swift build --product slipway
	@scripts/with-parts sh -c 'scripts/base-images busybox && exec .build/debug/slipway demo $(if $(ONCE),--once)'

test: ## lint, then all tests with a real engine, registry and PostgreSQL; FILTER=Name for some
	@scripts/setup test
	@$(MAKE) --no-print-directory lint
	swift build --build-tests
	@scripts/with-parts sh -c 'scripts/base-images && exec scripts/with-postgres swift test --skip-build $(if $(FILTER),--filter $(FILTER))'

unit: ## the tests that need neither Docker nor root, in about a minute; ARGS='--filter Name' for some
	swift build --build-tests
	@scripts/unit $(ARGS)

browser: ## the pages in a real browser, with numbers; PICTURES=folder keeps screenshots
	@scripts/setup browser
	swift build --build-tests
	SLIPWAY_PICTURES=$(PICTURES) swift test --skip-build --filter BrowserTests

lint: ## swift format and shellcheck, strict
	swift format lint --strict --recursive Sources Tests Package.swift
	shellcheck -x scripts/* .ci/run examples/hello/start examples/hello/migrate examples/elixir/rel/overlays/bin/migrate

tls-check: ## testssl.sh on a server of the debug build; takes minutes
	@scripts/setup tls
	swift build --product slipway
	@scripts/try-tls

bench: ## release build, its size and start, and requests beside nginx and others; ARGS='--quick --case hook' for some
	@scripts/setup bench
	@scripts/bench $(ARGS)

conformance: ## HTTP by an independent harness, where it stands in ../shared; ARGUMENTS are the harness's
	swift build --product slipway
	@scripts/conformance $(ARGUMENTS)

fuzz: ## bytes at the HTTP parsers, for FUZZ_SECONDS=600
	@scripts/setup build
	@scripts/fuzz $(or $(FUZZ_SECONDS),600)

sanitize: ## tests of the network and HTTP under the thread and then the address sanitizer
	@scripts/setup build
	@scripts/sanitize thread
	@scripts/sanitize address

crash: ## the server killed at every point of its journal, at random moments and under deliveries; SLIPWAY_SEED=1 for one seed; most of an hour
	@SLIPWAY_CRASH=long $(MAKE) --no-print-directory test FILTER=CrashTests

slowloris: ## a thousand slow clients of four kinds, and a normal one that must not notice
	@scripts/setup slow
	swift build --product slipway
	@scripts/try-slowloris

attack: ## strangers who fill the body budget and all connections, beside deliveries that must not notice
	@scripts/setup slow
	swift build --product slipway
	@scripts/try-attack

soak: ## the long runs of the above, one after another; SOAK_MINUTES=180 in all
	@scripts/setup test
	@scripts/setup slow
	@scripts/soak

build: ## the release binary, Swift linked in, OpenSSL from the system
	@scripts/setup build
	swift build -c release --static-swift-stdlib --product slipway

image: ## Slipway's own image; PREBUILT=1 where no base image can be pulled
	@scripts/setup demo
	@scripts/image $(if $(PREBUILT),--prebuilt)
