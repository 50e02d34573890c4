// SPDX-License-Identifier: Apache-2.0

package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/mailweir/mailweir/authn"
)

// Meta says who reports, and about what time.
type Meta struct {
	Organisation string // Ours, in words.
	Email        string // Ours, for questions.
	ID           string // Of the report; unique among ours.
	Begin, End   time.Time
}

// feedback is the document of RFC 7489 appendix C.
type feedback struct {
	XMLName  xml.Name `xml:"feedback"`
	Version  string   `xml:"version"`
	Metadata struct {
		Organisation string `xml:"org_name"`
		Email        string `xml:"email"`
		ID           string `xml:"report_id"`
		Begin        int64  `xml:"date_range>begin"`
		End          int64  `xml:"date_range>end"`
	} `xml:"report_metadata"`
	Policy  published `xml:"policy_published"`
	Records []record  `xml:"record"`
}

type published struct {
	Domain     string `xml:"domain"`
	ADKIM      string `xml:"adkim"`
	ASPF       string `xml:"aspf"`
	Policy     string `xml:"p"`
	Subdomains string `xml:"sp"`
	Percent    int    `xml:"pct"`
	Failure    string `xml:"fo"`
}

type record struct {
	Row struct {
		Source      string  `xml:"source_ip"`
		Count       int64   `xml:"count"`
		Disposition string  `xml:"policy_evaluated>disposition"`
		DKIM        string  `xml:"policy_evaluated>dkim"`
		SPF         string  `xml:"policy_evaluated>spf"`
		Reason      *reason `xml:"policy_evaluated>reason"`
	} `xml:"row"`
	EnvelopeFrom string      `xml:"identifiers>envelope_from"`
	HeaderFrom   string      `xml:"identifiers>header_from"`
	DKIM         []dkimEntry `xml:"auth_results>dkim"`
	SPF          spfEntry    `xml:"auth_results>spf"`
}

type reason struct {
	Type string `xml:"type"`
}

type dkimEntry struct {
	Domain   string `xml:"domain"`
	Selector string `xml:"selector,omitempty"`
	Result   string `xml:"result"`
}

type spfEntry struct {
	Domain string `xml:"domain"`
	Scope  string `xml:"scope"`
	Result string `xml:"result"`
}

var errNoRows = errors.New("there is nothing to report")

// XML writes the report about rows that are all of one policy's domain. The policy is that of the last row.
func XML(w io.Writer, m Meta, rows []Row) error {
	if len(rows) == 0 {
		return errNoRows
	}
	f := feedback{Version: "1.0"}
	f.Metadata.Organisation, f.Metadata.Email, f.Metadata.ID = m.Organisation, m.Email, m.ID
	f.Metadata.Begin, f.Metadata.End = m.Begin.Unix(), m.End.Unix()-1
	p := rows[len(rows)-1].Published
	f.Policy = published{p.Domain, mode(p.StrictDKIM), mode(p.StrictSPF), string(p.Policy), string(p.Subdomains), p.Percent, p.Failure}
	for i := range rows {
		if rows[i].Published.Domain != p.Domain {
			return fmt.Errorf("rows of %s and %s in one report", p.Domain, rows[i].Published.Domain)
		}
		f.Records = append(f.Records, rows[i].xml())
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := errors.Join(enc.Encode(f), enc.Close()); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (r *Row) xml() record {
	var x record
	x.Row.Source, x.Row.Count, x.Row.Disposition = r.Source.StringExpanded(), r.Count, string(r.Disposition) // The schema knows no "::".
	x.Row.DKIM, x.Row.SPF = verdict(r.DKIM), verdict(r.SPF)
	if r.Override != "" {
		x.Row.Reason = &reason{string(r.Override)}
	}
	x.EnvelopeFrom, x.HeaderFrom = r.MailFrom, r.HeaderFrom
	for _, s := range r.Signatures {
		x.DKIM = append(x.DKIM, dkimEntry{s.Domain, s.Selector, string(s.Result)})
	}
	x.SPF = spfEntry{r.SPFDomain, r.SPFScope, string(r.SPFResult)}
	return x
}

func mode(strict bool) string {
	if strict {
		return "s"
	}
	return "r"
}

func verdict(ok bool) string {
	if ok {
		return string(authn.Pass)
	}
	return string(authn.Fail)
}

// ID is one for the report about a domain and a day that is the same each time, so that a report that is made again can be told for what it is. It has letters
// and digits alone (RFC 7489 section 7.2.1.1).
func ID(receiver, domain string, begin time.Time) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s!%s!%d", receiver, domain, begin.Unix()))
	return hex.EncodeToString(sum[:8])
}

// FileName is the name of the report as a file, without a suffix (RFC 7489 section 7.2.1.1). receiver is our domain.
func FileName(receiver, domain string, m Meta) string {
	return fmt.Sprintf("%s!%s!%d!%d!%s", receiver, domain, m.Begin.Unix(), m.End.Unix()-1, m.ID)
}
