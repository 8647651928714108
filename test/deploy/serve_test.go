package deploy

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// answers is what probes are answered while there is neither a database nor etcd.
var answers = map[string]int{
	"startup": http.StatusOK, "liveness": http.StatusOK, "readiness": http.StatusServiceUnavailable,
}

// probeTimeout is for how long a program may take until it answers.
const probeTimeout = time.Minute

// checkProbes runs a service with the environment that an overlay gives it, on ports of this
// machine, and finds probes that it does not answer as answers says.
func (o *overlay) checkProbes(t *testing.T, service string) (wrong []string) {
	w := o.named("Deployment", service)
	env, _ := o.environment(w)
	here := map[int32]string{} // a port of the container → its address here
	for _, p := range w.container().Ports {
		here[p.ContainerPort] = storetest.Reserve(t)
	}
	var variables []string
	for name, value := range env {
		for number, address := range here {
			if value == fmt.Sprintf(":%d", number) {
				value = address
			}
		}
		if strings.HasSuffix(name, "_FILE") {
			value = copyOf(t, o.mounted(w, value))
		}
		variables = append(variables, name+"="+value)
	}
	variables = append(variables, "DRAIN_DELAY=100ms") // the last one counts
	process.Start(t, service, []string{process.Binary(t, service)}, variables)
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		get := probes(w)[name].HTTPGet
		number, _ := port(w.container(), get.Port)
		var status int
		process.Await(t, probeTimeout, service+" answers its "+name+" probe", func() bool {
			status = process.Status("http://" + here[number] + get.Path)
			return status != 0
		})
		if status != answers[name] {
			wrong = append(wrong, fmt.Sprintf("%s: its %s probe, %s, is answered %d; want %d", service, name, get.Path, status, answers[name]))
		}
	}
	return wrong
}

// copyOf returns the path of a file with this content.
func copyOf(t *testing.T, content []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// The services start with the environment of each overlay, and answer its probes.
func TestProbes(t *testing.T) {
	t.Parallel()
	storetest.Needs(t, "the services' programs")
	for _, name := range overlays {
		for _, service := range services {
			t.Run(name+"/"+service, func(t *testing.T) {
				t.Parallel()
				o, err := build(manifests(t), name)
				if err != nil {
					t.Fatal(err)
				}
				for _, problem := range o.checkProbes(t, service) {
					t.Error(problem)
				}
			})
		}
	}
}

// Probes of other paths are found.
func TestOtherProbesAreFound(t *testing.T) {
	t.Parallel()
	storetest.Needs(t, "the services' programs")
	for name, tc := range map[string]struct{ service, file, old, new, want string }{
		"no such path":   {"rpc-server", rpcFile, "path: /healthz", "path: /health", "is answered 404"},
		"a page":         {"http-server", httpFile, "path: /healthz", "path: /", "is answered 421"},
		"never unready":  {"http-server", httpFile, "path: /readyz", "path: /healthz", "is answered 200; want 503"},
		"kills at waits": {"rpc-server", rpcFile, "livenessProbe:\n            httpGet: {path: /healthz", "livenessProbe:\n            httpGet: {path: /readyz", "is answered 503; want 200"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := manifests(t)
			if !strings.Contains(files[tc.file], tc.old) {
				t.Fatalf("%s has no %q", tc.file, tc.old)
			}
			files[tc.file] = strings.Replace(files[tc.file], tc.old, tc.new, 1)
			o, err := build(files, "database-inside")
			if err != nil {
				t.Fatal(err)
			}
			if wrong := o.checkProbes(t, tc.service); !strings.Contains(strings.Join(wrong, "\n"), tc.want) {
				t.Errorf("found %q; want %q", wrong, tc.want)
			}
		})
	}
}
