package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
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
	host, port, err := net.SplitHostPort(c.Gateway.Addr)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	url := "http://" + net.JoinHostPort(host, port) + h.Path
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, resp.Status)
	}
	return nil
}
