package page

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
)

// accessible looks at every view in the eyes of those who do not see, see little
// or have no mouse.
func accessible(t *testing.T, w world) {
	me, peer := pair()
	w.post(t, me+":"+peer, me, "hello")
	w.post(t, me+":"+peer, peer, "hello yourself")
	w.group(t, "team"+me, peer, []string{me}, nil)
	w.post(t, "team"+me, peer, "see https://example.com/")
	tb := w.open(t, w.url, "/")
	tb.do(t, chromedp.EmulateViewport(1280, 800))
	for view, path := range map[string]string{
		"welcome": "/?a#", "list": "/?a#me=" + me, "chat": "/?a" + chatPath(me, peer)[1:],
		"both": "/?a" + chatPath(me, peer)[1:] + "&view=both", "group": "/?a" + groupPath(me, "team"+me)[1:], "people": "/?a" + groupPath(me, "team"+me)[1:], "new group": "/?a#me=" + me, "refused": "/?a" + chatPath(me, "a b")[1:],
	} {
		for _, scheme := range []string{"light", "dark"} {
			tb.prefer(t, scheme)
			tb.navigate(t, path)
			tb.await(t, "the view is at rest", `!document.querySelector('[aria-busy="true"]')`)
			switch view {
			case "chat":
				tb.refuse(t)
			case "people":
				tb.click(t, ".people")
			case "new group":
				tb.click(t, ".new-group")
			}
			for _, problem := range append(tb.unnamed(t), eval[[]string](t, tb, visibleProblems)...) {
				t.Errorf("%s, %s: %s", view, scheme, problem)
			}
			tb.runAxe(t, view)
		}
	}
	if moving := eval[int](t, tb, `[...document.querySelectorAll("*")].filter((e) => getComputedStyle(e).transitionDuration !== "0s" || getComputedStyle(e).animationName !== "none").length`); moving > 0 {
		t.Errorf("%d elements move though they should not", moving)
	}
}

// refuse leaves a message that was refused, once.
func (tb *tab) refuse(t *testing.T) {
	t.Helper()
	const refused = `document.querySelector('.pending [data-state="refused"]')`
	eval[bool](t, tb, `(() => { if (!`+refused+`) document.querySelector("textarea").value = "\ud800"; return true })()`)
	tb.press(t, "\r")
	tb.await(t, "the message is refused", refused)
}

// unnamed returns what screen readers have no name for.
func (tb *tab) unnamed(t *testing.T) (problems []string) {
	t.Helper()
	tree, err := chromedp.Call(tb.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		t.Fatal(err)
	}
	needsName := []string{"button", "link", "textbox", "navigation", "region", "complementary", "heading", "dialog", "searchbox"}
	landmarks := 0
	for _, node := range tree.Nodes {
		role, name := axText(node.Role), axText(node.Name)
		if node.Ignored {
			continue
		}
		if role == "main" || role == "dialog" { // while one is open, there is nothing else
			landmarks++
		}
		if slices.Contains(needsName, role) && strings.TrimSpace(name) == "" {
			problems = append(problems, "a "+role+" has no name")
		}
	}
	if landmarks != 1 {
		problems = append(problems, "there must be one main landmark, or a dialog")
	}
	return problems
}

func axText(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(string(v.Value), `"`)
}

// visibleProblems names texts of little contrast, small targets and ids that are
// not unique. WCAG 2.2 asks for 4.5:1 and 24 px, but not of links in a text.
const visibleProblems = `(() => {
	const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
	const over = (colours) => { // paints colours over each other
		canvas.clearRect(0, 0, 1, 1);
		for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
		return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
	};
	const light = (rgb) => rgb.map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const behind = (e) => e ? [...behind(e.parentElement), getComputedStyle(e).backgroundColor] : ["white"];
	const contrast = (e, pseudo) => {
		const [a, b] = [over([...behind(e), getComputedStyle(e, pseudo).color]), over(behind(e))].map(light);
		return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
	};
	const problems = [], name = (e) => e.outerHTML.slice(0, 100);
	const seen = [...document.querySelectorAll("body *")].filter((e) => e.checkVisibility() && !e.closest(".unseen"));
	for (const e of seen) {
		const text = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
		const ratio = text ? contrast(e) : e.placeholder ? contrast(e, "::placeholder") : 21;
		if (ratio < 4.5) problems.push("contrast " + ratio.toFixed(1) + ": " + name(e));
		if (e.matches("a, button, input, textarea") && !e.closest(".text") && (e.offsetWidth < 24 || e.offsetHeight < 24)) problems.push("small: " + name(e));
		if (e.id && document.querySelectorAll("[id='" + e.id + "']").length > 1) problems.push("twice: " + name(e));
	}
	return problems;
})()`

// runAxe lets the rules of axe-core look at the page, if -axe names its file.
func (tb *tab) runAxe(t *testing.T, view string) {
	t.Helper()
	if *axe == "" {
		return
	}
	rules, err := os.ReadFile(*axe)
	if err != nil {
		t.Fatal(err)
	}
	eval[bool](t, tb, string(rules)+"; true")
	for _, violation := range eval[[]string](t, tb, `axe.run().then((r) => r.violations.map((v) => v.id + ": " + v.help + " " + v.nodes.map((n) => n.html + " " + n.failureSummary).join(" | ")))`) {
		t.Errorf("%s: axe: %s", view, violation)
	}
}
