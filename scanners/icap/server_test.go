// SPDX-License-Identifier: Apache-2.0

package icap

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"net/textproto"
	"strconv"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/scanners"
	"github.com/mailweir/mailweir/scanners/scannertest"
)

const (
	optionsAnswer = "ICAP/1.0 200 OK\r\nMethods: RESPMOD, REQMOD\r\nService: Fake 1\r\nISTag: \"v1\"\r\nAllow: 204\r\nPreview: 40\r\n" +
		"Options-TTL: 60\r\nEncapsulated: null-body=0\r\n\r\n"
	clean204      = "ICAP/1.0 204 No Content\r\nISTag: \"v1\"\r\n\r\n"
	continue100   = "ICAP/1.0 100 Continue\r\n\r\n"
	httpOK        = "HTTP/1.1 200 OK\r\nVia: fake\r\n\r\n"
	httpForbidden = "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\n\r\n"
)

func TestConformance(t *testing.T) {
	variants := map[string]func(*Options){
		"auto preview": func(*Options) {},
		"no preview":   func(o *Options) { o.Preview = "off" },
		"empty preview, reqmod": func(o *Options) {
			o.Preview, o.Method, o.MaxSize = "0", "reqmod", 4<<20
		},
	}
	for name, change := range variants {
		t.Run(name, func(t *testing.T) {
			o := DefaultOptions()
			change(&o)
			scannertest.Run(t, scannertest.Fixture{
				New: func(t testing.TB, addr string) scanners.Scanner {
					o := o
					o.URL = "icap://" + addr + "/scan"
					return newScanner(t, o)
				},
				Serve:   serve,
				Limit:   int64(o.MaxSize),
				Garbage: garbage(),
			})
		})
	}
}

func newScanner(t testing.TB, o Options) *Scanner {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// garbage are answers that look like a clean one.
func garbage() []string {
	return []string{
		"ICAP/1.0 204 No Content\r\n",
		"ICAP/1.0 204 No Content\n\n",
		"ICAP/1.0 2040 No Content\r\n\r\n",
		"ICAP/1.1 204 No Content\r\n\r\n",
		"ICAP/1.0 200 OK\r\n\r\n",
		"ICAP/1.0 200 OK\r\nEncapsulated: null-body=0\r\n\r\n",
		"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, null-body=40\r\n\r\n" + httpOK,
		"ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=40\r\n\r\n" + httpOK + "0\r\n\r\n",
		"ICAP/1.0 100 Continue\r\n\r\n",
		"ICAP/1.0 500 Server error\r\n\r\n",
		"ICAP/1.0 404 Service not found\r\n\r\n",
		"ICAP/1.0 206 Partial Content\r\nEncapsulated: res-hdr=0, res-body=40\r\n\r\n" + httpOK + "0; use-original-body=0\r\n\r\n",
	}
}

// serve is an ICAP server as RFC 3507 has it. It answers clean content by 204.
func serve(c net.Conn, judge scannertest.Judge) error {
	in := bufio.NewReaderSize(c, 64<<10)
	for {
		q, err := readRequest(in)
		if err != nil {
			return err
		}
		answer := optionsAnswer
		if q.method != "OPTIONS" {
			report, err := judge(&requestBody{in: in, c: c, preview: q.preview})
			if err != nil {
				return err
			}
			answer = answerTo(report)
		}
		if _, err := io.WriteString(c, answer); err != nil {
			return err
		}
	}
}

func answerTo(report scanners.Report) string {
	if report.Verdict != scanners.Infected {
		return clean204
	}
	const page = "Forbidden"
	return fmt.Sprintf("ICAP/1.0 200 OK\r\nISTag: \"v1\"\r\nX-Infection-Found: Type=0; Resolution=2; Threat=%s;\r\n"+
		"Encapsulated: res-hdr=0, res-body=%d\r\n\r\n%s%x\r\n%s\r\n0\r\n\r\n", report.Signature, len(httpForbidden), httpForbidden, len(page), page)
}

// request is a request up to its body.
type request struct {
	method  string
	header  textproto.MIMEHeader
	http    []string // First lines of the encapsulated header sections.
	preview bool
}

func readRequest(in *bufio.Reader) (request, error) {
	text := textproto.NewReader(in)
	line, err := text.ReadLine()
	if err != nil {
		return request{}, err
	}
	var q request
	q.method, _, _ = strings.Cut(line, " ")
	if q.header, err = text.ReadMIMEHeader(); err != nil {
		return q, err
	}
	q.preview = q.header.Get("Preview") != ""
	var octets int
	for item := range strings.SplitSeq(q.header.Get("Encapsulated"), ",") {
		name, offset, _ := strings.Cut(strings.TrimSpace(item), "=")
		if want, err := strconv.Atoi(offset); err != nil || want != octets {
			return q, fmt.Errorf("offset of %s is %s, want %d", name, offset, octets)
		}
		if !strings.HasSuffix(name, "-hdr") {
			continue
		}
		for line := "first"; line != ""; {
			if line, err = text.ReadLine(); err != nil {
				return q, err
			}
			octets += len(line) + len("\r\n")
			if line != "" {
				q.http = append(q.http, line)
			}
		}
	}
	return q, nil
}

// requestBody reads the body of a request, and asks for what follows the preview.
type requestBody struct {
	in      *bufio.Reader
	c       io.Writer
	preview bool
	left    int64 // Of the chunk.
	end     bool
}

func (b *requestBody) Read(p []byte) (int, error) {
	for b.left == 0 && !b.end {
		if err := b.next(); err != nil {
			return 0, noEOF(err)
		}
	}
	if b.end {
		return 0, io.EOF
	}
	n, err := b.in.Read(p[:min(int64(len(p)), b.left)])
	if b.left -= int64(n); b.left == 0 && err == nil {
		_, err = b.in.Discard(len("\r\n"))
	}
	return n, noEOF(err)
}

// next reads the size of the next chunk.
func (b *requestBody) next() error {
	line, err := b.in.ReadString('\n')
	if err != nil {
		return err
	}
	size, extension, _ := strings.Cut(strings.TrimSuffix(line, "\r\n"), ";")
	if b.left, err = strconv.ParseInt(size, 16, 64); err != nil || b.left > 0 {
		return err
	}
	if _, err := b.in.Discard(len("\r\n")); err != nil {
		return err
	}
	if b.preview && extension == "" {
		b.preview = false
		_, err := io.WriteString(b.c, continue100)
		return err
	}
	if b.preview != (strings.TrimSpace(extension) == "ieof") {
		return errors.New("ieof is for the end of a preview")
	}
	b.end = true
	return nil
}

// echo answers 200 and sends every octet back as it comes, after change, and end.
func echo(change func([]byte), end string) func(net.Conn) {
	return func(c net.Conn) {
		in := bufio.NewReader(c)
		q, err := readRequest(in)
		if err != nil || q.method == "OPTIONS" {
			io.WriteString(c, optionsAnswer)
			return
		}
		body := &requestBody{in: in, c: c, preview: q.preview}
		io.WriteString(c, "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=40\r\n\r\n"+httpOK)
		out := httputil.NewChunkedWriter(c)
		buf := make([]byte, 8000)
		for {
			n, err := body.Read(buf)
			change(buf[:n])
			if n > 0 {
				out.Write(buf[:n])
			}
			if err != nil {
				break
			}
		}
		io.WriteString(c, end)
	}
}
