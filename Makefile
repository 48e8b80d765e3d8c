# SPDX-License-Identifier: ISC
# The front of the CMake build: `make help` lists what it offers. GNU make.

BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
# More settings for cmake, for example CMAKE_FLAGS="-DMUSTER_RELEASE=ON -DMUSTER_PORT=7000"
CMAKE_FLAGS ?=
ROOT = $(shell test "$$(id -u)" = 0 || echo sudo)
C_FILES = $(shell find core crypto host agent headend tool tests port -name '*.[ch]' 2>/dev/null)

MAKEFLAGS += --no-print-directory

.DEFAULT_GOAL := all
.NOTPARALLEL:
.PHONY: all bench-list demo check install format lint sizes clean help

all: $(BUILD)/.deps-build  ## build muster, musterd and muster-agent into build/bin, libmuster.a into build/lib
	@cmake -S . -B $(BUILD) -DCMAKE_INSTALL_PREFIX=$(PREFIX) $(CMAKE_FLAGS) >$(BUILD)/cmake.log || \
		{ cat $(BUILD)/cmake.log; exit 1; }
	@cmake --build $(BUILD) -j $(JOBS) --target programs

demo: $(BUILD)/.deps-demo all  ## show a camera fail muster and come home, in network namespaces (root or sudo)
	@$(ROOT) env MUSTER_BIN=$(abspath $(BUILD))/bin tests/e2e/demo.sh

check: $(BUILD)/.deps-check all  ## run every test (root or sudo for those in network namespaces)
	@cmake --build $(BUILD) -j $(JOBS)
	@BUILD=$(BUILD) JOBS=$(JOBS) tests/run-check

install: all  ## install under PREFIX (default /usr/local), below DESTDIR if set
	@DESTDIR=$(DESTDIR) cmake --install $(BUILD) --prefix $(PREFIX)

format:  ## rewrite all C files with clang-format
	clang-format -i $(C_FILES)

lint: $(BUILD)/.deps-lint all  ## look for faults with clang-tidy, cppcheck, shellcheck and mandoc
	@BUILD=$(BUILD) scripts/lint

bench-list: $(BUILD)/.deps-build all  ## measure signing, opening and looking up in a list of a million models (MODELS=N)
	@cmake --build $(BUILD) -j $(JOBS) --target benches
	@BUILD=$(BUILD) tests/bench/list.sh

sizes: $(BUILD)/.deps-check  ## measure the programs and the library for Cortex-M0, as the README states them
	@scripts/sizes

clean:  ## remove everything that was built
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-fuzz $(BUILD)-release

help:  ## show this text
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1	/p' Makefile | expand -t 12
	@echo
	@echo 'Settings: PREFIX DESTDIR BUILD JOBS CMAKE_FLAGS="-DMUSTER_RELEASE=ON -DMUSTER_PORT=6878"'

$(BUILD)/.deps-%: scripts/install-deps
	@scripts/install-deps $*
	@mkdir -p $(BUILD) && touch $@
