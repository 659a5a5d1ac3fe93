# Corten. Each command sets up what it needs first: .venv, packages, emulator, compiler, MicroPython's source.

BOARD ?= mps2_an385
CORTEN = .venv/bin/corten

.DEFAULT_GOAL := help
.PHONY: help run repl flash test check bench clean setup setup-all

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## boot the Modbus node on an emulated board, with a Modbus master on its UART, and check that both agree
	@$(CORTEN) run modbus_node --board $(BOARD) --show

repl: setup ## MicroPython's prompt on the emulated BOARD (mps2_an385)
	@$(CORTEN) repl --board $(BOARD)

flash: setup ## the image of APP onto a real BOARD, at PORT: make flash BOARD=rpi_pico
	@$(CORTEN) flash $(APP) --board $(BOARD) $(if $(PORT),--port $(PORT))

test: setup-all check ## lint and types, then every test: on the host, and on each emulated board
	@$(CORTEN) test

check: ## lint and types of host and device code
	@host_tools/setup.sh dev
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/python -m host_tools.device_types

bench: setup-all ## measure, and write build/bench.json
	@$(CORTEN) bench

clean: ## remove what was built here; the shared cache stays
	rm -rf build .venv .mypy_cache .ruff_cache .pytest_cache

setup:
	@host_tools/setup.sh test
	@$(CORTEN) doctor --fix --quiet --board $(BOARD)

setup-all:
	@host_tools/setup.sh dev
	@$(CORTEN) doctor --fix --quiet --gdb
