// SPDX-License-Identifier: Apache-2.0

// Package proxy speaks SMTP and LMTP on both sides: it takes mail objects from Postfix, relays MAIL and RCPT live to the
// next hop, holds the content in a spool, and asks a Handler what becomes of it. It does not know what a filter is.
//
// Towards Postfix it stands on go-smtp, with a connection of its own below it (conn) that carries what go-smtp does not:
// XFORWARD, raw MAIL and RCPT lines, replies of the next hop as they are, and a body that is read in bulk. Towards the
// next hop it has a small client of its own (Hop), because no octet of a message may change on the way.
// See docs/design/008-go-smtp.md.
package proxy
