package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"time"

	"example.com/im/idl/daemon"
)

// healthTimeout bounds a health check: /readyz takes up to a second.
const healthTimeout = 3 * time.Second

// healthCmd asks a running gateway for its health, where there is neither
// shell nor curl.
type healthCmd struct {
	Path string `arg:"" optional:"" default:"/healthz" help:"What to ask: /healthz (alive) or /readyz (can serve)."`
}

// Run returns an error unless the answer is 200.
func (h *healthCmd) Run(ctx context.Context, c *config) error {
	addr, err := daemon.Reach(c.Gateway.Addr)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	url := c.Gateway.Scheme() + "://" + addr + h.Path
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	// The question is whether this gateway answers, not whether others know its certificate,
	// which names it otherwise than by its address.
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return nil
}
