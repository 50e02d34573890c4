// SPDX-License-Identifier: Apache-2.0

package spamservers

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/mailweir/mailweir/filters/spamd"
)

// spamAssassin is a running spamd.
type spamAssassin struct {
	*process
	dir, program string
	port         string
}

// siteRules are those of the tests beside Debian's.
const siteRules = `use_bayes 1
bayes_auto_learn 0
bayes_min_ham_num 3
bayes_min_spam_num 3
required_score 5
header MAILWEIR_WORD Subject =~ /weirword/
score MAILWEIR_WORD 2.5
header MAILWEIR_FROM EnvelopeFrom =~ /weird.example/
score MAILWEIR_FROM 0.1
`

// userRules are the settings of one user.
const userRules = "required_score 9\nscore MAILWEIR_WORD 1.5\n"

// startSpamd starts SpamAssassin with Debian's rules that need no network, on TCP and a unix socket. Users have settings of their own.
func startSpamd(t testing.TB) *spamAssassin {
	t.Helper()
	s := &spamAssassin{program: find(t, "spamd", "spamd"), dir: workDir(t), port: freePort(t)}
	plugins, err := filepath.Glob("/etc/spamassassin/*.pre")
	if err != nil || len(plugins) == 0 {
		t.Skipf("SpamAssassin is not installed: apt-get install spamassassin (%v)", err)
	}
	for _, p := range plugins {
		text, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		writeFile(t, filepath.Join(s.dir, "site", filepath.Base(p)), string(text))
	}
	writeFile(t, filepath.Join(s.dir, "site", "local.cf"), siteRules+"bayes_path "+s.dir+"/bayes\n")
	writeFile(t, filepath.Join(s.dir, "users", "ann@example.org", "user_prefs"), userRules)
	s.start(t)
	return s
}

// start starts it, or starts it again at the same addresses.
func (s *spamAssassin) start(t testing.TB) {
	t.Helper()
	_ = os.Remove(s.dir + "/s")
	s.process = start(t, s.dir, s.program, "--local", "--allow-tell", "--nouser-config", "--siteconfigpath="+s.dir+"/site", "--listen=127.0.0.1:"+s.port,
		"--socketpath="+s.dir+"/s", "--username="+userName(t), "--virtual-config-dir="+s.dir+"/users/%u", "--max-children=4", "--min-children=2", "--syslog=stderr",
		"--helper-home-dir="+s.dir)
	s.until(t, s.learner(t, nil).Ping)
}

func (s *spamAssassin) tcp() string  { return "127.0.0.1:" + s.port }
func (s *spamAssassin) unix() string { return "unix:" + s.dir + "/s" }

func (s *spamAssassin) options(change func(*spamd.Options)) *spamd.Options {
	o := spamd.DefaultOptions()
	o.Servers = []string{s.tcp()}
	if change != nil {
		change(o)
	}
	return o
}

func (s *spamAssassin) learner(t testing.TB, change func(*spamd.Options)) *spamd.Learner {
	t.Helper()
	l, err := spamd.NewLearner(s.options(change))
	if err != nil {
		t.Fatal(err)
	}
	return l
}
