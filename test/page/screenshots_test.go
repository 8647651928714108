package page

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// TestScreenshots leaves images of each view in -screenshots, on a desktop and on a
// phone, light and dark. Emoji need a font: on Debian, fonts-noto-color-emoji.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("no -screenshots")
	}
	w := newWorld(t)
	w.converse(t)
	tb := w.open(t, w.url, "/#me=john&with=doe")
	for _, size := range []struct {
		name          string
		width, height int64
		scale         float64
	}{{"desktop", 1280, 800, 1.2}, {"phone", 390, 844, 2}} {
		for _, scheme := range []string{"light", "dark"} {
			tb.do(t, chromedp.EmulateViewport(size.width, size.height, chromedp.EmulateScale(size.scale)))
			tb.prefer(t, scheme)
			for view, path := range map[string]string{
				"welcome": "/#", "list": "/#me=john", "chat": "/#me=john&with=doe", "both": "/#me=john&with=doe&view=both",
				"empty": "/#me=john&with=zoë", "refused": "/#me=john&with=a,b c", "group": "/#me=john&group=release", "unread": "/#me=john&with=anna",
			} {
				if view == "unread" {
					w.post(t, "anna:john", "anna", "Are you coming by train?")
					w.post(t, "anna:john", "anna", "The 7:10 is full, https://example.com/trains has a later one.")
				}
				tb.navigate(t, path)
				tb.await(t, "the view is at rest", `!document.querySelector('[aria-busy="true"]')`)
				tb.shoot(t, fmt.Sprintf("%s-%s-%s", view, size.name, scheme))
			}
			tb.navigate(t, "/#me=john&group=release")
			tb.click(t, ".people")
			tb.shoot(t, fmt.Sprintf("people-%s-%s", size.name, scheme))
			tb.navigate(t, "/#me=john")
			tb.click(t, ".new-group")
			tb.shoot(t, fmt.Sprintf("newgroup-%s-%s", size.name, scheme))
			tb.navigate(t, "/#me=john&with=doe")
			tb.failTwice(t)
			tb.shoot(t, fmt.Sprintf("failed-%s-%s", size.name, scheme))
			tb.navigate(t, "/#me=nobody")
			tb.do(t, chromedp.Evaluate[chromedp.Void]("localStorage.clear(); location.reload()"))
		}
	}
}

// converse fills chats with what people write.
func (w world) converse(t *testing.T) {
	t.Helper()
	w.post(t, "anna:john", "john", "I have found the tickets.")
	w.post(t, "anna:john", "anna", "See you at eight then 🎉")
	w.post(t, "john:maría", "john", "I have sent you the tickets.")
	w.post(t, "john:كريم", "كريم", "مساء الخير، هل وصل الطرد؟")
	w.post(t, "john:ops", "ops", "Backup finished: 48 GB in 12 min")
	w.group(t, "release", "doe", []string{"john", "maría", "anna"}, nil)
	w.post(t, "release", "maría", "The translations are done.")
	w.post(t, "release", "doe", "Great! Then we release on Monday.")
	w.post(t, "release", "john", "Monday it is 👍")
	w.group(t, "release", "john", []string{"ops"}, []string{"anna"})
	w.read(t, "release", "maría")
	w.post(t, "release", "ops", "Release candidate built.")
	for line := range strings.SplitSeq(strings.TrimSpace(conversation), "\n") {
		sender, text, _ := strings.Cut(line, ": ")
		w.post(t, "john:doe", sender, strings.ReplaceAll(text, "|", "\n"))
	}
	for _, member := range []string{"john", "doe"} {
		w.read(t, "john:doe", member)
	}
}

const conversation = `
doe: Morning! Did the new release go out?
john: It did, at seven. Nobody noticed, which is how I like it 😌
doe: Ha! Nicely done 👏
john: The long version is in https://example.com/releases/2026/11/a-rather-long-address-that-does-not-break-anywhere-by-itself-donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft
doe: Thanks!
doe: And in short, for the note to the customers?
john: In short:||1. Messages arrive within a blink.|2. What could not be sent is kept, and sent later, once.|3. The history goes back to the first day.
doe: Perfect, thank you! 😍
doe: Shall we have lunch at one?
john: With pleasure 🍜
`

// prefer makes the browser ask for a colour scheme, and for nothing that moves.
func (tb *tab) prefer(t *testing.T, scheme string) {
	t.Helper()
	_, err := chromedp.Call(tb.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme},
			{Name: "prefers-reduced-motion", Value: "reduce"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// failTwice leaves a message that was refused and one that could not be sent yet.
func (tb *tab) failTwice(t *testing.T) {
	t.Helper()
	eval[bool](t, tb, `(() => { const f = document.querySelector('textarea'); f.value = 'It has a letter that is none: \ud800'; f.dispatchEvent(new Event('input')); return true })()`)
	tb.press(t, "\r")
	tb.await(t, "the message is refused", `document.querySelector('.pending [data-state="refused"]')`)
	eval[bool](t, tb, `(window.fetch = () => Promise.reject(new Error('cut'))) && true`)
	tb.say(t, "This one waits until the network is back.")
	tb.await(t, "the message waits", `document.querySelector('.pending [data-state="waiting"] .fate:not([hidden])')`)
}

func (tb *tab) shoot(t *testing.T, name string) {
	t.Helper()
	shot, err := chromedp.Run(tb.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	image, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	small := &bytes.Buffer{}
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(small, image); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name+".png"), small.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}
