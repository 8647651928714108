package main

import (
	"strings"
	"testing"

	"example.com/im/rpc-server/store/storetest"
)

// However the DSN is wrong, its password does not come out.
func TestNoSecretInRefusals(t *testing.T) {
	t.Parallel()
	nobody := storetest.Reserve(t)
	for name, tc := range map[string]struct{ dsn, want string }{
		"nobody listens":    {"im:Sw0rdf1sh@tcp(" + nobody + ")/im", "refused"},
		"no database named": {"im:Sw0rdf1sh@tcp(" + nobody + ")/", "no database"},
		"no @":              {"im:Sw0rdf1sh(" + nobody + ")/im", "MYSQL_DSN"},
		"no slash after it": {"im:Sw0rdf1sh/1@tcp(" + nobody + ")", "MYSQL_DSN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, "HTTP_ADDR="+storetest.Reserve(t), "DATA_DIR="+t.TempDir(), "LOG_LEVEL=debug", "MYSQL_DSN="+tc.dsn)
			if status := p.Wait(t); status != 1 {
				t.Errorf("exit status %d; want 1", status)
			}
			if got := p.Log().String(); !strings.Contains(got, tc.want) || strings.Contains(got, "Sw0rd") {
				t.Errorf("output = %q; want %q, and no password", got, tc.want)
			}
		})
	}
}
