package test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/im/http-server/openapi/openapitest"
	"example.com/im/test/delivery"
)

// traffic is the traffic of a test: what is wrong with it fails the test.
type traffic struct{ *delivery.Traffic }

// trafficOf returns the settings of traffic through the gateways. A quarter of the chats
// are groups.
func trafficOf(urls []string, chats, senders int, pause time.Duration) delivery.Config {
	return delivery.Config{
		URLs: urls, Chats: chats - chats/4, Groups: chats / 4, Senders: senders, Followers: 1, Pause: pause, Poll: 10 * time.Millisecond,
		Vigils: 4, Late: 7 * time.Second, Seed: 1,
	}
}

// startTraffic starts traffic that ends with the test at the latest. A part of the
// answers is checked against the contract.
func startTraffic(t *testing.T, cfg delivery.Config) traffic {
	t.Helper()
	cfg.Wrap = func(next http.RoundTripper) http.RoundTripper { return openapitest.Sample(t, next, 20) }
	tr, err := delivery.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return traffic{tr}
}

// awaitFlow waits until each chat has some further messages acknowledged and
// read.
func (tr traffic) awaitFlow(t *testing.T) {
	t.Helper()
	const further, timeout = 5, 2 * time.Minute
	ctx, cancel := context.WithTimeoutCause(t.Context(), timeout, errors.New("not within "+timeout.String()))
	defer cancel()
	if err := tr.AwaitFlow(ctx, further); err != nil {
		t.Fatal(err)
	}
}

// finish ends the traffic and checks what was delivered.
func (tr traffic) finish(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), 2*time.Minute, errors.New("the traffic does not end"))
	defer cancel()
	report, err := tr.Finish(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if t.Log(report); !report.OK() || report.Acknowledged == 0 || report.Read < report.Acknowledged {
		t.Error("there are anomalies, or no messages")
	}
}

// patientSettings are those of a system of which no request may fail, however busy the
// machine is. With less time it would refuse what it cannot serve in time.
var patientSettings = []string{"RPC_TIMEOUT=20s", "EXIT_WAIT=20s"}

// wantNoFailure checks that no request has failed. The system has [patientSettings].
func (tr traffic) wantNoFailure(t *testing.T) {
	t.Helper()
	if failures := tr.Failures(); len(failures) > 0 {
		t.Errorf("%d requests failed:\n%s", len(failures), strings.Join(failures[:min(len(failures), 10)], "\n"))
	}
}
