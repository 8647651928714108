package overload

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// tally is what became of the requests of a load.
type tally struct {
	took        map[int][]time.Duration // until the answer, by status
	impolite    int                     // refusals without Retry-After
	missed      int                     // requests that could not be started: all connections were in use
	failures    []error                 // of requests without an answer
	first, last time.Time               // successes
}

// add counts an answer.
func (c *tally) add(resp *http.Response, begin, end time.Time) {
	if c.took == nil {
		c.took = map[int][]time.Duration{}
	}
	c.took[resp.StatusCode] = append(c.took[resp.StatusCode], end.Sub(begin))
	switch resp.StatusCode {
	case http.StatusOK:
		if c.first.IsZero() {
			c.first = end
		}
		c.last = end
	case http.StatusServiceUnavailable:
		if resp.Header.Get("Retry-After") == "" {
			c.impolite++
		}
	}
}

// count returns how many answers had the status.
func (c *tally) count(status int) int { return len(c.took[status]) }

// answers returns how many requests were answered.
func (c *tally) answers() int {
	n := 0
	for _, took := range c.took {
		n += len(took)
	}
	return n
}

// goodput returns the successes a second. It counts from the first success, because
// they come in batches, to the last or to the end of the load, whichever is earlier.
func (c *tally) goodput(end time.Time) float64 {
	if c.last.After(end) {
		end = c.last
	}
	return float64(c.count(http.StatusOK)) / end.Sub(c.first).Seconds()
}

// quantile returns the time within which the share q of the answers of the
// status came; 0 if there are none.
func (c *tally) quantile(status int, q float64) time.Duration {
	took := slices.Sorted(slices.Values(c.took[status]))
	if len(took) == 0 {
		return 0
	}
	return took[int(q*float64(len(took)-1))]
}

// String tells it in a line.
func (c *tally) String() string {
	text := fmt.Sprintf("%d could not be started, %d had no answer", c.missed, len(c.failures))
	for status := range c.took {
		text += fmt.Sprintf("; %d × %d (half within %v, 99 %% within %v)", c.count(status), status,
			c.quantile(status, 0.5).Round(time.Millisecond), c.quantile(status, 0.99).Round(time.Millisecond))
	}
	return text
}

// rudeness tells what was not as promised in an overload: successes at four fifths
// of the peak or more, the others refused, quickly.
func (c *tally) rudeness(peak, goodput float64) error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if goodput < 0.8*peak {
		wrong("goodput %.0f/s; want 80 %% of %.0f/s", goodput, peak)
	}
	if c.missed > 0 || len(c.failures) > 0 {
		wrong("%d requests could not be started, %d had no answer: %v", c.missed, len(c.failures), c.failures[:min(len(c.failures), 3)])
	}
	refused, unknown := c.count(http.StatusServiceUnavailable), c.count(http.StatusGatewayTimeout)
	others := c.answers() - c.count(http.StatusOK) - refused - unknown
	if refused < c.answers()/4 || unknown > c.answers()/100 || others > 0 {
		wrong("%d refused, %d unknown, %d others of %d; want the unknown to be rare", refused, unknown, others, c.answers())
	}
	if c.impolite > 0 {
		wrong("%d refusals without Retry-After", c.impolite)
	}
	if half := c.quantile(http.StatusServiceUnavailable, 0.5); half > maxRefusal {
		wrong("half of the refusals took more than %v; want at most %v", half, maxRefusal)
	}
	return errors.Join(errs...)
}
