// SPDX-License-Identifier: Apache-2.0

package facts

// aboutTransport are facts about the way by which the message came, and about signatures of those on it, which nobody has verified here.
var aboutTransport = []About{
	{"many_hops", Bad, 1, "It went through very many servers."},
	{"helo_no_domain", Bad, 2, "The client called itself by a name without a dot."},
	{"helo_address", Bad, 2, "The client called itself by an IP address."},
	{"helo_other_domain", Bad, 1, "The client called itself by another domain than that of its name."},
	{"helo_is_ours", Bad, 3, "The client called itself by the name of the server that it spoke to."},
	{"helo_forged", Bad, 3, "The client called itself one of a large service, and has another name."},
	{"client_no_name", Bad, 1.5, "The address of the client has no name."},
	{"client_dynamic", Bad, 1.5, "The name of the client is that of a household's connection."},
	{"client_rented", Bad, 1.5, "The client is a machine rented by the hour, under the name that it was given at first."},
	{"freemail_by_other_client", Bad, 2, "The author claims a mailbox of a large free service, and no host of that service has handed the message on."},
	{"program_to_us", Bad, 3, "A mail program of a single user, as it says, came to us by itself and not by a server that sends for its user."},
	{"hops_do_not_join", Bad, 2, "The server that handed it over is none that wrote the Received field before: that one, or all of them, may be made up."},
	{"author_of_our_domain", Bad, 2, "The author is of the recipient's own domain, the message came from outside and by no host of that domain, and nothing proves it."},
	{"handed_in_from_rented", Bad, 1.5, "The author handed it in from a machine rented by the hour."},
	{"handed_in_by_address", Bad, 0.5, "The author's program called itself by an IP address."},
	{"unsigned", Bad, 1.5, "It has no DKIM signature, without which large services take little mail."},
	{"signed_by_other", Bad, 1, "There are DKIM signatures, and none in the name of the author's domain."},
	{"freemail_unsigned", Bad, 2, "The author claims a mailbox of a free service, all of which sign."},
	{"author_not_authenticated", Bad, 2, "DMARC has failed for the author's domain."},
}
