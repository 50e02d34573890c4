// SPDX-License-Identifier: Apache-2.0

package urls

import "strings"

// IsShort tells if the address is one of a service whose short addresses lead elsewhere without telling where.
func (u *URL) IsShort() bool {
	host := strings.TrimPrefix(u.Host, "www.")
	if _, ok := shorteners[host]; ok {
		return true
	}
	path, ok := coded[host]
	return ok && strings.HasPrefix(u.Path, path)
}

// coded are parts of other services whose addresses do the same, by the beginning of the path.
var coded = map[string]string{"linkedin.com": "/slink", "baidu.com": "/link"}

// shorteners are public services that shorten any address for anybody. Those that shorten only addresses of their owner (youtu.be, amzn.to)
// are not among them.
var shorteners = func() map[string]struct{} {
	m := map[string]struct{}{}
	for name := range strings.FieldsSeq(`
		bit.ly bitly.com j.mp tinyurl.com is.gd v.gd ow.ly buff.ly rebrand.ly rb.gy cutt.ly shorturl.at shorturl.asia t.ly tiny.cc tiny.one
		bl.ink short.io short.gy s.id qr.ae u.to clck.ru goo.gl goo.su lnkd.in t.co dlvr.it soo.gd adf.ly ouo.io bc.vc shorte.st
		x.co tr.im snip.ly surl.li urlz.fr me2.kr han.gl vo.la t2m.io lstu.fr urls.fr kutt.it n9.cl acortar.link encurtador.com.br
		qrco.de l.ead.me linktr.ee lnk.bio app.link page.link onelink.me b.link dub.sh hyperurl.co 2no.co iplogger.org grabify.link
		shrtco.de 1drv.ms gg.gg hoo.gl chilp.it zpr.io wp.me fb.me dik.si rplg.co urlday.cc tny.im shorter.me t.cn dwz.cn 0rz.tw reurl.cc lihi.cc
	`) {
		m[name] = struct{}{}
	}
	return m
}()
