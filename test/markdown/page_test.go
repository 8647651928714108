package markdown

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

// repository is the root of the repository.
var repository = os.DirFS("../..")

// page is a Markdown page.
type page struct {
	path  string
	prose string // without blocks of code
	code  string // blocks and spans of code, a line each
}

var (
	block   = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	span    = regexp.MustCompile("`[^`\n]+(?:\n[^`\n]+)?`")
	heading = regexp.MustCompile(`(?m)^#+ +(.+?) *$`)
	link    = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)
)

// pages are those of the repository.
func pages(t *testing.T) (all []page) {
	t.Helper()
	walk(t, ".md", func(name, text string) {
		blocks := strings.Join(block.FindAllString(text, -1), "\n")
		prose := block.ReplaceAllString(text, "")
		spans := strings.Join(span.FindAllString(prose, -1), "\n")
		all = append(all, page{name, prose, strings.ReplaceAll(blocks+"\n"+spans, "`", "")})
	})
	if len(all) < 2 {
		t.Fatalf("only %d pages are found", len(all))
	}
	return all
}

// walk visits the repository's files of an extension.
func walk(t *testing.T, extension string, visit func(name, text string)) {
	t.Helper()
	err := fs.WalkDir(repository, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != extension:
			return nil
		}
		text, err := fs.ReadFile(repository, name)
		visit(name, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// exists reports whether the repository has a file or a folder.
func exists(name string) bool {
	_, err := fs.Stat(repository, path.Clean(name))
	return err == nil
}

// links are the targets of a page's links to other pages and to itself.
func (p page) links() (targets []string) {
	for _, match := range link.FindAllStringSubmatch(span.ReplaceAllString(p.prose, "x"), -1) {
		if !strings.Contains(match[1], "://") {
			targets = append(targets, match[1])
		}
	}
	return targets
}

// punctuation is what GitHub leaves out of anchors.
var punctuation = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// anchors are those that GitHub makes of a page's headings.
func (p page) anchors() map[string]bool {
	anchors, seen := map[string]bool{}, map[string]int{}
	for _, match := range heading.FindAllStringSubmatch(p.prose, -1) {
		title := link.ReplaceAllStringFunc(match[1], func(s string) string { return s[1:strings.Index(s, "](")] })
		anchor := strings.ReplaceAll(punctuation.ReplaceAllString(strings.ToLower(title), ""), " ", "-")
		if n := seen[anchor]; n > 0 {
			anchors[fmt.Sprintf("%s-%d", anchor, n)] = true
		}
		seen[anchor]++
		anchors[anchor] = true
	}
	return anchors
}
