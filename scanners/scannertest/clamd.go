// SPDX-License-Identifier: Apache-2.0

package scannertest

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ClamdSignature is what the clamd of StartClamd calls EICAR inside other content. A file that is EICAR and nothing else is
// called by a name that begins with "Eicar" too.
const ClamdSignature = "Eicar-Signature.UNOFFICIAL"

// tries is how often a server is started anew because another program took its port in between.
const tries = 3

// StartClamd starts the real clamd with two signatures, one for EICAR at any place and one for the whole file, and waits
// until it answers: at socket, a path, and at tcpAddr, a host:port. config has more lines for clamd.conf. It ends with the test. Without
// clamd the test is skipped.
func StartClamd(t testing.TB, config ...string) (socket, tcpAddr string) {
	t.Helper()
	program := find(t, "clamd", "clamav-daemon")
	var p *process
	for range tries {
		dir := workDir(t, "clamd")
		socket, tcpAddr = filepath.Join(dir, "s"), "127.0.0.1:"+freePort(t)
		conf := writeClamdConfig(t, dir, socket, tcpAddr, config)
		p = start(t, dir, program, "--foreground", "--config-file="+conf)
		if p.answers(t, "tcp", tcpAddr) && p.answers(t, "unix", socket) {
			return socket, tcpAddr
		}
	}
	t.Fatalf("clamd does not start:\n%s", p.said())
	return "", ""
}

// writeClamdConfig writes database and clamd.conf. There is no User: clamd stays who we are, root or not.
func writeClamdConfig(t testing.TB, dir, socket, tcpAddr string, config []string) (path string) {
	t.Helper()
	db := filepath.Join(dir, "db")
	if err := os.Mkdir(db, 0o700); err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(ClamdSignature, ".")
	sum := md5.Sum(EICAR())
	writeFile(t, filepath.Join(db, "test.ndb"), fmt.Sprintf("%s:0:*:%x\n", name, EICAR()))
	writeFile(t, filepath.Join(db, "test.hdb"), fmt.Sprintf("%s:%d:Eicar-Test-File\n", hex.EncodeToString(sum[:]), len(EICAR())))
	lines := append([]string{
		"LocalSocket " + socket,
		"TCPAddr 127.0.0.1",
		"TCPSocket " + tcpAddr[strings.LastIndexByte(tcpAddr, ':')+1:],
		"DatabaseDirectory " + db,
		"TemporaryDirectory " + dir,
		"MaxThreads 4",
		"ScanMail yes",
	}, config...)
	path = filepath.Join(dir, "clamd.conf")
	writeFile(t, path, strings.Join(lines, "\n")+"\n")
	return path
}
