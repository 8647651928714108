// Package postman runs the Postman collection by newman, which is Postman's
// runner without its window.
package postman

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cloudwego/hertz/pkg/common/hlog"
	"github.com/cloudwego/kitex/pkg/klog"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/stack/stacktest"
)

// newman is what npx runs. It works with the Node.js 18 of Debian 12 and later.
const newman = "newman@6.2.2"

// collectionFile is what Postman imports, beside environment.json.
const collectionFile = "collection.json"

var url = flag.String("url", "", "the system to call, such as http://localhost:8080; without one the test starts its own")

func TestMain(m *testing.M) {
	klog.SetLevel(klog.LevelFatal)
	hlog.SetLevel(hlog.LevelFatal)
	os.Exit(m.Run())
}

// target returns the system that is called.
func target(t *testing.T) string {
	t.Helper()
	storetest.Needs(t, "npx")
	if *url != "" {
		return *url
	}
	return stacktest.URL(t)
}

// The collection passes, and again on the data that it has left. It makes each of its
// requests: newman does not count a request that scripts jump over as a failure.
func TestCollection(t *testing.T) {
	system := target(t)
	for range 2 {
		made, err := run(t, system, collectionFile)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names(t, collectionFile) {
			if !slices.Contains(made, name) {
				t.Errorf("the request %q is not made", name)
			}
		}
	}
}

// An assertion that fails, fails the run.
func TestFailure(t *testing.T) {
	text, err := os.ReadFile(collectionFile)
	if err != nil {
		t.Fatal(err)
	}
	wrong := bytes.Replace(text, []byte("{ message: 'pong' }"), []byte("{ message: 'ping' }"), 1)
	file := filepath.Join(t.TempDir(), collectionFile)
	if err := os.WriteFile(file, wrong, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = run(t, target(t), file)
	if failed := (*exec.ExitError)(nil); bytes.Equal(wrong, text) || !errors.As(err, &failed) || failed.ExitCode() != 1 {
		t.Errorf("run = %v; want exit status 1", err)
	}
}

// run runs a collection on a system, and returns the names of the requests made. Its
// error is newman's, which has told what is wrong.
func run(t *testing.T, system, collection string) ([]string, error) {
	t.Helper()
	report := filepath.Join(t.TempDir(), "report.json")
	cmd := exec.CommandContext(t.Context(), "npx", "--yes", newman, "run", collection,
		"--environment", "environment.json", "--env-var", "baseUrl="+strings.TrimSuffix(system, "/"),
		"--reporters", "cli,json", "--reporter-json-export", report,
		"--reporter-cli-no-success-assertions", "--reporter-cli-no-banner", "--color", "off", "--timeout-request", "60000")
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	var result struct {
		Run struct {
			Executions []struct {
				Item struct{ Name string }
			}
		}
	}
	read(t, report, &result)
	made := []string{}
	for _, e := range result.Run.Executions {
		made = append(made, e.Item.Name)
	}
	return made, nil
}

// item is a request of a collection, or a folder of such.
type item struct {
	Name string
	Item []item
}

// names returns the names of a collection's requests, which differ.
func names(t *testing.T, collection string) []string {
	t.Helper()
	var root item
	read(t, collection, &root)
	var all []string
	var walk func(item)
	walk = func(i item) {
		if i.Item == nil {
			if slices.Contains(all, i.Name) {
				t.Errorf("two requests are named %q", i.Name)
			}
			all = append(all, i.Name)
		}
		for _, inner := range i.Item {
			walk(inner)
		}
	}
	walk(root)
	return all
}

// read parses a file of JSON.
func read(t *testing.T, file string, v any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
