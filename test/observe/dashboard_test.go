package observe

import (
	"encoding/json"
	"strings"
	"testing"
)

// The dashboard works with whichever Prometheus is chosen; each of its charts has a
// unit, and a place of its own.
func TestDashboard(t *testing.T) {
	t.Parallel()
	d := readDashboard(t)
	if len(d.Panels) < 20 {
		t.Fatalf("%d panels; want more", len(d.Panels))
	}
	taken, ids := make(map[[2]int]string), make(map[int]string)
	for _, p := range d.Panels {
		if other, known := ids[p.ID]; known {
			t.Errorf("%s has the id of %s", p.Title, other)
		}
		ids[p.ID] = p.Title
		for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
			for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
					t.Fatalf("%s is in the place of %q, or outside", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.Type != "row" {
			checkChart(t, p)
		}
	}
}

func checkChart(t *testing.T, p panel) {
	t.Helper()
	if p.Datasource.UID != "${datasource}" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
		t.Errorf("%s: data source %q, unit %q, %d queries", p.Title, p.Datasource.UID, p.FieldConfig.Defaults.Unit, len(p.Targets))
	}
	for _, target := range p.Targets {
		if !strings.Contains(target.Expr, `instance=~"$instance"`) {
			t.Errorf("%s is of all instances: %s", p.Title, target.Expr)
		}
	}
}

// One who looks can choose the Prometheus and the instances.
func TestVariables(t *testing.T) {
	t.Parallel()
	want := map[string]string{"datasource": "datasource", "instance": "query"}
	for _, v := range readDashboard(t).Templating.List {
		if v.Type != want[v.Name] || !json.Valid(v.Query) {
			t.Errorf("variable %s is a %s; want %q", v.Name, v.Type, want[v.Name])
		}
		delete(want, v.Name)
	}
	if len(want) > 0 {
		t.Errorf("there is no %v", want)
	}
}
