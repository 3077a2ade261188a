# Two ways of building, each with one set of flags, so that nothing is compiled
# twice: the program is pure Go; the tests run under the race detector, which
# needs cgo. "go build ./... && go test ./..." work as well, without make.
TAGS    := nomsgpack
PROGRAM := CGO_ENABLED=0 go
TESTS   := CGO_ENABLED=1 go

# How many of the random histories "make soak" plays.
RELEVO_SOAK ?= 100000

.DEFAULT_GOAL := help

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build and start the demo at http://localhost:8080 (PORT=… another port, RESET=1 a new database)
	@echo "Starting the demo; Ctrl-C ends it."
	$(if $(PORT),PORT=$(PORT)) bin/relevo serve --demo$(if $(filter-out 0,$(RESET)), --reset)

build: web ## build bin/relevo
	@echo "Building bin/relevo. The first time takes some minutes, and each part is named when it is done; later it takes seconds."
	$(PROGRAM) build -v -tags $(TAGS) -o bin/relevo ./cmd/relevo

# Without npm the program is built all the same, and says what is missing.
web: ## build the widget into the program; needs npm
	@if command -v npm >/dev/null 2>&1; then $(MAKE) --no-print-directory web/node_modules/.package-lock.json && node web/widget/build.mjs --if-changed; \
	else echo "There is no npm here: the program is built without the widget."; fi

web/node_modules/.package-lock.json: web/package-lock.json
	cd web && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

test: ## everything that CI runs: format, vet, all tests on SQLite and PostgreSQL with the race detector, the widget in Chromium
	@tools/setup.sh
	@$(MAKE) --no-print-directory web format
	cd web && npm run --silent check
	@echo "Compiling everything for the race detector. The first time takes some minutes, and each part is named when it is done."
	$(TESTS) build -race -v -buildvcs=false -tags $(TAGS) ./...
	RELEVO_REQUIRE_POSTGRES=1 RELEVO_REQUIRE_REDIS=1 RELEVO_REQUIRE_NODE=1 RELEVO_REQUIRE_CURL=1 $(TESTS) test -race -vet=all -tags $(TAGS) -p 2 -parallel 4 -timeout 30m ./...

pictures: build ## take the pictures of the widget anew, from the demonstration
	node web/widget/test/pictures.mjs

lint: format ## format and vet only
	$(TESTS) vet -race -tags $(TAGS) ./...

format:
	@unformatted=$$(find . -name '*.go' -not -path '*/node_modules/*' -exec gofmt -l {} +) || exit 1; \
	if [ -n "$$unformatted" ]; then echo "Not formatted, run gofmt -w on:"; echo "$$unformatted"; exit 1; fi

bench: build ## measure what Relevo costs, as ratios to the databases' own speed; eight minutes
	@tools/setup.sh
	RELEVO_REQUIRE_POSTGRES=1 $(PROGRAM) run -tags $(TAGS) ./tools/bench -relevo bin/relevo

soak: ## play 100,000 random histories of conversations (RELEVO_SOAK=… another number); takes hours
	@tools/setup.sh
	RELEVO_REQUIRE_POSTGRES=1 RELEVO_SOAK=$(RELEVO_SOAK) $(PROGRAM) test -tags $(TAGS) -count=1 -v -run Soak -timeout 0 ./router/...

.PHONY: help run build web test pictures lint format bench soak
