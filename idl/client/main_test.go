package client_test

import (
	"flag"
	"log"
	"os"
	"testing"
)

// The examples call the system at IM_URL, which has no messages yet. Without IM_URL they
// are only built. Module test runs them.
func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv("IM_URL") == "" {
		if err := flag.Set("test.skip", "^Example"); err != nil {
			log.Fatal(err)
		}
	}
	os.Exit(m.Run())
}
