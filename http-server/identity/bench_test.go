package identity_test

import (
	"testing"

	"example.com/im/http-server/identity/identitytest"
)

// BenchmarkRemembered is what a call with a known token costs more.
func BenchmarkRemembered(b *testing.B) {
	issuer := identitytest.Start(b)
	v, _ := startFound(b, issuer)
	token := issuer.Sign(b, "RS256", issuer.Claims("ann"))
	if _, err := v.Verify(b.Context(), token); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := v.Remembered(token); !ok {
			b.Fatal("forgotten")
		}
	}
}

// BenchmarkVerify is what a call with a new token costs more.
func BenchmarkVerify(b *testing.B) {
	issuer := identitytest.Start(b)
	v, _ := startFound(b, issuer)
	for _, algorithm := range []string{"RS256", "ES256", "EdDSA"} {
		token := issuer.Sign(b, algorithm, issuer.Claims("ann"))
		b.Run(algorithm, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := v.Verify(b.Context(), token); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
