# The newcomer's door. `make` lists the targets; meson and ninja do the work (HACKING.md has the details).
.DEFAULT_GOAL := help
.PHONY: help setup build test clean

BUILD ?= build

help: ## list the targets
	@echo "Undertone: make TARGET, where TARGET is"
	@sed -n 's/^\([a-z-]*\):.*## /  \1	/p' $(MAKEFILE_LIST) | expand -t 14

setup: ## install what is needed (Debian packages, DuckDB); nothing when all is there
	@scripts/setup.sh

build: setup ## the release build, in build/
	@test -f $(BUILD)/build.ninja || meson setup $(BUILD)
	@ninja -C $(BUILD)

test: build ## everything CI runs
	@UNDERTONE_SOURCE_ROOT=. $(BUILD)/tests/undertone-unit

clean: ## remove what the builds made; keeps node_modules/
	rm -rf build build-asan build-fuzz build-check
