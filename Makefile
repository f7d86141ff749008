# The project's commands; `make` alone lists them. Each that builds first gets what is missing (scripts/bootstrap.sh).
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help report test build check record record-python record-cpu record-processors cuda-all soak fuzz hub docs format lint clean kir bootstrap configure

# PYTHON=python3: use this interpreter, which has torch, and what the machine has; download nothing.
# PRESET=ci: warnings are errors, as in continuous integration. See CMakePresets.json for dev, asan-ubsan and tsan.
# JOBS: compilers at once; TEST_JOBS: tests at once (a few of them measure time, so not many).
# CMAKE_ARGS: more of CMake's, as -DCMAKE_CUDA_ARCHITECTURES=90a-real. RECORD: more of `make record`'s, as --only seed_n32.
PYTHON ?=
PRESET ?= default
JOBS ?= $(shell nproc)
TEST_JOBS ?= 2
CMAKE_ARGS ?=
RECORD ?=
export PYTHON

TOOLS := . scripts/tools.sh
CTEST := ctest --preset $(PRESET)
BUILD_DIR := $(if $(filter default ci,$(PRESET)),build,build/$(PRESET))
# ctest names the tests that were skipped whole, not the cases that pytest skipped inside one that passed.
NAME_SKIPS := grep -h '^SKIPPED \[' $(BUILD_DIR)/Testing/Temporary/LastTest.log

help: ## this list
	@echo "usage: make <command> [PYTHON=python3] [PRESET=default|dev|ci|asan-ubsan|tsan] [JOBS=n] [TEST_JOBS=n]"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

report: build ## photographs through every supported processor, parity and speed: reports/out/index.html
	@$(TOOLS) && $(BUILD_DIR)/kir report

test: build ## all tests; exit code 0 when every one passes, skips are named
	@$(TOOLS) && $(CTEST) -j $(TEST_JOBS) --output-junit tests.xml; code=$$?; $(NAME_SKIPS); exit $$code

check: build ## the unit tests, in less than a minute
	@$(TOOLS) && $(CTEST) -L '^unit$$' -j $(TEST_JOBS)

build: configure ## build/kir and the tests
	@$(TOOLS) && cmake --build --preset $(PRESET) -j $(JOBS)

record: kir ## on a GPU machine: parity and speed of the CUDA backends, into reports/recorded/; an interrupted run goes on
	@$(TOOLS) && "$$KIR_PYTHON" -m reports.record --kir $(BUILD_DIR)/kir $(RECORD)

record-python: kir ## on a GPU machine: a Python call beside transformers, torchvision and CV-CUDA, and the GPU tests, into reports/recorded/
	@$(TOOLS) && cmake --build --preset $(PRESET) -j $(JOBS) --target python_package hub
	@$(TOOLS) && KIR_BUILD=$(CURDIR)/$(BUILD_DIR) PYTHONPATH=$(CURDIR)/$(BUILD_DIR)/python "$$KIR_PYTHON" -m benchmarks.python --record --kir $(BUILD_DIR)/kir

record-cpu: kir ## on a quiet machine: an installed processor beside its own on the CPU, into reports/recorded/ and README.md
	@$(TOOLS) && cmake --build --preset $(PRESET) -j $(JOBS) --target python_package
	@$(TOOLS) && PYTHONPATH=$(CURDIR)/$(BUILD_DIR)/python "$$KIR_PYTHON" -m benchmarks.python --installed --record --kir $(BUILD_DIR)/kir
	@$(TOOLS) && "$$KIR_PYTHON" -m reports.readme_gains

record-processors: kir ## what the plans give beside every installed processor, which `kir coverage` shows, into reports/recorded/
	@$(TOOLS) && "$$KIR_PYTHON" -m reports.record_processors --kir $(BUILD_DIR)/kir --jobs $(JOBS)

cuda-all: kir ## the CUDA sources for every architecture: registers and spills, into reports/recorded/; needs no GPU
	@$(TOOLS) && nice "$$KIR_PYTHON" -m reports.record_compile --kir $(BUILD_DIR)/kir --jobs $(JOBS)

soak: configure ## the package's calls for ten minutes: the process must not grow
	@$(TOOLS) && cmake --build --preset $(PRESET) -j $(JOBS) --target python_package hub
	@$(TOOLS) && KIR_BUILD=$(CURDIR)/$(BUILD_DIR) PYTHONPATH=$(CURDIR)/$(BUILD_DIR)/python "$$KIR_PYTHON" tests/python/soak.py

fuzz: configure ## 5,000 random configurations and sizes beside the installed processors (KIR_FUZZ=n: as many; KIR_TEST_SEED repeats a run)
	@$(TOOLS) && cmake --build --preset $(PRESET) -j $(JOBS) --target kir python_package
	@$(TOOLS) && KIR=$(CURDIR)/$(BUILD_DIR)/kir PYTHONPATH=$(CURDIR)/$(BUILD_DIR)/python KIR_FUZZ=$${KIR_FUZZ:-5000} OMP_NUM_THREADS=1 \
	  "$$KIR_PYTHON" -m pytest -q -n $(JOBS) tests/python/test_fuzz.py

hub: configure ## the Python package in the layout of the kernels hub: get_local_kernel("build")
	@$(TOOLS) && cmake --build --preset $(PRESET) -j $(JOBS) --target hub

docs: configure ## the Python API reference from its docstrings: build/docs/index.html
	@$(TOOLS) && cmake --build --preset $(PRESET) -j $(JOBS) --target python_package
	@$(TOOLS) && PYTHONPATH=$(BUILD_DIR)/python "$$KIR_PYTHON" scripts/make_reference.py $(BUILD_DIR)/docs

kir: configure
	@$(TOOLS) && cmake --build --preset $(PRESET) -j $(JOBS) --target kir

lint: configure ## formatting, headers that compile alone, no paths of one machine
	@$(TOOLS) && $(CTEST) -L '^lint$$'

format: bootstrap ## clang-format and ruff over all tracked files
	@$(TOOLS) && git ls-files -z '*.cpp' '*.hpp' '*.cu' '*.cuh' | xargs -0 clang-format -i
	@$(TOOLS) && git ls-files -z '*.py' | xargs -0 ruff format --quiet && git ls-files -z '*.py' | xargs -0 ruff check --fix --quiet

clean: ## removes build/ and reports/out/, keeps .venv
	rm -rf build reports/out

bootstrap:
	@bash scripts/bootstrap.sh

configure: bootstrap
	@$(TOOLS) && cmake --preset $(PRESET) -DKIR_PYTHON="$$KIR_PYTHON" $(CMAKE_ARGS)
