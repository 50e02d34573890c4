// SPDX-License-Identifier: Apache-2.0

package icap

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"github.com/mailweir/mailweir/mail"
	"github.com/mailweir/mailweir/scanners"
)

// Options are the options of an ICAP scanner.
type Options struct {
	URL           string            `yaml:"url" doc:"URL of the service: icap://host:port/service. The port may be left out."`
	Method        string            `yaml:"method" oneof:"respmod reqmod" doc:"Whether content is shown as an HTTP response or request."`
	Preview       string            `yaml:"preview" doc:"The word off, auto for what the server asks for, or a number of octets."`
	Early204      string            `yaml:"early_204" oneof:"unscannable clean" doc:"What a 204 is that comes before the server had the whole content: unscannable or clean."`
	MaxSize       mail.Size         `yaml:"max_size" doc:"The largest content that the server looks into. Larger content is unscannable. 0 is no limit."`
	Headers       map[string]string `yaml:"headers" doc:"Fields to add to every request."`
	ThreatHeaders []string          `yaml:"threat_headers" doc:"More fields that name a threat, beside X-Infection-Found, X-Violations-Found, X-Virus-ID and X-Virus-Name."`
}

// DefaultOptions show content as a response, after the preview that the server asks for: a server that does not look into large
// files, or into some kinds of them, tells so by its answer to the preview and at no other time. There is no default URL.
func DefaultOptions() Options {
	return Options{Method: "respmod", Preview: "auto", Early204: "unscannable"}
}

const (
	defaultPort     = "1344"   // RFC 3507 section 4.2.
	maxURL          = 2 << 10  // Octets.
	maxPreview      = 64 << 10 // Octets.
	maxExtraHeaders = 4 << 10  // Octets of Options.Headers as they are sent.
)

// Validate tells what is wrong with the options.
func (o *Options) Validate() error {
	var errs []error
	if _, err := parseURL(o.URL); err != nil {
		errs = append(errs, err)
	}
	if o.Method != "respmod" && o.Method != "reqmod" {
		errs = append(errs, fmt.Errorf("method %q: want respmod or reqmod", o.Method))
	}
	if _, err := parsePreview(o.Preview); err != nil {
		errs = append(errs, err)
	}
	if o.Early204 != "unscannable" && o.Early204 != "clean" {
		errs = append(errs, fmt.Errorf("early_204 %q: want unscannable or clean", o.Early204))
	}
	if o.MaxSize < 0 {
		errs = append(errs, fmt.Errorf("max_size %v: want 0 or more", o.MaxSize))
	}
	return errors.Join(append(errs, o.validateHeaders())...)
}

func (o *Options) validateHeaders() error {
	size := 0
	for name, value := range o.Headers {
		if !isToken(name) || strings.ContainsAny(value, "\r\n\x00") {
			return fmt.Errorf("headers: %q: %q is no header field", name, value)
		}
		if isOurs(name) {
			return fmt.Errorf("headers: %s is set by mailweir", name)
		}
		size += len(name) + len(value) + len(": \r\n")
	}
	if size > maxExtraHeaders {
		return fmt.Errorf("headers: %d octets, want at most %d", size, maxExtraHeaders)
	}
	for _, name := range o.ThreatHeaders {
		if !isToken(name) {
			return fmt.Errorf("threat_headers: %q is no name of a header field", name)
		}
	}
	return nil
}

// isOurs tells if a field of a request is written by the scanner itself.
func isOurs(name string) bool {
	for _, ours := range []string{"Host", "Allow", "Preview", "Encapsulated", "Transfer-Encoding", "Content-Length"} {
		if strings.EqualFold(name, ours) {
			return true
		}
	}
	return false
}

// isToken tells if s is a token of RFC 9110 section 5.6.2, such as the name of a header field.
func isToken(s string) bool {
	const special = "!#$%&'*+-.^_`|~"
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		return !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune(special, c))
	})
}

// service is a parsed URL.
type service struct {
	address string // host:port to connect to.
	host    string // As in the URL, for the field Host.
	uri     string // For the request line.
}

func parseURL(s string) (service, error) {
	u, err := url.Parse(s)
	if err != nil || len(s) > maxURL || strings.Contains(s, " ") || u.Scheme != "icap" || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Path == "" || u.Path == "/" {
		return service{}, fmt.Errorf("url %q: want icap://host:port/service", s)
	}
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	sv := service{address: net.JoinHostPort(u.Hostname(), port), host: u.Host, uri: u.String()}
	if err := scanners.CheckAddress(sv.address); err != nil {
		return service{}, err
	}
	return sv, nil
}

// No preview, or the server's wish.
const (
	previewOff  = -1
	previewAuto = -2
)

func parsePreview(s string) (int, error) {
	switch s {
	case "off":
		return previewOff, nil
	case "auto":
		return previewAuto, nil
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil || n > maxPreview {
		return 0, fmt.Errorf("preview %q: want off, auto or a number of octets up to %d", s, maxPreview)
	}
	return int(n), nil
}
