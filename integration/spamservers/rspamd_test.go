// SPDX-License-Identifier: Apache-2.0

package spamservers

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filters/rspamd"
)

// rspamdServer is a running rspamd.
type rspamdServer struct {
	*process
	dir, program           string
	worker, control, redis string // Ports.
}

const controlPassword = "weir-word"

// rspamdConfig has Debian's rules and of its modules only those that look at lists in files. Its name server is a port on which nobody listens. What begins with an at sign is filled in.
const rspamdConfig = `options {
  pidfile = "@DIR/pid"; cache_file = "@DIR/symbols.cache"; control_socket = "@DIR/c mode=0600"; tempdir = "@DIR"; hs_cache_dir = "@DIR"; url_tld = "@DIR/tld";
  filters = "chartable,regexp"; disable_hyperscan = true; explicit_modules = ["settings"]; map_watch_interval = 1h;
  dns { nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }
}
logging { type = "console"; level = "notice"; }
worker "normal" { bind_socket = ["127.0.0.1:@WORKER", "@DIR/s mode=0666"]; count = 1; }
worker "controller" { bind_socket = "127.0.0.1:@CONTROL"; count = 1; password = "@PASSWORD"; secure_ip = ["127.0.0.9"]; }
lua = "$RULESDIR/rspamd.lua";
actions { reject = 15; add_header = 6; greylist = 4; }
redis { servers = "127.0.0.1:@REDIS"; }
classifier "bayes" {
  tokenizer { name = "osb"; }
  cache { }
  new_schema = true; backend = "redis"; min_tokens = 3; min_learns = 3;
  statfile { symbol = "BAYES_HAM"; spam = false; }
  statfile { symbol = "BAYES_SPAM"; spam = true; }
}
group "statistics" { symbols { "BAYES_SPAM" { weight = 5.1; } "BAYES_HAM" { weight = -3.0; } } }
modules { path = "/usr/share/rspamd/plugins/multimap.lua"; path = "/usr/share/rspamd/plugins/settings.lua"; }
multimap {
  WEIR_IP { type = "ip"; map = "@DIR/ip.map"; score = 0.1; }
  WEIR_HELO { type = "helo"; map = "@DIR/helo.map"; score = 0.1; }
  WEIR_HOSTNAME { type = "hostname"; map = "@DIR/hostname.map"; score = 0.1; }
  WEIR_FROM { type = "from"; map = "@DIR/from.map"; score = 0.1; }
  WEIR_RCPT { type = "rcpt"; map = "@DIR/rcpt.map"; score = 0.1; }
  WEIR_MTA { type = "selector"; selector = "request_header('MTA-Name')"; map = "@DIR/mta.map"; score = 0.1; }
  WEIR_TAG { type = "selector"; selector = "request_header('MTA-Tag')"; map = "@DIR/tag.map"; score = 0.1; }
  WEIR_USER { type = "user"; map = "@DIR/user.map"; score = 0.1; }
}
settings { strict { id = "strict"; apply { actions { reject = 5; } } } }
`

// startRspamd starts rspamd, on TCP and a unix socket, with a Redis of its own in which it learns.
func startRspamd(t testing.TB) *rspamdServer {
	t.Helper()
	s := &rspamdServer{program: find(t, "rspamd", "rspamd"), dir: workDir(t), worker: freePort(t), control: freePort(t), redis: freePort(t)}
	store := workDir(t)
	r := start(t, store, find(t, "redis-server", "redis-server"), "--port", s.redis, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", store)
	r.until(t, func(ctx context.Context) error {
		c, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+s.redis)
		if err == nil {
			c.Close()
		}
		return err
	})
	fill := strings.NewReplacer("@DIR", s.dir, "@WORKER", s.worker, "@CONTROL", s.control, "@REDIS", s.redis, "@PASSWORD", controlPassword)
	for name, text := range map[string]string{
		"rspamd.conf": fill.Replace(rspamdConfig), "tld": "com\norg\nnet\n", "ip.map": "192.0.2.1\n", "helo.map": "helo.example.org\n",
		"hostname.map": "client.example.org\n", "from.map": "bounce@example.org\n", "rcpt.map": "second@example.net\n", "user.map": "ann@example.org\n",
		"mta.map": "mx.example.net\n", "tag.map": "incoming\n",
	} {
		writeFile(t, filepath.Join(s.dir, name), text)
	}
	s.start(t)
	return s
}

// start starts it, or starts it again at the same addresses.
func (s *rspamdServer) start(t testing.TB) {
	t.Helper()
	for _, name := range []string{"s", "c", "pid"} {
		_ = os.Remove(filepath.Join(s.dir, name))
	}
	s.process = start(t, s.dir, s.program, "-f", "-c", s.dir+"/rspamd.conf")
	s.until(t, s.learner(t, nil).Ping)
	s.until(t, func(ctx context.Context) error {
		return s.learner(t, func(o *rspamd.Options) { o.Controllers = o.Servers }).Ping(ctx)
	})
}

func (s *rspamdServer) tcp() string  { return "127.0.0.1:" + s.worker }
func (s *rspamdServer) unix() string { return "unix:" + s.dir + "/s" }

func (s *rspamdServer) options(change func(*rspamd.Options)) *rspamd.Options {
	o := rspamd.DefaultOptions()
	o.Servers, o.Controllers, o.Password = []string{s.tcp()}, []string{"127.0.0.1:" + s.control}, controlPassword
	if change != nil {
		change(o)
	}
	return o
}

func (s *rspamdServer) learner(t testing.TB, change func(*rspamd.Options)) *rspamd.Learner {
	t.Helper()
	l, err := rspamd.NewLearner(s.options(change))
	if err != nil {
		t.Fatal(err)
	}
	return l
}
