// SPDX-License-Identifier: Apache-2.0

package facts

import "strings"

// thread looks for answers that answer nothing.
func (s *session) thread() {
	n := s.h.count
	re, fwd := answerMark(s.h.subject)
	refers := n["references"] > 0 || n["in-reply-to"] > 0 || n["thread-index"] > 0
	s.when(re && !refers, "answer_without_thread")
	text := s.b.all
	quoted := strings.Contains(text, "\n>") || strings.HasPrefix(text, ">") || strings.Contains(text, "Original Message") || strings.Contains(text, "wrote:")
	s.when(re && !refers && !quoted, "answer_to_nothing")
	s.when(quoted && !refers && !re && !fwd, "history_without_thread")
	s.when(fwd && !refers && !quoted && len(s.b.files) == 0 && !strings.Contains(text, "orwarded"), "forward_of_nothing")
	s.when(n["in-reply-to"] > 0 && s.h.id != "" && strings.TrimSpace(s.value("In-Reply-To")) == strings.TrimSpace(s.h.id), "answer_to_itself")
}

// answerMark tells if a Subject begins as that of an answer, or of something forwarded.
func answerMark(subject string) (re, fwd bool) {
	mark, _, ok := strings.Cut(subject, ":")
	if !ok {
		return false, false
	}
	switch strings.ToLower(strings.Trim(mark, " []0123456789^")) {
	case "re", "aw", "antw", "sv", "vs", "res", "odp", "回复", "答复":
		return true, false
	case "fw", "fwd", "wg", "tr", "rv", "enc", "i", "转发":
		return false, true
	}
	return false, false
}

// tinyText is the number of words up to which a message is hardly more than the question whether somebody is there.
const tinyText = 60

// tiny looks for the short letters by which fraud between colleagues begins.
func (s *session) tiny() {
	if s.b.words == 0 || s.b.words > tinyText || s.h.list || len(s.b.files) > 0 {
		return
	}
	s.when(s.has("words_task") || s.has("subject_task"), "tiny_task")
	free := freemail(s.h.author.org)
	s.when(free && s.has("words_task"), "tiny_task_freemail")
	s.when(len(s.h.replyTo) > 0 && s.has("reply_to_other_domain"), "tiny_reply_elsewhere")
	s.when(free && s.b.words < 20 && len(s.b.links) == 0, "tiny_from_freemail")
}
