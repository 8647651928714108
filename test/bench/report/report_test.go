package report

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sample is a report with everything in it.
func sample() *Report {
	s := &Section{Name: "send", Title: "Sends", Note: "How it was done.", Plot: "load.svg"}
	ours, ceiling := s.Row("64 connections", "ours"), s.Row("64 connections", "ceiling")
	for i, rate := range []float64{4900, 5100, 4800} {
		ours.Trials = append(ours.Trials, Trial{
			Rate: rate, P50: 12.345, P99: 30, P999: 40, Longest: 50,
			CPU: map[string]float64{"gateway": 80, "rpc-server": 70.25}, Outcomes: map[string]int{"200": 1000},
		})
		ceiling.Trials = append(ceiling.Trials, Trial{
			Rate: 2 * rate, Outcomes: map[string]int{"200": 1000, "503": i, "no answer": i}, Example: "too\nmany `requests`",
		})
	}
	s.Add("ours / ceiling", "", Ratios(ours.Rates(), ceiling.Rates())...)
	s.Put("memory", "MiB", 12345.6)
	s.Put("memory", "MiB", math.NaN())
	return &Report{
		Taken: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Commit: "abc+", Args: "make bench",
		Machine:  Machine{CPU: "a CPU", Cores: 2, Memory: "8 GB", Kernel: "6.1", Go: "go1.26", Fsyncs: 2000},
		Database: map[string]string{"sync_binlog": "1", "log_bin": "1"},
		Sections: []*Section{s},
		Checks:   []Check{{What: "delivery", OK: true, Text: "no anomaly"}, {What: "stored", OK: false, Text: "1 missing"}},
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	got := strings.Join(strings.Fields(sample().Markdown()), " ")
	for _, want := range []string{
		"2026-01-02 03:04 UTC, commit abc+, `make bench`",
		"2 cores (a CPU), 8 GB of memory, Linux 6.1, go1.26, 2,000 fsyncs a second",
		"`log_bin=1`, `sync_binlog=1`",
		"## Sends How it was done. ![Sends](load.svg)",
		"| 64 connections | ours | **4,900** (4,900, 5,100, 4,800) | **12.3** (12.3, 12.3, 12.3) | **30** (30, 30, 30) | **40** (40, 40, 40) | 0 | 80 | 70.2 | – | – |",
		"| 64 connections | ceiling | **9,800** (9,800, 10,200, 9,600) |", "| **0, 2, 4** |",
		"- 64 connections, ceiling, trial 3: map[200:1000 503:2 no answer:2], such as `too many 'requests'`",
		"| ours / ceiling | **0.50** | 0.50, 0.50, 0.50 |",
		"| memory | **–** MiB | 12,346, – |",
		"- delivery: passed. no anomaly", "- stored: **FAILED**. 1 missing",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, sample().Markdown())
		}
	}
}

func TestNoChecks(t *testing.T) {
	t.Parallel()
	r := sample()
	if r.OK() {
		t.Error("a report with a failed check is OK")
	}
	r.Checks = nil
	if text := r.Markdown(); !strings.Contains(text, "None was made") {
		t.Errorf("a report without checks does not say so:\n%s", text)
	}
}

// What is saved can be read again, and numbers that JSON lacks do no harm.
func TestSave(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	if err := sample().Save(dir); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "bench.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	if rates := r.Sections[0].Row("64 connections", "ours").Rates(); Median(rates) != 4900 {
		t.Errorf("rates %v", rates)
	}
	text, err := os.ReadFile(filepath.Join(dir, "bench.md"))
	if err != nil || string(text) != sample().Markdown() {
		t.Errorf("bench.md: %v, %s", err, text)
	}
	if err := sample().Save(filepath.Join(dir, "bench.md")); err == nil {
		t.Error("a file is taken for a directory")
	}
}

func TestChart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	for name, logarithmic := range map[string]bool{"linear.svg": false, "log.svg": true} {
		line := Line{Name: "a line", Dash: 1}
		line.Add(1, 0.5)
		line.Add(1000, 70)
		path := filepath.Join(dir, name)
		if err := (&Chart{Title: "A title", X: "an axis", Y: "ms", LogY: logarithmic, Lines: []Line{line, {Name: "none"}}}).Save(path); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(data, []byte("a line")) || !bytes.Contains(data, []byte("A title")) {
			t.Errorf("%s: %v, %d bytes", name, err, len(data))
		}
	}
	if err := (&Chart{}).Save(filepath.Join(dir, "x.nonsense")); err == nil {
		t.Error("an unknown format is written")
	}
}

func TestStats(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ got, want float64 }{
		"median of odd":  {Median([]float64{3, 1, 2}), 2},
		"median of even": {Median([]float64{4, 1, 2, 3}), 2.5},
		"ratio":          {Ratios([]float64{1, 6}, []float64{2, 3, 5})[1], 2},
		"serial":         {Serial([]float64{3}, []float64{6})[0], 2},
		"slope":          {Slope([]float64{0, 1, 2, 3}, []float64{5, 7, 9, 11}), 2},
		"slope of noise": {Slope([]float64{0, 1, 2, 3}, []float64{1, 2, 2, 1}), 0},
	} {
		if math.Abs(tc.got-tc.want) > 1e-9 {
			t.Errorf("%s = %v; want %v", name, tc.got, tc.want)
		}
	}
	if !math.IsNaN(Median(nil)) {
		t.Error("nothing has a median")
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for x, want := range map[float64]string{
		0: "0", 7: "7", 0.0123: "0.012", 0.5: "0.50", 12.34: "12.3", 123.4: "123", 1234.5: "1,234", 1234567: "1,234,567",
		-1234567: "-1,234,567", -123456: "-123,456", math.Inf(1): "–", math.NaN(): "–",
	} {
		if got := Number(x); got != want {
			t.Errorf("Number(%v) = %q; want %q", x, got, want)
		}
	}
}

// This machine and this repository can be described.
func TestLook(t *testing.T) {
	t.Parallel()
	m, err := Look(t.TempDir())
	if err != nil || m.Cores < 1 || m.Fsyncs <= 0 || m.Kernel == "" || m.Memory == "unknown" {
		t.Errorf("Look = %+v, %v", m, err)
	}
	if _, err := Look("/nowhere"); err == nil {
		t.Error("a directory that is not there takes fsyncs")
	}
	if got := field("/nowhere", "x") + field("/proc/meminfo", "nonsense"); got != "unknownunknown" {
		t.Errorf("field = %q", got)
	}
	if Commit() == "" {
		t.Error("there is no commit")
	}
}
