.DEFAULT_GOAL := help
.PHONY: help generate build run quick deps node test check chaos databases bench jmeter postman lint openapi vuln vulndb notices rename fuzz up down

MODULES := ./idl/... ./idl/client/... ./rpc-server/... ./http-server/... ./test/...
FUZZTIME ?= 5000x
URL ?= http://localhost:8080
OUT ?= bench
GOLANGCI := go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
# Node's programs. Redocly's second version needs a later Node.js than Debian 12 has.
REDOCLY := REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true npx --yes @redocly/cli@1.34.20
GOVULNCHECK := go run golang.org/x/vuln/cmd/govulncheck@v1.9.0
VULNDB ?= https://vuln.go.dev
COMPOSE = $(shell docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)

# What the tests start: the programs, and Debian's packages of them.
SERVERS := curl jq mariadbd mariadb-install-db mariadb-dump my_print_defaults rsync ip iptables etcd jmeter prometheus promtool chromium \
	nginx haproxy
PACKAGES := curl jq mariadb-server-core mariadb-client-core mariadb-client galera-4 rsync iproute2 iptables \
	etcd-server jmeter jmeter-http prometheus chromium nginx haproxy
# Those that this release of Debian has not are unpacked, and tests without one skip.
UNPACK := rpc-server/store/storetest/unpack
GALERA := /usr/lib/galera/libgalera_smm.so
# Debian has mariadbd where only root looks.
export PATH := $(PATH):/usr/sbin

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

generate: ## generate the code of the Thrift files again
	cd idl && GOWORK=off go generate ./...
	cd test && GOWORK=off go generate ./...

build: ## build both services into bin/
	go build -o bin/ ./rpc-server ./http-server

run: ## the whole system in one process, on http://localhost:8080
	go build -o bin/ ./test/cmd/im
	bin/im

# Packages in which nearly all tests need a server, or the tests take longest: to link them
# would take as long as all other tests.
NOT_QUICK := /test/(readme|bench|chaos|databases|deploy|docs|jmeter|overload|page|postman|proxies|rename|cmd/imcheck)$$

# Without cgo, and so without the race detector: that takes a C compiler. make lint vets.
quick: ## the tests that need nothing but Go, in a minute after the build
	@CGO_ENABLED=0 go run ./test/cmd/quick -vet=off -count=1 $(ARGS) $$(go list $(MODULES) | grep -vE '$(NOT_QUICK)')

deps: ## install what the tests start (Debian, as root), or say which are missing
	@missing=; [ -e $(GALERA) ] || missing=" galera-4"; for server in $(SERVERS); do command -v $$server >/dev/null || missing="$$missing $$server"; done; \
	[ ! -d $(JMETER) ] || [ -e $(JMETER)/ApacheJMeter_http.jar ] || missing="$$missing jmeter-http"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
		echo "The tests start$$missing; on Debian: sudo apt-get install $(PACKAGES)" >&2; exit 1; \
	fi; \
	apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $(NO_SERVICE) $(PACKAGES)
	@$(UNPACK)

node: ## install Node.js and npm (Debian, as root), or say that they are missing
	@if command -v npx >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
		echo "npx is missing; on Debian: sudo apt-get install nodejs npm" >&2; exit 1; \
	fi; \
	apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends nodejs npm

# Debian's JMeter, which is of no use here without the part in jmeter-http.
JMETER := /usr/share/jmeter/lib/ext

# etcd-server, prometheus, nginx and haproxy without their services, which would start at
# once and hold ports 2379, 9090 and 80. MariaDB's core packages have none.
NO_SERVICE := $(foreach service,etcd prometheus nginx haproxy,$(foreach path,'*/$(service).service' /etc/init.d/$(service),\
	-o Dpkg::Options::=--path-exclude=$(path)))

# The tests of the whole system in which the database matters, on those targets that have a server.
ON_SERVERS := ^(TestAPI|TestDelivery|TestKeysOnTwoInstances)$$/processes

# The tests that start whole systems. One of these packages is enough for a machine of two
# cores. Those of the page wait for the browser most of the time.
ON_SYSTEMS := /test(/delivery)?$$
# Those that have a command of their own.
APART := /test/(chaos|databases|deploy|overload|bench|jmeter|observe|postman|markdown|page|rename)$$

