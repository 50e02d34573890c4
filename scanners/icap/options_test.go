// SPDX-License-Identifier: Apache-2.0

package icap

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mailweir/mailweir/scanners"
)

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Options)
		err    string
	}{
		{name: "defaults and a URL", change: func(*Options) {}},
		{name: "no port", change: func(o *Options) { o.URL = "icap://av.example.org/scan" }},
		{name: "arguments", change: func(o *Options) { o.URL = "icap://[::1]:1344/virus_scan?allow204=on&mode=simple" }},
		{name: "no URL", change: func(o *Options) { o.URL = "" }, err: `url "": want icap://host:port/service`},
		{name: "http", change: func(o *Options) { o.URL = "http://127.0.0.1/scan" }, err: "want icap://"},
		{name: "no service", change: func(o *Options) { o.URL = "icap://127.0.0.1:1344/" }, err: "want icap://"},
		{name: "no host", change: func(o *Options) { o.URL = "icap://:1344/scan" }, err: "want icap://"},
		{name: "password", change: func(o *Options) { o.URL = "icap://a:b@127.0.0.1/scan" }, err: "want icap://"},
		{name: "space", change: func(o *Options) { o.URL = "icap://127.0.0.1/scan?a b" }, err: "want icap://"},
		{name: "line feed", change: func(o *Options) { o.URL = "icap://127.0.0.1/scan\r\nHost: x" }, err: "want icap://"},
		{name: "long", change: func(o *Options) { o.URL = "icap://127.0.0.1/" + strings.Repeat("x", maxURL) }, err: "want icap://"},
		{name: "method", change: func(o *Options) { o.Method = "RESPMOD" }, err: `method "RESPMOD": want respmod or reqmod`},
		{name: "preview", change: func(o *Options) { o.Preview = "4096" }},
		{name: "large preview", change: func(o *Options) { o.Preview = "65537" }, err: `preview "65537": want off, auto or a number`},
		{name: "negative preview", change: func(o *Options) { o.Preview = "-1" }, err: "preview"},
		{name: "early_204", change: func(o *Options) { o.Early204 = "yes" }, err: `early_204 "yes": want unscannable or clean`},
		{name: "max_size", change: func(o *Options) { o.MaxSize = -1 }, err: "max_size -1: want 0 or more"},
		{name: "header", change: func(o *Options) { o.Headers = map[string]string{"X-A": "b"} }},
		{name: "no header", change: func(o *Options) { o.Headers = map[string]string{"X A": "b"} }, err: "is no header field"},
		{name: "two headers in one", change: func(o *Options) { o.Headers = map[string]string{"A": "b\r\nC: d"} }, err: "is no header field"},
		{name: "our header", change: func(o *Options) { o.Headers = map[string]string{"allow": "206"} }, err: "allow is set by mailweir"},
		{name: "long header", change: func(o *Options) { o.Headers = map[string]string{"A": strings.Repeat("b", maxExtraHeaders)} }, err: "want at most 4096"},
		{name: "threat header", change: func(o *Options) { o.ThreatHeaders = []string{"X-Blocked"} }},
		{name: "no threat header", change: func(o *Options) { o.ThreatHeaders = []string{""} }, err: "threat_headers"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := at("127.0.0.1:1344")
			tt.change(&o)
			wantReport(t, scanners.Report{}, o.Validate(), scanners.Report{}, tt.err)
		})
	}
}

// TestLongestHead has the longest request that the options allow.
func TestLongestHead(t *testing.T) {
	o := at("127.0.0.1:1344")
	o.URL += strings.Repeat("x", maxURL-len(o.URL))
	o.Headers = map[string]string{"A": strings.Repeat("b", maxExtraHeaders-len("A: \r\n"))}
	if got := len(newScanner(t, o).requestHead(1<<62, maxPreview)); got > maxHead {
		t.Errorf("head has %d octets, want at most %d", got, maxHead)
	}
}

func TestReadOptions(t *testing.T) {
	ok := "ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nISTag: \"v1\"\r\n"
	tests := []struct {
		name string
		in   string
		want serverOptions
		err  string
	}{
		{name: "all", in: optionsAnswer, want: serverOptions{engine: "Fake 1", tag: "v1", preview: 40, age: time.Minute}},
		{name: "little", in: ok + "\r\n", want: serverOptions{tag: "v1", preview: previewOff, age: maxOptionsAge}},
		{name: "two fields Methods", in: "ICAP/1.0 200 OK\r\nMethods: REQMOD\r\nMethods: respmod\r\nServer: A\r\n\r\n", want: serverOptions{engine: "A", preview: previewOff, age: maxOptionsAge}},
		{name: "large preview", in: ok + "Preview: 2000000000\r\n\r\n", want: serverOptions{tag: "v1", preview: maxPreview, age: maxOptionsAge}},
		{name: "long life", in: ok + "Options-TTL: 999999\r\n\r\n", want: serverOptions{tag: "v1", preview: previewOff, age: maxOptionsAge}},
		{name: "other method", in: "ICAP/1.0 200 OK\r\nMethods: REQMOD\r\nISTag: x\r\n\r\n", err: "does not know respmod"},
		{name: "no name", in: "ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\n\r\n", err: "neither Service nor ISTag"},
		{name: "no number", in: ok + "Preview: -1\r\n\r\n", err: "unexpected Preview"},
		{name: "no time", in: ok + "Options-TTL: soon\r\n\r\n", err: "unexpected Options-TTL"},
		{name: "no service", in: "ICAP/1.0 404 Service not found\r\n\r\n", err: "404 Service not found"},
		{name: "no end", in: ok, err: "unexpected EOF"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := readOptions(strings.NewReader(tt.in), "respmod")
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(serverOptions{})); diff != "" {
				t.Errorf("options (-want +got):\n%s", diff)
			}
			wantReport(t, scanners.Report{}, err, scanners.Report{}, tt.err)
		})
	}
}

// FuzzOptions: what is accepted is within its bounds.
func FuzzOptions(f *testing.F) {
	f.Add(optionsAnswer)
	f.Add("ICAP/1.0 200 OK\r\nMethods: RESPMOD\r\nISTag: \"\"\r\nService: \x01\r\nPreview: 0\r\nOptions-TTL: 0\r\n\r\n")
	f.Add("ICAP/1.0 200 OK\r\nMethods: REQMOD\r\n , RESPMOD\r\n\r\n")
	f.Fuzz(func(t *testing.T, in string) {
		o, err := readOptions(strings.NewReader(in), "respmod")
		if err != nil {
			return
		}
		if o.preview < previewOff || o.preview > maxPreview || o.age < 0 || o.age > maxOptionsAge || scanners.Line(o.engine+o.tag) == "" {
			t.Errorf("%q: got %+v", in, o)
		}
	})
}

func TestKind(t *testing.T) {
	k := Kind()
	o := k.Options().(*Options)
	_, err := k.New(o, scanners.Deps{})
	wantReport(t, scanners.Report{}, err, scanners.Report{}, `icap: url ""`)
	o.URL = "icap://127.0.0.1/scan"
	if s, err := k.New(o, scanners.Deps{}); err != nil || s.(*Scanner).service.address != "127.0.0.1:1344" {
		t.Errorf("default port: got %+v, %v", s, err)
	}
	if _, err := k.New(*o, scanners.Deps{}); err == nil {
		t.Error("options by value: no error")
	}
}
