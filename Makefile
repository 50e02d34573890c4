# SPDX-License-Identifier: Apache-2.0
# make help lists the targets. What takes more than a few lines is a script in scripts/.

export PATH := $(PATH):/usr/local/go/bin:/usr/sbin:/sbin
GO       ?= go
FUZZTIME ?= 1m
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS  := -s -w -X main.release=$(VERSION)

.DEFAULT_GOAL := build
.PHONY: help build demo test race lint fmt generate docs check fuzz bench cover integration crash torture accuracy release clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build bin/mailweir, without cgo
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o bin/mailweir ./cmd/mailweir

demo: ## Send mail through a private Postfix and mailweir, show what became of it (DEMO=once ends by itself)
	scripts/prerequisites demo
	$(GO) build -o bin/demo ./internal/demo
	exec bin/demo

test: ## Install what is missing, then run every test: units, real Postfix, clamd, ICAP server, containers
	scripts/test

race: ## Unit tests with the race detector; needs Go and a C compiler, nothing else
	CGO_ENABLED=1 $(GO) test -race -timeout 15m $$($(GO) list ./... | grep -v /integration)

lint: ## Run golangci-lint with .golangci.yml
	scripts/lint

fmt: ## Format the Go files
	gofmt -s -w $$(git ls-files --cached --others --exclude-standard '*.go')

generate: ## Run go generate
	$(GO) generate ./...

docs: build ## Write the generated pages of docs/: config reference and man pages
	scripts/docs

check: fmt generate docs lint race ## What a change has to pass before it is sent; leaves the tree as it was
	$(GO) vet ./...
	GOARCH=386 CGO_ENABLED=0 $(GO) vet ./...
	$(GO) mod tidy -diff
	git diff --exit-code

fuzz: ## Run each fuzz target for FUZZTIME (1m)
	FUZZTIME=$(FUZZTIME) scripts/fuzz

bench: ## Measure mailweir beside its peers; needs the bench rig, see bench/run.sh
	bench/run.sh

cover: ## Coverage of the unit tests, by function, into coverage.out
	$(GO) test -coverpkg=./... -coverprofile=coverage.out $$($(GO) list ./... | grep -v /integration)
	$(GO) tool cover -func=coverage.out | tail -n 1

integration: ## Tests against a real Postfix, clamd and ICAP server
	scripts/prerequisites
	$(GO) test -p 1 -timeout 40m ./integration/...

crash: ## Kill mailweir 200 times under load, each way, and count the mail
	scripts/prerequisites
	MAILWEIR_CRASH=$${MAILWEIR_CRASH:-200} $(GO) test -count=1 -timeout 3h -v -run Crash ./integration/...

torture: ## Send a folder of awkward mail through a real Postfix, compare octets, look into each (MAILWEIR_CORPORA=folder)
	scripts/prerequisites
	scripts/torture

accuracy: ## Measure how well spam is told from ham, beside bogofilter and SpamAssassin (MAILWEIR_CORPORA=folder)
	scripts/prerequisites
	scripts/accuracy

release: ## Build archives for amd64 and arm64 into bin/
	VERSION=$(VERSION) scripts/release

clean: ## Remove what the targets above made
	rm -rf bin coverage.out bench/out
