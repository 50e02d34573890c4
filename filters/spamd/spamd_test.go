// SPDX-License-Identifier: Apache-2.0

package spamd

import (
	"context"
	"errors"
	"io"
	"net"
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
			server := fake.Listen(t, saying(symbolsReply("7.5", "GTUBE", "BAYES_99")))
			return newFilter(t, []string{server.Addr()}, filters.Deps{}, func(o *Options) {
				o.Rules, o.MaxSize, o.Large = map[string]float64{"GTUBE": 1}, 2000, largeTruncate
			})
		},
		Messages: []string{"Subject: large\r\n\r\n" + strings.Repeat("more than max_size\r\n", 200)},
	})
}

const (
	hello = "Subject: hello\r\n\r\nhello\r\n"
	top   = "Return-Path: <from@example.org>\r\n" // From the envelope of the suite.
)

func TestFindings(t *testing.T) {
	const report = "Content preview:  -9 FORGED_RULE x\n ---- not a table\n -9 FORGED_TOO x\n\n" +
		" pts rule name              description\n---- ---------------------- --------------------\n" +
		" 2.7 MISSING_DATE           Missing Date: header\n-0.0 NO_RELAYS   Informational\n1000 GTUBE         BODY: Test\n" +
		"                            of more lines\n 1.5*BAD\n 0.5* AWL   x\n"
	tests := []struct {
		name   string
		change func(*Options)
		reply  string
		text   string
		want   []filters.Finding
	}{
		{
			name: "spam", reply: symbolsReply("15.2", "BAYES_99", "HTML_MESSAGE"),
			want: []filters.Finding{{Code: codeScore, Class: filters.Spam, Score: 15.2, Detail: "15.2 of 5 by S: BAYES_99, HTML_MESSAGE"}},
		},
		{
			name: "ham", reply: symbolsReply("-2.1"),
			want: []filters.Finding{{Code: codeScore, Class: filters.Spam, Score: -2.1, Detail: "-2.1 of 5 by S"}},
		},
		{
			name: "bounded", reply: symbolsReply("1004.3", "GTUBE"),
			want: []filters.Finding{{Code: codeScore, Class: filters.Spam, Score: 20, Detail: "1004.3 of 5 by S: GTUBE"}},
		},
		{
			name: "bounded below", reply: symbolsReply("-99.8", "USER_IN_WELCOMELIST"),
			want: []filters.Finding{{Code: codeScore, Class: filters.Spam, Score: -5, Detail: "-99.8 of 5 by S: USER_IN_WELCOMELIST"}},
		},
		{
			name: "factor and rules", reply: symbolsReply("3.0", "A", "B", "A", "C"),
			change: func(o *Options) { o.Factor, o.Rules = .5, map[string]float64{"A": 2, "C": -1.5, "D": 9} },
			want: []filters.Finding{
				{Code: codeScore, Class: filters.Spam, Score: 1.5, Detail: "3 of 5 by S: A, B, A, C"},
				{Code: codeRule, Class: filters.Spam, Score: 2, Detail: "A"},
				{Code: codeRule, Class: filters.Spam, Score: -1.5, Detail: "C"},
			},
		},
		{
			name: "report", reply: "SPAMD/1.1 0 EX_OK\r\nSpam: True ; 6.5 / 5.0\r\n\r\n" + report,
			change: func(o *Options) {
				o.Command, o.Rules = "report", map[string]float64{"FORGED_RULE": -9, "FORGED_TOO": -9, "GTUBE": 3}
			},
			want: []filters.Finding{
				{Code: codeScore, Class: filters.Spam, Score: 6.5, Detail: "6.5 of 5 by S: MISSING_DATE 2.7, NO_RELAYS -0.0, GTUBE 1000, AWL 0.5"},
				{Code: codeRule, Class: filters.Spam, Score: 3, Detail: "GTUBE"},
			},
		},
		{
			name: "check", reply: "SPAMD/1.1 0 EX_OK\r\nSpam: False ; 0.1 / 5.0\r\n\r\n", change: func(o *Options) { o.Command = "check" },
			want: []filters.Finding{{Code: codeScore, Class: filters.Spam, Score: 0.1, Detail: "0.1 of 5 by S"}},
		},
		{
			name: "too large", text: hello + strings.Repeat("x", 1024), change: func(o *Options) { o.MaxSize = 1024 },
			want: []filters.Finding{{Code: codeSize, Class: filters.Spam, Detail: "1049 octets are more than 1KiB: not asked"}},
		},
		{
			name: "truncated", text: hello + strings.Repeat("x", 1024), reply: symbolsReply("1.0"),
			change: func(o *Options) { o.MaxSize, o.Large = 1024, largeTruncate },
			want: []filters.Finding{
				{Code: codeScore, Class: filters.Spam, Score: 1, Detail: "1 of 5 by S"},
				{Code: codeSize, Class: filters.Spam, Detail: "1049 octets are more than 1KiB: asked about the first of them"},
			},
		},
		{
			name: "refusal", reply: "SPAMD/1.0 69 Service Unavailable: no\r\n",
			want: []filters.Finding{{Code: codeNoAnswer, Class: filters.Spam, Detail: `S: spamd says 69 "Service Unavailable: no"`}},
		},
		{
			name: "refusal, required", reply: "SPAMD/1.0 69 Service Unavailable: no\r\n", change: func(o *Options) { o.Required = true },
			want: []filters.Finding{{Code: codeFailure, Class: filters.Failure, Detail: `S: spamd says 69 "Service Unavailable: no"`}},
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

// TestRequest: what spamd is told, to the octet.
func TestRequest(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		to     []string
		text   string
		want   heard
	}{
		{name: "plain", want: heard{"SYMBOLS SPAMC/1.5", map[string]string{"Content-length": "58"}, top + hello}},
		{name: "check", change: func(o *Options) { o.Command = "check" }, want: heard{"CHECK SPAMC/1.5", map[string]string{"Content-length": "58"}, top + hello}},
		{name: "empty", text: "\x00", want: heard{"SYMBOLS SPAMC/1.5", map[string]string{"Content-length": "33"}, top}},
		{
			name: "user", change: func(o *Options) { o.User = "site" },
			want: heard{"SYMBOLS SPAMC/1.5", map[string]string{"Content-length": "58", "User": "site"}, top + hello},
		},
		{
			name: "recipient", change: func(o *Options) { o.User = userOfOne }, to: []string{"Ann+x@example.org"},
			want: heard{"SYMBOLS SPAMC/1.5", map[string]string{"Content-length": "58", "User": "Ann+x@example.org"}, top + hello},
		},
		{
			name: "recipients", change: func(o *Options) { o.User = userOfOne }, to: []string{"ann@example.org", "ben@example.org"},
			want: heard{"SYMBOLS SPAMC/1.5", map[string]string{"Content-length": "58"}, top + hello},
		},
		{
			name: "recipient that is a path", change: func(o *Options) { o.User = userOfOne }, to: []string{`../../etc@example.org`},
			want: heard{"SYMBOLS SPAMC/1.5", map[string]string{"Content-length": "58"}, top + hello},
		},
		{
			name: "recipient with a line end", change: func(o *Options) { o.User = userOfOne }, to: []string{"a\r\nUser: root@example.org"},
			want: heard{"SYMBOLS SPAMC/1.5", map[string]string{"Content-length": "58"}, top + hello},
		},
		{
			name: "truncated", change: func(o *Options) { o.MaxSize, o.Large = 1024, largeTruncate }, text: strings.Repeat("x", 5000),
			want: heard{"SYMBOLS SPAMC/1.5", map[string]string{"Content-length": "1057"}, top + strings.Repeat("x", 1024)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := make(chan heard, 1)
			server := fake.Listen(t, answering(func(h heard) string {
				got <- h
				return symbolsReply("1.0")
			}))
			f := newFilter(t, []string{server.Addr()}, filters.Deps{}, tt.change)
			env := filtertest.Envelope()
			if tt.to != nil {
				env.RcptTo = nil
				for _, to := range tt.to {
					env.RcptTo = append(env.RcptTo, mail.NewPath(to))
				}
			}
			text := hello
			if tt.text != "" {
				text = strings.TrimPrefix(tt.text, "\x00")
			}
			if _, err := f.Inspect(t.Context(), env, filtertest.Message(t, text)); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, <-got, cmp.AllowUnexported(heard{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompress(t *testing.T) {
	for _, text := range []string{"", hello, strings.Repeat("all work and no play\r\n", 20_000)} {
		got := make(chan heard, 1)
		server := fake.Listen(t, answering(func(h heard) string {
			got <- h
			return symbolsReply("1.0")
		}))
		if _, err := inspect(t, newFilter(t, []string{server.Addr()}, filters.Deps{}, func(o *Options) { o.Compress = true }), text); err != nil {
			t.Fatal(err)
		}
		if h := <-got; h.body != top+text || h.fields["Compress"] != "zlib" {
			t.Errorf("%d octets: got %v, %d octets", len(text), h.fields, len(h.body))
		}
	}
}

// TestReturnPath: the reverse-path goes on top, unless it would be more than one field.
func TestReturnPath(t *testing.T) {
	tests := []struct{ name, from, text, want string }{
		{"path", "a@example.org", hello, "Return-Path: <a@example.org>\r\n"},
		{"null", "", hello, "Return-Path: <>\r\n"},
		{"lines that end with LF", "a@example.org", "Subject: x\n\nx\n", "Return-Path: <a@example.org>\n"},
		{"line end", "a\r\nX-Spam: no@example.org", hello, ""},
		{"long", strings.Repeat("x", 1025), hello, ""},
	}
	for _, tt := range tests {
		env := filtertest.Envelope()
		env.MailFrom = mail.NewPath(tt.from)
		if got := returnPath(env, filtertest.Message(t, tt.text)); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	if got := returnPath(nil, filtertest.Message(t, hello)); got != "" {
		t.Errorf("no envelope: got %q", got)
	}
}

// brokenReader is a message on a disk that fails.
type brokenReader struct{ io.ReaderAt }

var errDisk = errors.New("disk is broken")

func (brokenReader) ReadAt([]byte, int64) (int, error) { return 0, errDisk }

// TestBrokenMessage: a message that cannot be read is an error, and no server is blamed.
func TestBrokenMessage(t *testing.T) {
	server := fake.Listen(t, saying(symbolsReply("1.0")))
	_, err := check(t.Context(), server.Addr(), &query{command: "CHECK", content: brokenReader{}, size: 100})
	if !errors.Is(err, errDisk) {
		t.Errorf("got %v", err)
	}
}

// endlessReader has as much as anybody wants.
type endlessReader struct{}

func (endlessReader) ReadAt(p []byte, _ int64) (int, error) { return len(p), nil }

// TestCompressEnds: when the time is over a large message is not compressed any further.
func TestCompressEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q := query{command: "CHECK", content: endlessReader{}, size: 1 << 40, compress: true}
	if err := q.send(ctx, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
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
		saying(symbolsReply("1.0"))(c)
	})
	other := fake.Listen(t, saying(symbolsReply("2.0")))
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
			t.Errorf("mailweir_spamd_server_up: got %v, want %v", got, want)
		}
	}
	for range 5 {
		up(1)
		by(2)
	}
	up(0)
	before := flapping.Accepted()
	by(2)
	if flapping.Accepted() != before {
		t.Error("a server that is switched off was asked")
	}
	now = now.Add(5 * time.Second)
	by(2)
	up(0)
	alive.Store(true)
	by(2) // It is left alone for twice as long.
	now = now.Add(10 * time.Second)
	by(1)
	up(1)
}
