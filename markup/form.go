// SPDX-License-Identifier: Apache-2.0

package markup

// beginForm looks at a form. One that sends nothing anywhere is none. To be disarmed it loses its address, and gets the method that only closes
// dialogs (HTML standard, section 4.10.22.3, step 11), so that browsers do not send it to the page that it is in.
func (s *scanner) beginForm(t *tag) {
	if s.amp {
		return
	}
	detail := ""
	for i := range t.attrs {
		a := &t.attrs[i]
		switch string(local(fold(s.names[:0], s.text[a.start:a.nameEnd]))) {
		case "action", "action-xhr", "data":
			if a.valStart == a.valEnd {
				continue
			}
			first := detail == ""
			if first {
				detail = "form to " + cut(s.text[a.valStart:a.valEnd], 80)
				s.renameAttr(a, Form, detail)
			} else {
				s.renameAttr(a, Form, "")
			}
		}
	}
	if detail == "" {
		return
	}
	s.form = true
	for i := range t.attrs {
		if a := &t.attrs[i]; string(local(fold(s.names[:0], s.text[a.start:a.nameEnd]))) == "method" {
			s.renameAttr(a, Form, "")
		}
	}
	if !s.flat {
		s.danger(Form, "", t.nameEnd, t.nameEnd, ` method="dialog"`)
	}
}

// control looks at what can be filled in or pressed. Inside a form that is disarmed it can only be read, and does not choose the method; a field for
// a password can only be read anywhere.
func (s *scanner) control(t *tag) {
	if a := s.attr(t, "formmethod"); a != nil && s.form {
		s.renameAttr(a, Form, "")
	}
	if s.amp || !writable(string(t.local), string(s.value(t, "type"))) || s.attr(t, "disabled") != nil || s.attr(t, "readonly") != nil {
		return
	}
	password := string(s.value(t, "type")) == "password"
	if !password && !s.form {
		return
	}
	detail := ""
	if password {
		detail = "password field"
	}
	s.danger(Form, detail, t.nameEnd, t.nameEnd, ` readonly=""`)
}

// writable tells if one writes into an element of this name and type.
func writable(element, kind string) bool {
	if element == "textarea" {
		return true
	}
	if element != "input" {
		return false
	}
	switch kind {
	case "hidden", "submit", "image", "reset", "button", "checkbox", "radio", "file", "color", "range":
		return false
	}
	return true
}
