# SPDX-License-Identifier: Apache-2.0
#
# The front door. `make test` and `make demo` work as the first command on a fresh Debian 12: what is
# missing is installed by tools/deps.sh. Everything here can be done with cmake and ctest alone; see
# CONTRIBUTING.md.
.DEFAULT_GOAL := help
.PHONY: help build test demo bench check fuzz web install clean

PRESET ?= release
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
# Most tests wait, for scrapes, containers and browsers, and leave two cores idle; under a sanitizer they reckon.
TEST_JOBS ?= $(if $(filter release debug,$(PRESET)),$(shell echo $$(( $$(nproc) * 3 / 2 ))),$(JOBS))
SECONDS_PER_TARGET ?= 60

STEP := tools/step.sh

help:
	@echo 'Inferometer: metrics for neural-inference pipelines'
	@echo
	@echo '  make demo       read real pages with a neural network and watch it with the monitor; Ctrl-C ends it'
	@echo '  make test       build, and run every test'
	@echo '  make check      format, layers, headers, symbols, sizes: what a reviewer need not look for'
	@echo '  make bench      measure against prometheus-cpp, Prometheus and VictoriaMetrics; tables also as JSON'
	@echo '  make web        web/bundle, the built user interface, from its sources; needs Node.js 18 or newer'
	@echo '  make fuzz       feed every parser with mutated input, SECONDS_PER_TARGET=60 each'
	@echo '  make install    library, headers, program, CMake package and pkg-config file; PREFIX=/usr/local DESTDIR='
	@echo '  make build      build only'
	@echo '  make clean      remove build/'
	@echo
	@echo 'PRESET=release|debug|asan|tsan chooses the build, JOBS=N how many processes it may use, TEST_JOBS=N tests,'
	@echo 'CTEST_ARGS="-R metrics" which tests run. Missing Debian packages are installed by the first command.'

# $(call configure,PRESET) and $(call compile,PRESET,TARGETS): no TARGETS means all.
configure = $(STEP) 'configure ($(1))' cmake --preset $(1) --log-level=WARNING
compile = $(STEP) 'build ($(1))' cmake --build build/$(1) --parallel $(JOBS) $(if $(2),--target $(2))
LIBRARIES := inferometer inferometer_static
PROGRAM := inferometer_program inferometer_printed

build:
	@tools/deps.sh build examples
	@$(call configure,$(PRESET))
	@$(call compile,$(PRESET))

test:
	@tools/deps.sh build examples test demo web browser
	@tools/web.sh install
	@$(call configure,$(PRESET))
	@$(call compile,$(PRESET))
	@$(STEP) 'test ($(PRESET))' tools/run_tests.sh $(PRESET) $(TEST_JOBS) '$(CTEST_ARGS)'

demo:
	@tools/deps.sh build examples demo
	@$(call configure,$(PRESET))
	@$(call compile,$(PRESET),ocr_pipeline inferometer_program)
	@tools/demo.sh build/$(PRESET)

bench:
	@tools/deps.sh build bench web browser
	@tools/bench.sh
	@tools/bench.sh --promql
	@tools/bench.sh --monitor
	@tools/bench.sh --web

check:
	@tools/deps.sh build check
	@$(call configure,release)
	@$(call compile,release,$(LIBRARIES))
	@tools/check.sh build/release

fuzz:
	@tools/deps.sh build fuzz
	@$(call configure,fuzz)
	@$(call compile,fuzz)
	@tools/fuzz.sh build/fuzz $(SECONDS_PER_TARGET)

web:
	@tools/deps.sh web
	@$(STEP) 'web' tools/web.sh build

install:
	@tools/deps.sh build
	@$(call configure,release)
	@$(call compile,release,$(LIBRARIES) $(PROGRAM))
	@DESTDIR='$(DESTDIR)' cmake --install build/release --prefix '$(PREFIX)'

clean:
	rm -rf build
