# The targets of the house; `make` alone lists them. Everything CI runs can be run at a desk.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
CONFIGURATION ?= release
PREFIX ?= /usr/local
# Threads of the compiler; the tests are CPU bound as well.
JOBS ?= $(shell nproc)
VENV := .build/devchain-venv
SWIFT_SOURCES := Package.swift Plugins Sources Tests Benchmarks Fuzz

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

setup: ## install the missing system packages (Debian), with sudo when not root
	@.ci/setup system

venv: $(VENV)/.complete ## Python packages of the development chain, pinned by version and hash, under .build
$(VENV)/.complete: Tests/DevChain/requirements.txt
	@.ci/setup python
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	touch $@

build: setup ## build the program
	swift build -c $(CONFIGURATION) -j $(JOBS) --product plimsoll

demo: build ## scan a recorded chain: no network, no configuration
	.build/$(CONFIGURATION)/plimsoll demo

# Tests run millions of 256-bit products: the arithmetic modules are optimised in debug builds too (Package.swift).
test: export PLIMSOLL_FAST_TESTS = 1
# Differential tests wait for programs and chains, and hold the threads that tests of sockets and clocks need: they come after.
test: setup venv ## all tests, the differential ones against a real EVM included
	swift build --build-tests -j $(JOBS)
	swift test --skip-build --skip DifferentialTests
	swift test --skip-build --filter DifferentialTests

lint: setup ## style of every Swift file, and what must not be in the tree
	swift format lint --strict --parallel --recursive $(wildcard $(SWIFT_SOURCES))

format: ## rewrite every Swift file in the house style
	swift format --in-place --parallel --recursive $(wildcard $(SWIFT_SOURCES))

bench: setup venv ## figures and ratios beside peers; prints what it measured
	Benchmarks/run

fuzz: setup ## 10 million mutated inputs over every decoder
	swift run -c release --package-path Fuzz plimsoll-fuzz

devchain: venv ## start a populated Aave V3 chain to point plimsoll at
	PYTHONPATH=Tests/DevChain $(VENV)/bin/python -m devchain $(ARGUMENTS)

install: build ## copy the program to $(PREFIX)/bin
	install -D -m 755 .build/$(CONFIGURATION)/plimsoll $(DESTDIR)$(PREFIX)/bin/plimsoll

clean: ## remove what was built
	rm -rf .build Benchmarks/.build Fuzz/.build

.PHONY: help setup venv build demo test lint format bench fuzz devchain install clean
