package page

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// changes are the lines of a conversation that say who came and went.
const changes = `[...document.querySelectorAll(".change .what")].map((e) => e.textContent)`

// groupPath is the deep link to a group.
func groupPath(me, group string) string {
	return "/#" + url.Values{"me": {me}, "group": {group}}.Encode()
}

// A group from its beginning to its end, by what people click and write.
func groupLives(t *testing.T, w world) {
	ann, bob := pair()
	eve, team := "eve"+ann[4:], "team"+ann[4:]
	first := w.open(t, w.url, "/#me="+ann)
	second := w.open(t, w.url, "/#me="+bob)
	first.click(t, ".new-group")
	first.write(t, team)
	first.press(t, kb.Tab)
	first.write(t, bob)
	first.click(t, "dialog .primary")
	first.await(t, "the group is open", `document.activeElement.matches("textarea") && !document.querySelector("dialog")`)
	first.awaitTexts(t, changes, "You made the group with "+bob)
	first.await(t, "its size is told", `document.querySelector(".pane .who .note").textContent.startsWith("2 members")`)

	second.await(t, "the group is listed", `document.querySelector(".chats .name").textContent === `+toJSON(team))
	second.click(t, ".chats a")
	second.awaitTexts(t, changes, ann+" made the group with you")
	first.say(t, "welcome")
	second.awaitTexts(t, shownTexts, "welcome")
	second.await(t, "the sender is named", `document.querySelector(".message .sender").checkVisibility()`)
	first.await(t, "all have seen it", `document.querySelector(".receipt").textContent === "Seen by all"`)

	second.click(t, ".people")
	second.write(t, eve)
	second.click(t, ".adding button")
	second.await(t, "she is in the list", `document.querySelectorAll(".people-list li").length === 3 && document.querySelector(".adding input").value === ""`)
	second.press(t, kb.Escape)
	for _, tb := range []*tab{first, second} {
		tb.await(t, "three take part", `document.querySelector(".pane .who .note").textContent.startsWith("3 members")`)
	}
	first.awaitTexts(t, changes, "You made the group with "+bob, bob+" added "+eve)

	first.click(t, ".people")
	first.click(t, `.people-list [aria-label="Remove `+bob+`"]`)
	second.await(t, "he is told", `document.querySelector(".notice.final").innerText.includes("not in this group") && !document.querySelector(".composer").checkVisibility()`)
	second.awaitTexts(t, changes, ann+" made the group with you", "You added "+eve, ann+" removed you")
	first.click(t, "dialog .exit")
	first.await(t, "she is back in the list", `document.body.dataset.view === "list"`)
	first.await(t, "the list tells that she left", `document.querySelector(".chats .preview").textContent.startsWith("You: ")`)
}

// A member who comes back sees what was written meanwhile, and goes on.
func memberComesBack(t *testing.T, w world) {
	ann, bob := pair()
	team := "team" + ann[4:]
	w.group(t, team, ann, []string{bob}, nil)
	tb := w.open(t, w.url, groupPath(bob, team))
	tb.awaitTexts(t, changes, ann+" made the group with you")
	w.group(t, team, ann, nil, []string{bob})
	tb.await(t, "he is told", `document.querySelector(".notice.final").checkVisibility()`)
	w.post(t, team, ann, "without you")
	w.group(t, team, ann, []string{bob}, nil)
	tb.awaitTexts(t, shownTexts, "without you")
	tb.await(t, "he may write", `!document.querySelector(".notice").checkVisibility() && document.querySelector(".composer").checkVisibility()`)
	w.post(t, team, ann, "with you")
	tb.awaitTexts(t, shownTexts, "without you", "with you")
}

// What the service refuses is said in its words.
func groupIsRefused(t *testing.T, w world) {
	ann, bob := pair()
	team := "team" + ann[4:]
	tb := w.open(t, w.url, groupPath(ann, team))
	tb.await(t, "nobody has made it", `document.querySelector(".notice.final").innerText.length > 10`)
	w.group(t, team, bob, nil, nil)
	tb.navigate(t, "/?made"+groupPath(ann, team)[1:])
	tb.await(t, "who is not in it is told", `document.querySelector(".notice.final").innerText.includes("not in this group")`)

	tb.navigate(t, "/?list#me="+ann)
	tb.click(t, ".new-group")
	tb.write(t, "a b")
	tb.press(t, kb.Enter)
	tb.await(t, "the rule is told", `document.querySelector("dialog .problem").innerText.includes("spaces")`)
	eval[string](t, tb, `document.querySelector("dialog [name=group]").value = `+toJSON(team))
	tb.press(t, kb.Enter)
	tb.await(t, "the refusal is told", `document.querySelector("dialog .problem").innerText.length > 10 && !document.querySelector("dialog .problem").innerText.includes("spaces")`)
	tb.await(t, "it can be tried anew", `!document.querySelector("dialog .primary").disabled`)
	tb.press(t, kb.Escape)
	tb.await(t, "the focus is where it was", `!document.querySelector("dialog") && document.activeElement.matches(".new-group")`)
}

// A change that was not answered is tried again with the key that it had.
func groupIsMadeOnce(t *testing.T, w world) {
	ann, _ := pair()
	team := "team" + ann[4:]
	f := newFront(t, w.url)
	var failed atomic.Bool
	f.setRule(func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool {
		if r.Method != http.MethodPost || r.URL.Path != "/api/members" || failed.Swap(true) {
			return false
		}
		pass.ServeHTTP(httptest.NewRecorder(), r)
		fail(w, http.StatusGatewayTimeout, "the answer got lost")
		return true
	})
	tb := w.open(t, f.url, "/#me="+ann)
	tb.click(t, ".new-group")
	tb.write(t, team)
	tb.press(t, kb.Enter)
	tb.await(t, "the failure is told", `document.querySelector("dialog .problem").innerText.includes("try again")`)
	tb.press(t, kb.Enter)
	tb.awaitTexts(t, changes, "You made the group")
	var keys []string
	for _, r := range f.asked("/api/members") {
		if r.Method == http.MethodPost {
			keys = append(keys, r.Header.Get("Idempotency-Key"))
		}
	}
	if len(keys) != 2 || keys[0] == "" || keys[0] != keys[1] {
		t.Errorf("the group is made with the keys %q; want one twice", keys)
	}
}
