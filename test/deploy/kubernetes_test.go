package deploy

import (
	"strconv"
	"strings"
	"testing"
)

// problems returns all that is wrong with an overlay.
func problems(o *overlay, known settings) (wrong []string) {
	wrong = checkEnvironment(o, known)
	for _, check := range []func(*overlay) []string{
		checkSelectors, checkPorts, checkScalers, checkStateful, checkSecrets, checkDrain, checkDials, checkMembers,
		checkNetwork, checkRights, checkMounts, checkConnections,
	} {
		wrong = append(wrong, check(o)...)
	}
	return wrong
}

// maxConnections is MySQL's default of max_connections.
const maxConnections = 151

// checkConnections finds more rpc-servers than the database has connections for.
func checkConnections(o *overlay) (wrong []string) {
	for _, s := range o.scalers {
		if s.Name != "rpc-server" {
			continue
		}
		env, _ := o.environment(o.named("Deployment", "rpc-server"))
		each, err := strconv.Atoi(env["DB_CONNS"])
		if err != nil || each*(int(s.Spec.MaxReplicas)+1) > maxConnections {
			wrong = append(wrong, "rpc-servers have more connections than the database")
		}
	}
	return wrong
}

func TestOverlays(t *testing.T) {
	t.Parallel()
	known := knownSettings(t)
	for _, name := range overlays {
		t.Run(name, func(t *testing.T) {
			o, err := build(manifests(t), name)
			if err != nil {
				t.Fatal(err)
			}
			if len(o.workloads) < 3 || len(o.policies) < 5 || len(o.scalers) != 2 || len(o.budgets) != 3 {
				t.Errorf("%d workloads, %d policies, %d scalers, %d budgets", len(o.workloads), len(o.policies), len(o.scalers), len(o.budgets))
			}
			for _, problem := range problems(o, known) {
				t.Error(problem)
			}
		})
	}
}

// Each check finds its fault, in copies of the files with one change.
func TestFaultsAreFound(t *testing.T) {
	t.Parallel()
	known := knownSettings(t)
	for name, tc := range faults {
		t.Run(name, func(t *testing.T) {
			files := manifests(t)
			if !strings.Contains(files[tc.file], tc.old) {
				t.Fatalf("%s has no %q", tc.file, tc.old)
			}
			files[tc.file] = strings.Replace(files[tc.file], tc.old, tc.new, 1)
			overlay := "database-inside"
			if strings.HasPrefix(tc.file, "database-outside/") {
				overlay = "database-outside"
			}
			o, err := build(files, overlay)
			var found []string
			if err != nil {
				found = []string{err.Error()}
			} else {
				found = problems(o, known)
			}
			if !strings.Contains(strings.Join(found, "\n"), tc.want) {
				t.Errorf("found %q; want %q", found, tc.want)
			}
		})
	}
}
