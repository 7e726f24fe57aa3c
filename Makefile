# The newcomer's door. `make` lists the targets; meson and ninja do the work, scripts/ says how (see HACKING.md).
.DEFAULT_GOAL := help
.PHONY: help setup build demo test bench quality fuzz check-all clean

BUILD ?= build
BUILD_ASAN ?= build-asan
DATA ?= ../shared/data

help: ## list the targets
	@echo "Undertone: make TARGET, where TARGET is"
	@sed -n 's/^\([a-z-]*\):.*## /  \1	/p' $(MAKEFILE_LIST) | expand -t 14

setup: ## install what is needed (Debian packages, DuckDB); nothing when all is there
	@scripts/setup.sh

build: setup ## the release build, in build/
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD)
	@ninja -C $(BUILD)

demo: build ## a sample organisation from its exports to its reports, in demo-data/
	@$(BUILD)/apps/undertone demo

test: setup ## everything CI runs: release and sanitizer builds, all tests, the house rules
	@scripts/test.sh $(BUILD) $(BUILD_ASAN)

bench: build ## the benchmarks, CSV; each program of bench/ says what it answers
	@scripts/bench.sh $(BUILD)

quality: build ## measure the rules on labelled text (DATA, default ../shared/data) into docs/quality.md
	@$(BUILD)/apps/undertone evaluate --data-root $(DATA) > docs/quality.md.new && mv docs/quality.md.new docs/quality.md

fuzz: ## fuzz every parser with clang, FUZZ_SECONDS each (default 60)
	@scripts/setup.sh --check
	@scripts/fuzz.sh

check-all: ## the long checks: clang, thread sanitizer, long kill test, fuzzing; output in build-check/
	@scripts/setup.sh --check
	@scripts/check-all.sh

clean: ## remove what the builds made; keeps node_modules/
	rm -rf build build-asan build-fuzz build-check demo-data
