// SPDX-License-Identifier: Apache-2.0

package main

import "slices"

// scored is what a contestant made of one message.
type scored struct {
	m      *message
	score  float64
	called bool
}

// disputed are messages whose label is doubtful. Figures are given with and without them:
//   - ham/inmail.11386: a stock tout, labelled ham.
//   - spam/inmail.1665: a question to a mailing list about Perl, labelled spam.
//   - spam/inmail.3976 and 3977: two copies of a newsletter of which a third, inmail.3975, is labelled ham.
func disputed() []string {
	return []string{
		"spamham/trec07p/ham/inmail.11386.eml", "spamham/trec07p/spam/inmail.1665.eml",
		"spamham/trec07p/spam/inmail.3976.eml", "spamham/trec07p/spam/inmail.3977.eml",
	}
}

// undisputed leaves out the messages whose label is doubtful.
func undisputed(list []scored) []scored {
	names := disputed()
	return slices.DeleteFunc(slices.Clone(list), func(s scored) bool { return slices.Contains(names, s.m.name) })
}

// split gives the scores of ham and of spam, in rising order.
func split(list []scored) (ham, spam []float64) {
	for _, s := range list {
		if s.m.spam {
			spam = append(spam, s.score)
		} else {
			ham = append(ham, s.score)
		}
	}
	slices.Sort(ham)
	slices.Sort(spam)
	return ham, spam
}

// area is 1-AUC in percent: how often a ham scores above a spam. A tie counts half.
func area(list []scored) float64 {
	ham, spam := split(list)
	if len(ham) == 0 || len(spam) == 0 {
		return 0
	}
	wrong, below, upTo := 0.0, 0, 0
	for _, s := range spam {
		for below < len(ham) && ham[below] < s {
			below++
		}
		for upTo = max(upTo, below); upTo < len(ham) && ham[upTo] <= s; {
			upTo++
		}
		wrong += float64(len(ham)-upTo) + float64(upTo-below)/2
	}
	return 100 * wrong / float64(len(ham)) / float64(len(spam))
}

// missed is the spam in percent that does not score above ham number floor(n/1000)+1 from the top. Ties count against the filter.
func missed(list []scored) float64 {
	ham, spam := split(list)
	if len(ham) == 0 || len(spam) == 0 {
		return 0
	}
	at := ham[len(ham)-1-len(ham)/1000]
	n, found := slices.BinarySearch(spam, at)
	for found && n < len(spam) && spam[n] <= at {
		n++
	}
	return 100 * float64(n) / float64(len(spam))
}

// called is the share in percent that is called spam at the contestant's own threshold.
func called(list []scored, spam bool) float64 {
	n, of := 0, 0
	for _, s := range list {
		if s.m.spam != spam {
			continue
		}
		of++
		if s.called {
			n++
		}
	}
	return 100 * float64(n) / float64(max(of, 1))
}
