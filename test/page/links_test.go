package page

import (
	"testing"
)

// Addresses of the web are links that tell the other side nothing. All else stays text.
func addressesAreLinks(t *testing.T, w world) {
	me, peer := pair()
	texts := map[string][]string{
		"see https://example.com/a?b=c#d, please":              {"https://example.com/a?b=c#d"},
		"(http://example.com/a_(b)) and HTTPS://EXAMPLE.COM.":  {"http://example.com/a_(b)", "https://example.com/"},
		"javascript:alert(1) data:text/html,x ftp://a file://": nil,
		"https:// http://[ xhttps://example.com":               nil,
		"https://a.example/\u202egpj.exe":                      {"https://a.example/"},
		`https://a.example/"onmouseover="alert(1)`:             {"https://a.example/"},
		"<a href='https://b.example/'>x</a>":                   {"https://b.example/"},
	}
	tb := w.open(t, w.url, chatPath(me, peer))
	for text, want := range texts {
		got := eval[[]string](t, tb, `import(new URL("page/links.js", location).href).then(({ write }) => {
			const e = document.createElement("p");
			write(e, `+toJSON(text)+`);
			const bad = [...e.querySelectorAll("*")].filter((x) => !x.matches('a[rel="noopener noreferrer"][target="_blank"]'));
			return e.textContent === `+toJSON(text)+` && bad.length === 0 ? [...e.querySelectorAll("a")].map((a) => a.href) : ["wrong: " + e.outerHTML];
		})`)
		if toJSON(got) != toJSON(append([]string{}, want...)) {
			t.Errorf("%q has the links %q; want %q", text, got, want)
		}
	}
	w.post(t, me+":"+peer, peer, "at https://example.com/.")
	tb.await(t, "the address is a link", `document.querySelector(".messages .text a").href === "https://example.com/"`)
	tb.awaitTexts(t, shownTexts, "at https://example.com/.")
}
