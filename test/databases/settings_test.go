package databases

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// option is a line of an option file.
var option = regexp.MustCompile(`(?m)^([a-z-]+) = (.+)$`)

// switches are the values that SELECT shows as numbers, of most variables.
var switches = map[string]string{"ON": "1", "OFF": "0"}

// wantSettings checks that a server runs with what a file of deploy/databases tells
// people to set.
func (w *world) wantSettings(dsn, file string) {
	w.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "deploy", "databases", file))
	if err != nil {
		w.Fatal(err)
	}
	for _, line := range option.FindAllStringSubmatch(string(text), -1) {
		name, want := strings.TrimPrefix(line[1], "loose-"), line[2]
		switch name {
		case "plugin-load-add": // shown by the plugin's variables
			continue
		case "log-bin": // its value is the name of a file
			want = "ON"
		}
		name = strings.ReplaceAll(name, "-", "_")
		got := strings.ReplaceAll(w.ask(dsn, "SELECT @@GLOBAL."+name), " = ", "=")
		for part := range strings.SplitSeq(want, ";") {
			if !strings.Contains(got, part) && got != switches[part] {
				w.Errorf("%s = %q; want %q, as %s says", name, got, part, file)
			}
		}
	}
}
