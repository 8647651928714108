package main

import (
	"strings"
	"testing"
)

// What passes is a line, what fails is told, and what is skipped is counted.
func TestShow(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ events, shown, skipped string }{
		"passes": {
			`{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
			{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:1: logged\n"}
			{"Action":"pass","Package":"p","Test":"TestA"}
			{"Action":"output","Package":"p","Output":"PASS\n"}
			{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
			{"Action":"pass","Package":"p"}
			{"Action":"output","Package":"q","Output":"?   \tq\t[no test files]\n"}
			{"Action":"skip","Package":"q"}`,
			"ok  \tp\t0.1s\n", "No test was skipped.",
		},
		"fails": {
			`{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:1: wrong\n"}
			{"Action":"output","Package":"q","Output":"ok  \tq\t0.1s\n"}
			{"Action":"output","Package":"p","Test":"TestA","Output":"--- FAIL: TestA (0.00s)\n"}
			{"Action":"fail","Package":"p","Test":"TestA"}
			{"Action":"pass","Package":"q"}
			{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
			{"Action":"fail","Package":"p"}`,
			"ok  \tq\t0.1s\n    a_test.go:1: wrong\n--- FAIL: TestA (0.00s)\nFAIL\tp\t0.1s\n", "No test was skipped.",
		},
		"panics": {
			`{"Action":"output","Package":"p","Test":"TestA","Output":"panic: a defect\n"}
			{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
			{"Action":"fail","Package":"p"}`,
			"panic: a defect\nFAIL\tp\t0.1s\n", "No test was skipped.",
		},
		"does not compile": {
			`{"ImportPath":"p [p.test]","Action":"build-output","Output":"a_test.go:1:1: undefined: x\n"}
			{"ImportPath":"p [p.test]","Action":"build-fail"}
			{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}
			{"Action":"fail","Package":"p","FailedBuild":"p [p.test]"}`,
			"a_test.go:1:1: undefined: x\nFAIL\tp [build failed]\n", "No test was skipped.",
		},
		"skipped": {
			`{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:1: -short: needs etcd\n"}
			{"Action":"output","Package":"p","Test":"TestA","Output":"--- SKIP: TestA (0.00s)\n"}
			{"Action":"skip","Package":"p","Test":"TestA"}
			{"Action":"output","Package":"p","Test":"TestB","Output":"    a_test.go:2: another reason\n"}
			{"Action":"skip","Package":"p","Test":"TestB"}
			{"Action":"output","Package":"p","Test":"TestC","Output":"    a_test.go:3: -short: needs etcd\n"}
			{"Action":"skip","Package":"p","Test":"TestC"}
			{"Action":"pass","Package":"p"}`,
			"", "2 tests were skipped. They need etcd (2). To run all: make test",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			skipped, err := show(&out, strings.NewReader(tc.events))
			if err != nil || out.String() != tc.shown || skipped.String() != tc.skipped {
				t.Errorf("shown is %q, %v, %q; want %q, %q", out.String(), err, skipped, tc.shown, tc.skipped)
			}
		})
	}
	if _, err := show(&strings.Builder{}, strings.NewReader("no JSON")); err == nil {
		t.Error("what is no JSON is taken for events")
	}
}
