// SPDX-License-Identifier: Apache-2.0

package scannertest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// CICAPMaxObjectSize is MaxObjectSize, in octets, of the c-icap of StartCICAP. Its service "virus_scan" does not look into larger content.
const CICAPMaxObjectSize = 20 << 20

// StartCICAP starts the real c-icap with its module virus_scan, which asks the clamd at clamdSocket, and waits until it
// answers at url, icap://host:port without a service. The services are "virus_scan", the plain one, which answers before it has scanned, "avscan", the same
// with allow204, and "echo". It ends with the test. Without c-icap the test is skipped.
func StartCICAP(t testing.TB, clamdSocket string) (url string) {
	t.Helper()
	program := find(t, "c-icap", "c-icap")
	modules := cicapModules(t)
	var p *process
	for range tries {
		dir := workDir(t, "cicap")
		addr := "127.0.0.1:" + freePort(t)
		conf := filepath.Join(dir, "c-icap.conf")
		writeFile(t, conf, strings.Join([]string{
			"PidFile " + filepath.Join(dir, "pid"),
			"CommandsSocket " + filepath.Join(dir, "ctl"),
			"Port " + addr,
			"TmpDir " + dir,
			"StartServers 1",
			"MaxServers 2",
			"ThreadsPerChild 8",
			"ModulesDir " + modules,
			"ServicesDir " + modules,
			"TemplateDir /usr/share/c_icap/templates/",
			"LoadMagicFile /etc/c-icap/c-icap.magic",
			"ServerLog " + filepath.Join(dir, "server.log"),
			"AccessLog " + filepath.Join(dir, "access.log"),
			"Service echo srv_echo.so",
			"Service antivirus_module virus_scan.so",
			"ServiceAlias avscan virus_scan?allow204=on&sizelimit=off&mode=simple",
			"virus_scan.ScanFileTypes TEXT DATA EXECUTABLE ARCHIVE GIF JPEG MSOFFICE",
			fmt.Sprintf("virus_scan.MaxObjectSize %d", CICAPMaxObjectSize),
			"virus_scan.DefaultEngine clamd",
			"Module common clamd_mod.so",
			"clamd_mod.ClamdSocket " + clamdSocket,
		}, "\n")+"\n")
		p = start(t, dir, program, "-N", "-f", conf)
		if p.answers(t, "tcp", addr) {
			return "icap://" + addr
		}
	}
	t.Fatalf("c-icap does not start:\n%s", p.said())
	return ""
}

// cicapModules is the folder of c-icap's modules. The test is skipped if it has no virus_scan.
func cicapModules(t testing.TB) string {
	t.Helper()
	triplet := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[runtime.GOARCH]
	dir := filepath.Join("/usr/lib", triplet, "c_icap")
	if _, err := os.Stat(filepath.Join(dir, "virus_scan.so")); err != nil {
		t.Skip("c-icap's module virus_scan is not installed: apt-get install libc-icap-mod-virus-scan")
	}
	return dir
}
