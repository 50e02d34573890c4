// SPDX-License-Identifier: Apache-2.0

// Package chromium loads pages in a real browser, before and after package markup disarmed them, and watches whether anything in them runs or
// asks for anything, and whether they look the same.
package chromium

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/debugger"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// patience is how long one page may take.
const patience = 20 * time.Second

// settle is how long a page is watched after it was loaded.
const settle = 120 * time.Millisecond

// browser is one that shows pages of ours and reaches nothing else: every other host name leads to the recorder.
type browser struct {
	ctx      context.Context
	site     *httptest.Server
	recorder net.Listener
	outside  *tls.Config // Of the recorder.
	image    []byte      // What it answers.

	mu    sync.Mutex
	pages map[string]served
	asked []string // What was asked for of other hosts.
	ran   []string // What ran.
}

// served is a page as it is handed out.
type served struct {
	body  []byte
	media string
}

// newBrowser starts the browser, or skips the test with what is missing.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed (apt-get install chromium)")
	}
	b := &browser{pages: map[string]served{}, image: square()}
	b.site = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.site.Close)
	secure := httptest.NewTLSServer(nil)
	t.Cleanup(secure.Close)
	b.outside = &tls.Config{Certificates: secure.TLS.Certificates, NextProtos: []string{"http/1.1"}}
	if b.recorder, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.recorder.Close() })
	go b.record()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Headless, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("host-resolver-rules", "MAP * "+b.recorder.Addr().String()+", EXCLUDE 127.0.0.1"),
		chromedp.Flag("ignore-certificate-errors", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-popup-blocking", false), chromedp.Flag("autoplay-policy", "no-user-gesture-required"),
		chromedp.WindowSize(1000, 800),
	)
	alloc, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	b.ctx = ctx
	if err := b.begin(); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	return b
}

// begin asks the browser to tell what happens.
func (b *browser) begin() error {
	if err := chromedp.Do(b.ctx, chromedp.Navigate("about:blank")); err != nil {
		return err
	}
	_, e1 := chromedp.Call(b.ctx, network.Enable, network.EnableParams{})
	_, e2 := chromedp.Call(b.ctx, debugger.Enable, debugger.EnableParams{})
	_, e3 := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: quiet})
	_, e4 := chromedp.Call(b.ctx, runtime.Enable, cdp.Empty{})
	return errors.Join(e1, e2, e3, e4, chromedp.Listen(b.ctx, b.event), chromedp.ListenBrowser(b.ctx, b.event))
}

// quiet has dialogs tell that a program runs, where they would hold up the page.
const quiet = `for (const n of ['alert', 'confirm', 'prompt', 'print', 'open']) window[n] = () => console.debug('mailweir')
//# sourceURL=mailweir:quiet`

func (b *browser) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	p, ok := b.pages[r.URL.Path]
	b.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", p.media)
	_, _ = w.Write(p.body)
}

func (b *browser) note(list *[]string, what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(*list) < 20 {
		*list = append(*list, what)
	}
}

// event is told by the browser what happens.
func (b *browser) event(ev any) {
	switch e := ev.(type) {
	case *debugger.EventScriptParsed:
		if !strings.HasPrefix(e.URL, "mailweir:") && e.URL != "" || e.URL == "" && e.StackTrace != nil {
			b.note(&b.ran, "script of "+e.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeDebug {
			b.note(&b.ran, "dialog")
		}
	case *target.EventTargetCreated:
		if e.TargetInfo.Type == "page" && e.TargetInfo.OpenerID != "" {
			b.note(&b.ran, "window "+e.TargetInfo.URL)
		}
	case *network.EventRequestWillBeSent:
		b.request(e.Request.URL, string(e.Type))
	case *network.EventWebSocketCreated:
		b.note(&b.asked, "web socket "+e.URL)
	}
}

func (b *browser) request(url, kind string) {
	if strings.HasPrefix(url, b.site.URL) {
		return // A relative URL leads nowhere in a message.
	}
	switch scheme, _, _ := strings.Cut(url, ":"); scheme {
	case "data", "about", "cid":
		return // The content is here.
	case "http", "https", "ws", "wss", "ftp", "file", "blob", "filesystem":
	default:
		return // No browser knows it.
	}
	b.note(&b.asked, kind+" "+url)
}

// seen is what happened with a page.
type seen struct {
	ran   []string // Programs that ran.
	asked []string // What was asked for, before anybody touched the page.
	later []string // What was asked for when somebody touched everything on it but links of the web.
}

// load shows a page, waits, and then clicks on everything.
func (b *browser) load(t *testing.T, name string, body []byte, media string) seen {
	t.Helper()
	url := b.put(name, body, media)
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := b.navigate(ctx, url); err != nil {
		t.Logf("%s: %v", name, err)
	}
	time.Sleep(settle)
	b.mu.Lock()
	s := seen{asked: append([]string(nil), b.asked...)}
	b.mu.Unlock()
	_, _ = chromedp.Run(ctx, chromedp.Evaluate[any](touchAll))
	time.Sleep(settle / 2)
	b.mu.Lock()
	defer b.mu.Unlock()
	s.ran = append([]string(nil), b.ran...)
	s.later = append([]string(nil), b.asked[len(s.asked):]...)
	return s
}

// put makes a page ready to be loaded, with nothing noted yet.
func (b *browser) put(name string, body []byte, media string) string {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	_ = chromedp.Do(ctx, chromedp.Navigate("about:blank"))
	b.mu.Lock()
	defer b.mu.Unlock()
	path := "/" + name
	b.pages[path] = served{body, media}
	b.asked, b.ran = nil, nil
	return b.site.URL + path
}

// navigate goes to a page and waits until it is there, or for as long as it takes to know that something keeps it.
func (b *browser) navigate(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	return chromedp.Do(ctx, chromedp.Navigate(url))
}

// touchAll does with every element what a reader may do with it.
const touchAll = `for (const e of document.querySelectorAll('*')) {
	for (const n of ['mouseover', 'mouseenter', 'mousemove', 'mousedown', 'mouseup', 'focus', 'focusin', 'keydown', 'keyup', 'input', 'change', 'toggle',
			'pointerover', 'pointerdown', 'wheel', 'scroll', 'copy', 'paste', 'drag', 'animationstart', 'submit'])
		try { e.dispatchEvent(new Event(n, {bubbles: false, cancelable: true})) } catch (x) {}
	if (typeof e.href === 'string' && e.href.startsWith('http') && !e.href.startsWith(location.origin)) continue
	if ((e.localName === 'a' && !e.getAttribute('href') ? 'x' : '') || (e.getAttribute('href') || e.getAttribute('xlink:href') || e.getAttribute('onclick') || '').match(/^\s*(?!http|mailto|ftp|#|\/\/)\S/i) || /^(input|button|summary|label)$/.test(e.localName))
		try { e.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true})) } catch (x) {}
}
//# sourceURL=mailweir:touch`

// scripts allows programs in the pages, or forbids them.
func (b *browser) scripts(ctx context.Context, on bool) error {
	_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
	return err
}
