package main

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.com/im/rpc-server/store/storetest"
	"example.com/im/test/process"
)

// On a full disk sends are refused, as not stored, with the reason; the log has it
// once. With space again sends succeed, with no restart. What was acknowledged is
// there then, and after a crash, and nothing else.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := storetest.SmallDisk(t, 8)
	addr := storetest.Reserve(t)
	p := start(t, "HTTP_ADDR="+addr, "DATA_DIR="+disk.Dir)
	awaitServing(t, p, addr, 1)
	var acknowledged []string
	post := func(text string) (status int, body string) {
		status, body = try(t, addr, text)
		if status == http.StatusOK {
			acknowledged = append(acknowledged, text)
		}
		return status, body
	}
	for i := range 10 {
		if status, body := post(fmt.Sprint("before ", i)); status != http.StatusOK {
			t.Fatalf("send = %d %s", status, body)
		}
	}
	disk.Fill(t, 0)
	stored := len(acknowledged)
	postFull := func(text string) (refused bool) {
		status, body := post(text)
		refused = status == http.StatusServiceUnavailable && strings.Contains(body, "the database's disk is full")
		if !refused && status != http.StatusOK {
			t.Errorf("send = %d %s; want 503 with the reason", status, body)
		}
		return refused
	}
	refused := 0
	for i := range 30 {
		if postFull(fmt.Sprint(i, strings.Repeat(" full", 2000))) {
			refused++
		}
	}
	if refused < 20 {
		t.Errorf("only %d sends were refused: the disk was not full", refused)
	}
	ready := func() bool { return process.Status("http://"+addr+"/readyz") == http.StatusOK }
	process.Await(t, 30*time.Second, "the program is not ready", func() bool {
		postFull("x") // where there is room for little it is ready for little
		return !ready()
	})
	stored = len(acknowledged) - stored
	if got := strings.Count(p.Log().String(), "batch not stored"); got < 1 || got > 1+stored || !p.Log().Contains("the database's disk is full") {
		t.Errorf("%d lines say what was not stored; want one after each of %d sends that were, at most, with the reason", got, stored)
	}

	disk.Empty(t)
	if status, body := post("after"); status != http.StatusOK {
		t.Errorf("with space again: send = %d %s", status, body)
	}
	process.Await(t, 10*time.Second, "the program is ready", ready)
	wantTexts(t, addr, acknowledged)
	p.Kill()
	p.Restart(t)
	awaitServing(t, p, addr, 2)
	wantTexts(t, addr, acknowledged)

	disk.Fill(t, 0)
	p.Interrupt()
	if status := p.Wait(t); status != 0 {
		t.Errorf("exit status %d after Ctrl-C on a full disk; want 0", status)
	}
}

// A disk without the space for a start ends the program with one line that says so,
// wherever the database meets the end of the disk. With space the next start succeeds.
func TestNoSpaceToStart(t *testing.T) {
	t.Parallel()
	for _, spare := range []int64{0, 4 << 10, 8 << 10, 16 << 10, 32 << 10, 64 << 10} {
		t.Run(fmt.Sprint(spare>>10, " KiB"), func(t *testing.T) {
			t.Parallel()
			disk := storetest.SmallDisk(t, 1)
			disk.Fill(t, spare)
			addr := storetest.Reserve(t)
			p := start(t, "HTTP_ADDR="+addr, "DATA_DIR="+disk.Dir)
			if status := p.Wait(t); status != 1 {
				t.Errorf("exit status %d; want 1", status)
			}
			if lines := p.Log().Lines(); len(lines) != 1 || !noSpace(disk).MatchString(lines[0]) {
				t.Errorf("output = %q; want one line that says how much is free", lines)
			}
			disk.Empty(t)
			p.Restart(t)
			awaitServing(t, p, addr, 1)
			send(t, addr, "with space")
		})
	}
}

// noSpace returns what a start says for want of space on disk.
func noSpace(disk *storetest.Disk) *regexp.Regexp {
	return regexp.MustCompile(`only \d+ KiB are free in ` + regexp.QuoteMeta(disk.Dir) + `: .+`)
}

// try sends a message and returns the answer.
func try(t *testing.T, addr, text string) (status int, body string) {
	t.Helper()
	form := strings.NewReader(`{"chat":"john:doe","sender":"john","text":"` + text + `"}`)
	resp, err := http.Post("http://"+addr+"/api/send", "application/json", form)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(content)
}

// wantTexts checks that the chat has the messages of these texts, and no others.
func wantTexts(t *testing.T, addr string, texts []string) {
	t.Helper()
	got := answer(t, http.MethodGet, "http://"+addr+"/api/pull?limit=1000&chat=john:doe", "")
	at := 0
	for _, text := range texts {
		i := strings.Index(got[at:], `"text":"`+text+`"`)
		if i < 0 {
			t.Errorf("%.20q was acknowledged, and is not there in its place", text)
			continue
		}
		at += i + 1
	}
	if n := strings.Count(got, `"text":`); n != len(texts) {
		t.Errorf("%d messages; want %d", n, len(texts))
	}
}
