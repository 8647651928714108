package page

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// hint is the text that describes the focused field, and is announced as a status. ""
// means that there is none.
const hint = `(() => {
	const of = document.getElementById(document.activeElement.getAttribute("aria-describedby"));
	return of.role === "status" && of.checkVisibility() === (of.textContent !== "") ? of.textContent : "not shown as it is";
})()`

// hinted is what a name of several alphabets is shown with.
const hinted = "This name mixes letters of several alphabets."

// Letters of two alphabets can look alike. A name that mixes them gets a hint wherever it
// is written, and above its chat. It is no error: the chat begins.
func alphabetsAreHinted(t *testing.T, w world) {
	ann, bob := pair()
	mixed := "jоhn" + bob // with a Cyrillic о
	tb := w.open(t, w.url, "/")
	tb.write(t, ann)
	tb.press(t, kb.Tab)
	for name, want := range map[string]string{
		"иван": "", "東京taro": "", "さくらサクラ": "", "김철수": "", "Ärger": "", "νικος": "", "שלום": "", "राम": "", "ᏣᎳᎩ": "", "doe-1": "",
		mixed: hinted, "иванx": hinted, "김さ": hinted, "ᏣᎳᎩa": hinted,
	} {
		tb.fill(t, name)
		tb.await(t, "the hint for "+name, hint+` === `+toJSON(want))
	}
	tb.fill(t, mixed)
	tb.press(t, kb.Enter)
	tb.await(t, "the chat has the hint", `document.querySelector(".pane .who .mixed").innerText === `+toJSON(hinted))
	tb.say(t, "hello")
	tb.awaitTexts(t, shownTexts, "hello")

	tb.navigate(t, "/?plain"+chatPath(ann, bob)[1:])
	tb.await(t, "no hint at a plain name", `!document.querySelector(".pane .who .mixed").checkVisibility()`)
	eval[string](t, tb, `(document.querySelector("#new-peer").focus(), "")`)
	tb.fill(t, mixed)
	tb.await(t, "the list has the hint", hint+` === `+toJSON(hinted))
	tb.press(t, kb.Enter)
	tb.await(t, "the hint is gone with the name", `document.querySelector("#new-peer").value === "" && !document.querySelector(".begin .mixed").checkVisibility()`)

	tb.click(t, ".new-group")
	tb.fill(t, "team"+ann)
	tb.press(t, kb.Tab)
	tb.fill(t, bob+", "+"иван, eve")
	tb.await(t, "plain names of several alphabets", hint+` === ""`)
	tb.fill(t, bob+", "+mixed)
	tb.await(t, "the group has the hint", hint+` === `+toJSON(hinted))
}

// fill writes text in the place of what is in the focused field.
func (tb *tab) fill(t *testing.T, text string) {
	t.Helper()
	eval[string](t, tb, `(document.activeElement.select(), "")`)
	tb.write(t, text)
}
