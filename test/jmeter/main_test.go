package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/im/rpc-server/store/storetest"
)

// Nobody serves: the run fails, and says why.
func TestNoService(t *testing.T) {
	storetest.Needs(t, "JMeter")
	if _, err := findJMeter(); err != nil {
		t.Skip(err)
	}
	_, port, _ := strings.Cut(storetest.Reserve(t), ":")
	var out strings.Builder
	err := run(t.Context(), []string{"pull", "-Jhost=127.0.0.1", "-Jport=" + port, "-Jthreads=2"}, &out)
	if err == nil || !strings.HasSuffix(err.Error(), "requests failed") || !strings.Contains(out.String(), "fill failed: ") {
		t.Errorf("run = %v\n%s", err, out.String())
	}
}

func TestNoJMeter(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := run(t.Context(), []string{"send"}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "apt-get install jmeter jmeter-http") {
		t.Errorf("run = %v", err)
	}
}

// Another JMeter than Debian's is started as it is. One that fails, or makes no
// request, has not run the plan.
func TestOtherJMeter(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir+":/usr/bin:/bin")
	const results = `Latency,label,timeStamp,elapsed,success,responseCode,responseMessage,threadName,failureMessage
0,send,1000,4,true,200,OK,senders 1-1,
0,send,1500,6,false,500,Oops,senders 1-2,"Test failed:
no"
`
	for name, tc := range map[string]struct{ script, want, err string }{
		"two requests": {
			`for a in "$@"; do echo "$a"; done | grep -qx -e -Jrate=7 && printf '%s' "$RESULTS" > samples.jtl`,
			"send         7  send                2       1    5.0       4      6      6      6      4.0\n" +
				"send failed: 500 Oops: Test failed: no\n",
			"1 of 2 requests failed",
		},
		"no request":      {`echo label > samples.jtl; echo 'no plan'`, "", "no request was made\nno plan"},
		"no results":      {`echo 'no plan'`, "", "no plan"},
		"another format":  {`printf 'a\nb\n' > samples.jtl`, "", "no column timeStamp"},
		"a failure of it": {`echo broken; exit 3`, "", "exit status 3\nbroken"},
	} {
		t.Setenv("RESULTS", results)
		if err := os.WriteFile(filepath.Join(dir, "jmeter"), []byte("#!/bin/sh\n"+tc.script+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		err := run(t.Context(), []string{"send", "-Jrate=7"}, &out)
		if err == nil || !strings.Contains(err.Error(), tc.err) || out.String() != tableHeader+tc.want {
			t.Errorf("%s: run = %v; want %s\n%s", name, err, tc.err, out.String())
		}
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"snd":               "no plan snd",
		"-Jprt=80":          "no plan has a property prt",
		"-Jrate=50,0":       "rate must be a number from 1 to 100000",
		"-Jrate=":           "rate must be a number",
		"-Jlimit=1001":      "limit must be a number from 1 to 1000",
		"-Jthreads=many":    "threads must be a number",
		"-Jhost=":           "host must not be empty",
		"send -Jseconds=-1": "seconds must be a number",
		"--rate=5":          "unknown flag",
	} {
		err := run(t.Context(), strings.Fields(args), io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("run(%s) = %v; want %s", args, err, want)
		}
	}
}

func TestRates(t *testing.T) {
	t.Parallel()
	c := config{Properties: map[string]string{"rate": "50,1000", "seconds": "3", "httpclient4.retrycount": "0"}}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(c.Plans, " "); got != "send pull mixed" {
		t.Errorf("plans = %s", got)
	}
	if got := strings.Join(c.rates(), " "); got != "50 1000" {
		t.Errorf("rates = %s", got)
	}
	if got := strings.Join(c.at("50"), " "); got != "rate=50 httpclient4.retrycount=0 seconds=3" {
		t.Errorf("properties = %s", got)
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	var samples []sample
	for i := range int64(100) {
		samples = append(samples, sample{label: "pull", start: 1000 + 10*i, elapsed: 100 - i})
	}
	s := summarise(samples, "pull")
	if s.mean() != 50.5 || s.percentile(50) != 50 || s.percentile(95) != 95 || s.percentile(99) != 99 || s.percentile(100) != 100 {
		t.Errorf("mean %v, percentiles %d %d %d %d", s.mean(), s.percentile(50), s.percentile(95), s.percentile(99), s.percentile(100))
	}
	if got := s.perSecond(); got < 100.90 || got > 100.91 { // 100 in 991 ms
		t.Errorf("perSecond = %v", got)
	}
}
