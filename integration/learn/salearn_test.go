// SPDX-License-Identifier: Apache-2.0

package learn

import (
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/internal/corpora"
	"github.com/mailweir/mailweir/learn/salearn"
	"github.com/mailweir/mailweir/learn/store"
	"github.com/mailweir/mailweir/mail"
)

// spamAssassin is Debian's SpamAssassin with nothing but its Bayes, and a database of its own.
type spamAssassin struct{ dir string }

func newSpamAssassin(t *testing.T) *spamAssassin {
	t.Helper()
	skipWithout(t, "sa-learn", "spamassassin")
	s := &spamAssassin{dir: t.TempDir()}
	for name, text := range map[string]string{
		"site/init.pre": "loadplugin Mail::SpamAssassin::Plugin::Bayes\nloadplugin Mail::SpamAssassin::Plugin::Check\n",
		"site/local.cf": "bayes_auto_learn 0\nbayes_auto_expire 0\nbayes_path " + s.dir + "/bayes\nbody BAYES eval:check_bayes('0.00','1.00')\nscore BAYES 0.1\n" +
			"util_rb_tld com net org\ntrusted_networks 192.0.2.0/24\ninclude /usr/share/spamassassin/60_bayes_stopwords.cf\n",
		"rules/empty.cf": "", "prefs": "",
	} {
		path := filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// run runs one of its programs, and gives what it writes to both outputs.
func (s *spamAssassin) run(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	args = append([]string{"--siteconfigpath=" + s.dir + "/site", "--configpath=" + s.dir + "/rules", "--prefspath=" + s.dir + "/prefs"}, args...)
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "HOME="+s.dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%.2000s", program, err, out)
	}
	return out
}

// ask has SpamAssassin tell what its Bayes makes of files, one number a line.
const ask = `use Mail::SpamAssassin;
my ($dir, @files) = @ARGV;
my $sa = Mail::SpamAssassin->new({ site_rules_filename => "$dir/site", rules_filename => "$dir/rules", userprefs_filename => "$dir/prefs",
  local_tests_only => 1, dont_copy_prefs => 1, userstate_dir => $dir });
for my $file (@files) {
  open(my $in, '<', $file) or die "$file: $!";
  my $msg = $sa->parse($in);
  my $status = $sa->check($msg);
  printf "%.15g\n", $status->{bayes_score};
  $status->finish();
  $msg->finish();
}`

// scores are what its Bayes makes of letters, in order.
func (s *spamAssassin) scores(t *testing.T, letters []string) []float64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	args := []string{"-e", ask, s.dir}
	for i, text := range letters {
		path := filepath.Join(s.dir, fmt.Sprintf("letter%d", i))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, path)
	}
	var list []float64
	for word := range strings.FieldsSeq(output(t, exec.CommandContext(ctx, "perl", args...))) {
		p, err := strconv.ParseFloat(word, 64)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

// TestSpamAssassin: what Debian's sa-learn has learned is taken over, and gives the probabilities that SpamAssassin gives.
func TestSpamAssassin(t *testing.T) {
	sa := newSpamAssassin(t)
	const taught, asked = 260, 60
	sa.run(t, "sa-learn", "--spam", "--mbox", write(t, true, 0, taught))
	sa.run(t, "sa-learn", "--ham", "--mbox", write(t, false, 0, taught))
	counts := sa.imported(t, fmt.Sprintf("imported from SpamAssassin %d ham, %d spam, ", taught, taught))
	for _, spam := range []bool{true, false} {
		var letters []string
		for n := range asked {
			letters = append(letters, strings.ReplaceAll(letter(spam, 1000+n), "\r\n", "\n"))
		}
		compare(t, counts, letters, sa.scores(t, letters), 1e-6)
	}
}

// TestSpamAssassinCorpora does the same with real mail: HTML that hides text, odd charsets, fields of all kinds.
func TestSpamAssassinCorpora(t *testing.T) {
	root := corpora.Dir(t, "spamham", "spamassassin")
	sa := newSpamAssassin(t)
	const taught, asked = 400, 100
	var letters []string
	for flag, name := range map[string]string{"--spam": "spam-2", "--ham": "easy-ham-2"} {
		files, err := filepath.Glob(filepath.Join(root, name, "*.eml"))
		if err != nil || len(files) < taught+asked {
			t.Fatalf("%s has %d messages, want %d; %v", name, len(files), taught+asked, err)
		}
		sa.run(t, "sa-learn", append([]string{flag}, files[:taught]...)...)
		for _, file := range files[taught : taught+asked] {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			letters = append(letters, string(text))
		}
	}
	counts := sa.imported(t, "imported from SpamAssassin ")
	compare(t, counts, letters, sa.scores(t, letters), 0.01)
}

// imported takes over what it has learned, as an operator does.
func (s *spamAssassin) imported(t *testing.T, want string) *salearn.Counts {
	t.Helper()
	backup := filepath.Join(t.TempDir(), "backup.txt")
	if err := os.WriteFile(backup, s.run(t, "sa-learn", "--backup"), 0o600); err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(t.TempDir(), "learned.db")
	if out := run(t, database, "import", backup); !strings.HasPrefix(out, want) {
		t.Fatalf("got %q, want %q", out, want)
	}
	st, err := store.Open(t.Context(), database, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	counts, err := st.Imported(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

// compare tells how near the probabilities are; in the mean they may differ by most.
func compare(t *testing.T, counts *salearn.Counts, letters []string, want []float64, most float64) {
	t.Helper()
	if len(want) != len(letters) {
		t.Fatalf("SpamAssassin gave %d scores, want %d", len(want), len(letters))
	}
	tok := salearn.NewTokenizer()
	sum, worst, turned := 0.0, 0.0, 0
	for i, w := range want {
		text := strings.NewReader(letters[i])
		msg, err := mail.Parse(text, text.Size(), mail.NewBudget(mail.DefaultLimits(), nil))
		if err != nil {
			t.Fatal(err)
		}
		tokens, err := tok.Tokens(msg)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := counts.Probability(tokens)
		if !ok {
			t.Errorf("letter %d: no probability; SpamAssassin has %.4f", i, w)
			continue
		}
		d := math.Abs(got - w)
		sum, worst = sum+d, max(worst, d)
		if (got > 0.5) != (w > 0.5) {
			turned++
		}
	}
	mean := sum / float64(len(want))
	t.Logf("%d letters: probabilities differ by %.6f in the mean, by %.4f at most; %d are on the other side of 0.5", len(want), mean, worst, turned)
	if mean > most {
		t.Error("too far from SpamAssassin")
	}
}
