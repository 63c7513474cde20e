# SPDX-License-Identifier: Apache-2.0
#
# The front door. `make test` and `make demo` work as the first command on a fresh Debian 12: what is
# missing is installed by tools/deps.sh. Everything here can be done with cmake and ctest alone; see
# CONTRIBUTING.md.
.DEFAULT_GOAL := help
.PHONY: help build test demo bench check fuzz install clean

PRESET ?= release
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
SECONDS_PER_TARGET ?= 60

BUILD := build/$(PRESET)
STEP := tools/step.sh

help:
	@echo 'Inferometer: metrics for neural-inference pipelines'
	@echo
	@echo '  make demo       read real pages with a neural network and watch it in Prometheus; Ctrl-C ends it'
	@echo '  make test       build, and run every test'
	@echo '  make check      format, layers, headers, symbols, sizes: what a reviewer need not look for'
	@echo '  make bench      measure against prometheus-cpp; the table is also written as JSON'
	@echo '  make fuzz       feed every parser with mutated input, SECONDS_PER_TARGET=60 each'
	@echo '  make install    library, headers, CMake package and pkg-config file; PREFIX=/usr/local DESTDIR='
	@echo '  make build      build only'
	@echo '  make clean      remove build/'
	@echo
	@echo 'PRESET=release|debug|asan|tsan chooses the build, JOBS=N how many processes it may use,'
	@echo 'CTEST_ARGS="-R metrics" which tests run. Missing Debian packages are installed by the first command.'

build:
	@tools/deps.sh build examples
	@$(STEP) 'configure ($(PRESET))' cmake --preset $(PRESET) --log-level=WARNING
	@$(STEP) 'build ($(PRESET))' cmake --build $(BUILD) --parallel $(JOBS)

test:
	@tools/deps.sh build examples test demo
	@$(MAKE) --no-print-directory build
	@$(STEP) 'test ($(PRESET))' tools/run_tests.sh $(PRESET) $(JOBS) '$(CTEST_ARGS)'

demo:
	@tools/deps.sh build examples demo
	@$(STEP) 'configure ($(PRESET))' cmake --preset $(PRESET) --log-level=WARNING
	@$(STEP) 'build the example ($(PRESET))' cmake --build $(BUILD) --parallel $(JOBS) --target ocr_pipeline
	@tools/demo.sh $(BUILD)

bench:
	@tools/deps.sh build bench
	@tools/bench.sh

check:
	@tools/deps.sh build check
	@$(STEP) 'configure (release)' cmake --preset release --log-level=WARNING
	@$(STEP) 'build the libraries (release)' \
		cmake --build build/release --parallel $(JOBS) --target inferometer inferometer_static
	@tools/check.sh build/release

fuzz:
	@tools/deps.sh build fuzz
	@$(STEP) 'configure (fuzz)' cmake --preset fuzz --log-level=WARNING
	@$(STEP) 'build (fuzz)' cmake --build build/fuzz --parallel $(JOBS)
	@tools/fuzz.sh build/fuzz $(SECONDS_PER_TARGET)

install:
	@tools/deps.sh build
	@$(STEP) 'configure (release)' cmake --preset release --log-level=WARNING
	@$(STEP) 'build the libraries (release)' \
		cmake --build build/release --parallel $(JOBS) --target inferometer inferometer_static
	@DESTDIR='$(DESTDIR)' cmake --install build/release --prefix '$(PREFIX)'

clean:
	rm -rf build
