// Package markdown holds the repository's Markdown pages to what they name: files,
// headings, targets of make, and tests.
package markdown

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"
)

// A link within the repository leads to a file, and to a heading of that.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	anchors := map[string]map[string]bool{}
	for _, p := range all {
		anchors[p.path] = p.anchors()
	}
	for _, p := range all {
		for _, target := range p.links() {
			file, anchor, hasAnchor := strings.Cut(target, "#")
			name := p.path
			if file != "" {
				name = path.Join(path.Dir(p.path), file)
			}
			switch {
			case !exists(name):
				t.Errorf("%s links to %s: there is no such file", p.path, target)
			case hasAnchor && path.Ext(name) == ".md" && !anchors[name][anchor]:
				t.Errorf("%s links to %s: there is no such heading", p.path, target)
			}
		}
	}
}

// words are what a piece of code is made of, as a shell would have it.
var words = regexp.MustCompile(`[^\s"'(){}\[\],;|<>=]+`)

// What looks like a path of the repository in code is one, but for what is built into bin.
func TestPaths(t *testing.T) {
	t.Parallel()
	for _, p := range pages(t) {
		for _, word := range words.FindAllString(p.code, -1) {
			name := strings.TrimSuffix(strings.TrimPrefix(word, "./"), "/...")
			folder, _, isPath := strings.Cut(name, "/")
			if !isPath || folder == "" || folder == "bin" || strings.HasPrefix(folder, ".") || !exists(folder) || strings.ContainsAny(name, "*…$:") {
				continue
			}
			if !exists(name) {
				t.Errorf("%s names %s: there is no such file", p.path, word)
			}
		}
	}
}

// Each target that is to be made is one of the Makefile.
func TestTargets(t *testing.T) {
	t.Parallel()
	makefile, err := fs.ReadFile(repository, "Makefile")
	if err != nil {
		t.Fatal(err)
	}
	there := names(regexp.MustCompile(`(?m)^([a-z]+):`), string(makefile))
	for _, p := range pages(t) {
		for target := range names(regexp.MustCompile(`\bmake ([a-z]+)`), p.code) {
			if !there[target] {
				t.Errorf("%s names make %s: there is no such target", p.path, target)
			}
		}
	}
}

// Each test, fuzz target and benchmark that is named is there.
func TestNamesOfTests(t *testing.T) {
	t.Parallel()
	there := map[string]bool{}
	walk(t, ".go", func(_, text string) {
		for name := range names(regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark|Example)\w*)\(`), text) {
			there[name] = true
		}
	})
	for _, p := range pages(t) {
		for name := range names(regexp.MustCompile(`\b((?:Test|Fuzz|Benchmark|Example)[A-Z]\w*)`), p.prose+p.code) {
			if !there[name] {
				t.Errorf("%s names %s: there is no such test", p.path, name)
			}
		}
	}
}

// names are what the group of an expression finds in a text.
func names(expression *regexp.Regexp, text string) map[string]bool {
	found := map[string]bool{}
	for _, match := range expression.FindAllStringSubmatch(text, -1) {
		found[match[1]] = true
	}
	return found
}
