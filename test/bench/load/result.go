package load

import (
	"net/http"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// What became of requests that have no status.
const (
	NoAnswer = 0  // the connection broke, or nothing came in time
	NotSent  = -1 // its time came and went, and no connection was free
)

// maxLatency is the longest that a [Result] can tell.
const maxLatency = 2 * time.Minute

// Result is what became of a load.
type Result struct {
	// Took is for how long requests were made; answers may have come later.
	Took time.Duration
	// Outcomes counts the requests by status, or [NoAnswer] or [NotSent].
	Outcomes map[int]int
	// InTime is how many were answered 200 before the end of Took.
	InTime int
	// Latency has the times from when each request was made, or was due, to its
	// answer, in microseconds.
	Latency *hdrhistogram.Histogram
	// Bytes is the length of all bodies together.
	Bytes int64
	// Example is an error, or the body of an answer that is not 200.
	Example string
}

// Rate returns how many requests were answered 200 a second.
func (r *Result) Rate() float64 { return float64(r.InTime) / r.Took.Seconds() }

// Answered returns how many requests had an answer.
func (r *Result) Answered() (n int) {
	for outcome, count := range r.Outcomes {
		if outcome > 0 {
			n += count
		}
	}
	return n
}

// Percentile returns the latency that p percent do not exceed.
func (r *Result) Percentile(p float64) time.Duration {
	return time.Duration(r.Latency.ValueAtPercentile(p)) * time.Microsecond
}

// Recorder collects a result. It is safe for concurrent use.
type Recorder struct {
	end time.Time

	mu sync.Mutex
	r  Result
}

// NewRecorder returns the recorder of a load that lasts for d from begin on.
func NewRecorder(begin time.Time, d time.Duration) *Recorder {
	return &Recorder{end: begin.Add(d), r: Result{
		Took: d, Outcomes: make(map[int]int),
		Latency: hdrhistogram.New(1, maxLatency.Microseconds(), 3),
	}}
}

// Add records a request that was made, or should have been, at intended, and
// ended now.
func (r *Recorder) Add(outcome int, intended time.Time, body []byte) {
	now := time.Now()
	latency := min(now.Sub(intended), maxLatency).Microseconds()
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.r.Latency.RecordValue(max(latency, 1)) // it is within the bounds
	r.r.Outcomes[outcome]++
	r.r.Bytes += int64(len(body))
	switch {
	case outcome == http.StatusOK && !now.After(r.end):
		r.r.InTime++
	case outcome != http.StatusOK && r.r.Example == "":
		r.r.Example = string(body[:min(len(body), 300)])
	}
}

// Fail records a request that had no answer.
func (r *Recorder) Fail(intended time.Time, err error) {
	r.Add(NoAnswer, intended, nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.r.Example == "" {
		r.r.Example = err.Error()
	}
}

// Result returns what was recorded, when nothing more comes.
func (r *Recorder) Result() *Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	return &r.r
}
