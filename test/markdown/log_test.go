package markdown

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
)

// warning finds the message of a log line at warn or error, as the services write it.
var warning = regexp.MustCompile(
	`(?:[lL]og\.(?:Warn|Error|ErrorContext)\((?:ctx, )?|\.warn\(|(?:LogAttrs|Log)\(ctx, (?:slog\.LevelWarn|level),\s*)"([^"]+)"`)

// Whoever meets a warning finds it in docs/troubleshooting.md.
func TestWarningsAreExplained(t *testing.T) {
	t.Parallel()
	page, err := fs.ReadFile(repository, "docs/troubleshooting.md")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	walk(t, ".go", func(name, text string) {
		if strings.HasPrefix(name, "test/") || strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/gen/") {
			return
		}
		for message := range names(warning, text) {
			found++
			if !strings.Contains(string(page), "`"+message+"`") {
				t.Errorf("%s logs %q, of which docs/troubleshooting.md has nothing", name, message)
			}
		}
	})
	if found < 15 {
		t.Errorf("only %d warnings are found", found)
	}
}