# Those that put load on the machine have it to themselves. Go does not see that a page or a manifest
# has changed, which is outside of its test's module: hence -count=1.
test: deps ## everything, with the race detector, on SQLite, private MariaDB and MySQL servers, and etcd
	go test -race -timeout=20m $$(go list $(MODULES) | grep -vE '$(ON_SYSTEMS)|$(APART)')
	go test -race -p=1 -timeout=30m $$(go list $(MODULES) | grep -E '$(ON_SYSTEMS)')
	go test -race -parallel=4 -timeout=20m ./test/page
	go test -count=1 ./test/markdown ./test/deploy ./test/rename
	TEST_DATABASE=mysql go test -race -timeout=20m ./rpc-server/store ./rpc-server/sequencer ./rpc-server/tail
	TEST_DATABASE=mysql go test -race -run='$(ON_SERVERS)' ./test
	go test -race -timeout=30m ./test/chaos
	go test -timeout=15m ./test/databases
	go test -p=1 ./test/overload ./test/bench ./test/jmeter ./test/observe
	@$(UNPACK) --not-tested

check: ## the delivery of the system at URL (http://localhost:8080), for a minute
	go run ./test/cmd/imcheck --url=$(URL)

chaos: ## delivery through all faults, for half an hour and a million messages
	go test -v -timeout=3h -run=TestChaos ./test/chaos -args -for=30m -messages=1000000

databases: deps ## delivery through all faults on each database, TEST_TIDB_SERVER=... with TiDB, and a table of it; ARGS="-rounds=3"
	go test -v -count=1 -timeout=5h -run=TestDatabases ./test/databases -args -long $(ARGS)

bench: deps ## performance beside what it is to be compared with; results in OUT (bench), ARGS="-scale=quick" for two minutes
	go test -v -count=1 -timeout=5h -run='^TestBench$$' ./test/bench -args -scale=full -out=$(abspath $(OUT)) $(ARGS)

jmeter: ## load by JMeter on the system at localhost:8080: PLANS='send pull' ARGS='-Jhost=… -Jport=… -Jrate=50,500 -Jthreads=…'
	go run ./test/jmeter $(PLANS) $(ARGS)

postman: node ## the Postman collection, by newman, on the system at URL (http://localhost:8080); URL= starts one
	go test -v -count=1 ./test/postman -args -url=$(URL)

openapi: node ## lint the contract of the API by Redocly
	$(REDOCLY) lint --config http-server/openapi/redocly.yaml http-server/openapi/openapi.yaml

lint: ## gofmt, go vet and the linters of .golangci.yml
	@unformatted=$$(gofmt -l idl rpc-server http-server test); \
	if [ -n "$$unformatted" ]; then printf 'not formatted by gofmt:\n%s\n' "$$unformatted" >&2; exit 1; fi
	go vet $(MODULES)
	$(GOLANGCI) run $(MODULES)

vuln: ## known vulnerabilities in the code that is called, by the database VULNDB (https://vuln.go.dev)
	@for module in idl idl/client rpc-server http-server test; do \
		echo "$$module"; (cd $$module && GOWORK=off $(GOVULNCHECK) -db $(VULNDB) ./...) || exit 1; \
	done

notices: ## write the licences of what the programs contain, in docs/third-party
	docs/third-party/generate

# go mod edit refuses what is no path, before anything else is changed.
rename: ## give the modules a path of your own instead of example.com/im: MODULE=github.com/you/im
	@old=$$(sed -n 's|^module \(.*\)/idl$$|\1|p' idl/go.mod | sed 's|\.|\\.|g'); \
	[ -n "$(MODULE)" ] || { echo "which path? make rename MODULE=github.com/you/im" >&2; exit 1; }; \
	go mod edit -module="$(MODULE)/idl" idl/go.mod || exit 1; \
	files=$$(git ls-files 2>/dev/null || find . -type f); \
	for file in $$(grep -lIE "$$old([^[:alnum:]_-]|$$)" $$files); do \
		sed -E "s,$$old([^[:alnum:]_-]|$$),$(MODULE)\1,g" "$$file" >"$$file.renamed" && \
		cat "$$file.renamed" >"$$file" && rm "$$file.renamed" || exit 1; \
	done
	gofmt -w idl rpc-server http-server test

vulndb: ## whether the database VULNDB can be reached
	@$(GOVULNCHECK) -db $(VULNDB) -version | grep '^DB updated'

# A server covers code by chance, too: without the bound, a short run would spend
# its time on making inputs smaller that seem to cover more. The length is a number
# of inputs because Go before 1.27 may fail at the end of a duration for no reason
# of ours (https://go.dev/issue/75804).
fuzz: ## each fuzz target with FUZZTIME (5000x) inputs
	@grep -ro --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' idl rpc-server http-server test | \
	sed 's|^\(.*\)/[^/]*:func \(.*\)|./\1 \2|' | while read -r package target; do \
		echo "$$package $$target"; \
		go test -run='^$$' -fuzz="^$$target\$$" -fuzztime=$(FUZZTIME) -fuzzminimizetime=10x $$package </dev/null || exit 1; \
	done

up: ## the system on MySQL, in containers, on http://localhost:8080
	$(COMPOSE) up --build --detach

down: ## stop the containers; the volumes keep the messages
	$(COMPOSE) --profile observe down
