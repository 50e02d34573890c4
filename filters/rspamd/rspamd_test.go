// SPDX-License-Identifier: Apache-2.0

package rspamd

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mailweir/mailweir/filters"
	"github.com/mailweir/mailweir/filters/filtertest"
	"github.com/mailweir/mailweir/internal/fake"
	"github.com/mailweir/mailweir/mail"
)

func TestConformance(t *testing.T) {
	filtertest.Run(t, filtertest.Suite{
		New: func(t testing.TB) filters.Filter {
			server := fake.Listen(t, saying(scored("16.5", "reject", `,"symbols":{"GTUBE":{"score":0.0},"BAYES_SPAM":{"score":5.1}}`)))
			return newFilter(t, []string{server.Addr()}, filters.Deps{}, func(o *Options) { o.Rules, o.MaxSize = map[string]float64{"GTUBE": 1}, 20_000 })
		},
		Messages: []string{"Subject: large\r\n\r\n" + strings.Repeat("more than max_size\r\n", 2000)},
	})
}

// spamFinding is a finding as this filter has them.
func spamFinding(code string, score float64, detail string) filters.Finding {
	return filters.Finding{Code: code, Class: filters.Spam, Score: score, Detail: detail}
}

func TestFindings(t *testing.T) {
	symbols := `,"symbols":{"A":{"name":"A","score":1.25,"metric_score":9,"description":"x","options":["o"]},"B":{"score":-3},"C":{"score":0.0}}`
	tests := []struct {
		name   string
		change func(*Options)
		reply  string
		text   string
		want   []filters.Finding
	}{
		{name: "spam", reply: scored("8.5", "add header", symbols), want: []filters.Finding{spamFinding(codeScore, 8.5, "8.5 of 15 by S: B -3, A 1.25, C 0")}},
		{name: "ham", reply: scored("-1.3", "no action", ""), want: []filters.Finding{spamFinding(codeScore, -1.3, "-1.3 of 15 by S")}},
		{name: "subject", reply: scored("7", "rewrite subject", ""), want: []filters.Finding{spamFinding(codeScore, 7, "7 of 15 by S")}},
		{name: "bounded below", reply: scored("-900", "no action", ""), want: []filters.Finding{spamFinding(codeScore, -5, "-900 of 15 by S")}},
		{
			name: "reject", reply: scored("900", "reject", `,"messages":{"smtp_message":"Gtube pattern"}`),
			want: []filters.Finding{spamFinding(codeScore, 20, "900 of 15 by S"), spamFinding(codeReject, 0, "reject: Gtube pattern")},
		},
		{
			name: "soft reject", reply: scored("2", "soft reject", `,"messages":{"smtp_message":"Try again later"}`),
			want: []filters.Finding{spamFinding(codeScore, 2, "2 of 15 by S"), spamFinding(codeSoftReject, 0, "soft reject: Try again later")},
		},
		{
			name: "greylist", reply: scored("4.1", "greylist", `,"messages":["odd"]`),
			want: []filters.Finding{spamFinding(codeScore, 4.1, "4.1 of 15 by S"), spamFinding(codeGreylist, 0, "greylist")},
		},
		{
			name: "another action", reply: scored("4.1", "quarantine", ""),
			want: []filters.Finding{spamFinding(codeScore, 4.1, "4.1 of 15 by S"), spamFinding(codeAction, 0, "quarantine")},
		},
		{
			name: "skipped", reply: httpReply(200, `{"is_skipped":true,"score":0.0,"required_score":15,"action":"no action","symbols":{}}`),
			want: []filters.Finding{spamFinding(codeScore, 0, "0 of 15 by S (skipped)")},
		},
		{
			name: "factor and rules", reply: scored("3", "no action", symbols),
			change: func(o *Options) { o.Factor, o.Rules = .5, map[string]float64{"A": 2, "C": -1.5, "D": 9} },
			want: []filters.Finding{
				spamFinding(codeScore, 1.5, "3 of 15 by S: B -3, A 1.25, C 0"), spamFinding(codeRule, 2, "A"), spamFinding(codeRule, -1.5, "C"),
			},
		},
		{
			name: "chunked", reply: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n33\r\n{\"score\":1,\"required_score\":15,\"action\":\"no action\"\r\n1\r\n}\r\n0\r\n\r\n",
			want: []filters.Finding{spamFinding(codeScore, 1, "1 of 15 by S")},
		},
		{
			name: "too large", text: hello + strings.Repeat("x", 1024), change: func(o *Options) { o.MaxSize = 1024 },
			want: []filters.Finding{spamFinding(codeSize, 0, "1049 octets are more than 1KiB: not asked")},
		},
		{
			name: "refusal", reply: httpReply(500, `{"error":"invalid command","error_domain":"protocol-error"}`),
			want: []filters.Finding{spamFinding(codeNoAnswer, 0, `S: rspamd says 500 "invalid command"`)},
		},
		{
			name: "refusal, required", reply: httpReply(403, `no JSON`), change: func(o *Options) { o.Required = true },
			want: []filters.Finding{{Code: codeFailure, Class: filters.Failure, Detail: `S: rspamd says 403`}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := fake.ListenUnix(t, saying(tt.reply))
			if tt.text == "" {
				tt.text = hello
			}
			got, err := inspect(t, newFilter(t, []string{server.Addr()}, filters.Deps{}, tt.change), tt.text)
			for i := range got {
				got[i].Detail = strings.ReplaceAll(got[i].Detail, server.Addr(), "S")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// TestManyLinks: rspamd tells all hosts and mail addresses that a message names, by default up to 10,240 of each. They are passed over.
func TestManyLinks(t *testing.T) {
	var urls strings.Builder
	for i := range 10_240 {
		fmt.Fprintf(&urls, `"%s%d.example.org",`, strings.Repeat("x", 235), i)
	}
	list := "[" + strings.TrimSuffix(urls.String(), ",") + "]"
	server := fake.Listen(t, saying(scored("7", "add header", `,"urls":`+list+`,"emails":`+list+`,"symbols":{"A":{"score":7,"options":["x"]}}`)))
	got, err := inspect(t, newFilter(t, []string{server.Addr()}, filters.Deps{}, nil), hello)
	if err != nil || len(got) != 1 || got[0].Score != 7 || !strings.HasSuffix(got[0].Detail, ": A 7") {
		t.Errorf("got %v, %v", got, err)
	}
}

// TestFacts: what rspamd is told of the envelope.
func TestFacts(t *testing.T) {
	recipients := func(n int) []mail.Path {
		var all []mail.Path
		for i := range n {
			all = append(all, mail.NewPath(fmt.Sprintf("to%d@example.net", i)))
		}
		return all
	}
	tests := []struct {
		name   string
		change func(*Options)
		env    func(*mail.Envelope)
		want   http.Header
	}{
		{
			name: "all", change: func(o *Options) { o.Settings, o.Password, o.MTAName = "ours", "secret", "mx.example.net" },
			env: func(e *mail.Envelope) { e.Client.Ident, e.Listener = "4XYZ", "incoming" },
			want: http.Header{
				"Ip": {"192.0.2.1"}, "Helo": {"client.example.org"}, "Hostname": {"client.example.org"}, "From": {"<from@example.org>"},
				"Rcpt": {"<to@example.net>"}, "Deliver-To": {"to@example.net"}, "Queue-Id": {"4XYZ"}, "Settings-Id": {"ours"}, "Password": {"secret"},
				"Mta-Name": {"mx.example.net"}, "Mta-Tag": {"incoming"},
			},
		},
		{
			name: "little is known",
			env: func(e *mail.Envelope) {
				e.Client, e.MailFrom, e.RcptTo = mail.Client{}, mail.NewPath(""), recipients(3)
			},
			want: http.Header{"From": {"<>"}, "Rcpt": {"<to0@example.net>", "<to1@example.net>", "<to2@example.net>"}, "Queue-Id": {"test"}},
		},
		{
			name: "outbound", env: func(e *mail.Envelope) { e.Outbound, e.Client = true, mail.Client{Addr: "IPv6:nonsense"} },
			want: http.Header{
				"From": {"<from@example.org>"}, "User": {"from@example.org"}, "Rcpt": {"<to@example.net>"}, "Deliver-To": {"to@example.net"}, "Queue-Id": {"test"},
			},
		},
		{
			name: "hostile",
			env: func(e *mail.Envelope) {
				e.Listener = "a\rb"
				e.Client = mail.Client{Addr: "::ffff:192.0.2.7", HELO: "x\r\nIp: 127.0.0.1", Name: strings.Repeat("x", 2000), Ident: "a\x00b"}
				e.RcptTo = []mail.Path{mail.NewPath("a\nb@example.org")}
			},
			want: http.Header{"Ip": {"192.0.2.7"}, "From": {"<from@example.org>"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := make(chan heard, 1)
			server := fake.Listen(t, answering(func(h heard) string {
				got <- h
				return scored("1", "no action", "")
			}))
			env := filtertest.Envelope()
			tt.env(env)
			f := newFilter(t, []string{server.Addr()}, filters.Deps{}, tt.change)
			if _, err := f.Inspect(t.Context(), env, filtertest.Message(t, hello)); err != nil {
				t.Fatal(err)
			}
			if host, err := os.Hostname(); err == nil && tt.want["Mta-Name"] == nil {
				tt.want["Mta-Name"] = []string{host}
			}
			tt.want["User-Agent"], tt.want["Connection"], tt.want["Content-Length"] = []string{"mailweir"}, []string{"close"}, []string{"25"}
			if diff := cmp.Diff(heard{"POST /checkv2", tt.want, hello}, <-got, cmp.AllowUnexported(heard{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	o := DefaultOptions()
	env := filtertest.Envelope()
	env.RcptTo = recipients(600)
	if got := len(o.facts(env)["Rcpt"]); got != maxRecipients {
		t.Errorf("of 600 recipients %d are told", got)
	}
	for i := range env.RcptTo {
		env.RcptTo[i] = mail.NewPath(strings.Repeat("x", 900) + "@example.org")
	}
	if got := len(o.facts(env)["Rcpt"]); got > maxFacts/900 {
		t.Errorf("of 600 long recipients %d are told", got)
	}
}

// brokenReader is a message on a disk that fails.
type brokenReader struct{ io.ReaderAt }

var errDisk = errors.New("disk is broken")

func (brokenReader) ReadAt([]byte, int64) (int, error) { return 0, errDisk }

// TestBrokenMessage: a message that cannot be read is an error, and no server is blamed; also if it is shorter than it was.
func TestBrokenMessage(t *testing.T) {
	server := fake.Listen(t, saying(scored("1", "no action", "")))
	for want, r := range map[error]io.ReaderAt{errDisk: brokenReader{}, io.ErrUnexpectedEOF: strings.NewReader("short")} {
		_, err := check(t.Context(), server.Addr(), &request{method: "POST", path: "/checkv2", header: http.Header{}, content: r, size: 100})
		if !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

// TestSwitchedOff: a dead server is switched off, said so, and in use again when it is back. The other one answers meanwhile.
func TestSwitchedOff(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	var alive atomic.Bool
	flapping := fake.Listen(t, func(c net.Conn) {
		if !alive.Load() {
			fake.Reset(c)
			return
		}
		saying(scored("1", "no action", ""))(c)
	})
	other := fake.Listen(t, saying(scored("2", "no action", "")))
	reg := prometheus.NewRegistry()
	f := newFilter(t, []string{flapping.Addr(), other.Addr()}, filters.Deps{Registerer: reg, Now: func() time.Time { return now }}, nil)
	by := func(want float64) {
		t.Helper()
		if got, err := inspect(t, f, hello); err != nil || len(got) != 1 || got[0].Score != want {
			t.Fatalf("got %v, %v, want points %v", got, err, want)
		}
	}
	up := func(want float64) {
		t.Helper()
		m, err := newMetrics(reg, nil, nil) // The registered ones.
		if err != nil {
			t.Fatal(err)
		}
		if got := testutil.ToFloat64(m.Up.WithLabelValues(flapping.Addr())); got != want {
			t.Errorf("mailweir_rspamd_server_up: got %v, want %v", got, want)
		}
	}
	for range 5 {
		up(1)
		by(2)
	}
	up(0)
	now = now.Add(5 * time.Second)
	by(2)
	alive.Store(true)
	by(2) // It is left alone for twice as long.
	now = now.Add(10 * time.Second)
	by(1)
	up(1)
}
