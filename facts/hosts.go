// SPDX-License-Identifier: Apache-2.0

package facts

import "strings"

// setOf is the set of words that blanks or line ends separate.
func setOf(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// suffixOf tells if the host or a domain above it is in the table.
func suffixOf(host string, in map[string]bool) bool {
	for ok := true; ok && host != ""; _, host, ok = strings.Cut(host, ".") {
		if in[host] {
			return true
		}
	}
	return false
}

// tenants are names below which anybody is given a domain to send mail from.
var tenants = setOf(`
	onmicrosoft.com firebaseapp.com web.app cloudapp.net cloudapp.azure.com amazonaws.com herokuapp.com wixsite.com shopifyemail.com
	myshopify.com zendesk.com freshdesk.com hubspotemail.net mcsv.net sendgrid.net mailgun.org mailchimpapp.net mktomail.com cpanel.site
	vercel.app netlify.app azurewebsites.net compute.internal contaboserver.net secureserver.net kundenserver.de server4you.de
	vultrusercontent.com linodeusercontent.com googleusercontent.com plesk.page hstgr.cloud hstgr.io duckdns.org ddns.net no-ip.org
	dynu.net dynv6.net mooo.com hopto.org zapto.org sytes.net servehttp.com
`)

func tenant(domain string) bool { return suffixOf(domain, tenants) }

// rentedHosts are domains of machines that are rented by the hour, under the names that they are given at first.
var rentedHosts = setOf(`
	compute.amazonaws.com compute-1.amazonaws.com cloudapp.net cloudapp.azure.com linodeusercontent.com members.linode.com
	vultrusercontent.com vultr.com contaboserver.net googleusercontent.com your-server.de clients.your-server.de hstgr.cloud
	hostwindsdns.com colocrossing.com ovh.net kimsufi.com scaleway.com poneytelecom.eu online.net digitalocean.com hwsrv.com
	startdedicated.com stratoserver.net serverprofi24.net ip-ptr.tech timeweb.ru beget.ru vdsina.com ispsystem.net zomro.net
	hosted-by-vdsina.com dedicated.hosthatch.com
`)

// hosting are services where anybody puts up a page, a form or a file under a name of the service.
var hosting = setOf(`
	pages.dev workers.dev r2.dev web.app firebaseapp.com netlify.app vercel.app onrender.com herokuapp.com glitch.me repl.co replit.app
	replit.dev surge.sh github.io gitlab.io weebly.com weeblysite.com wixsite.com wixstudio.com webflow.io godaddysites.com square.site
	myshopify.com blogspot.com wordpress.com 000webhostapp.com infinityfreeapp.com ipfs.io dweb.link cloudflare-ipfs.com nftstorage.link
	w3s.link fleek.co fleek.cool storage.googleapis.com firebasestorage.googleapis.com s3.amazonaws.com blob.core.windows.net
	web.core.windows.net azurewebsites.net azureedge.net azurefd.net azurestaticapps.net cloudapp.net cloudapp.azure.com trafficmanager.net
	sites.google.com docs.google.com forms.gle script.google.com drive.google.com forms.office.com sway.office.com onedrive.live.com
	1drv.ms notion.site notion.so canva.com canva.site typeform.com jotform.com jotform.me formstack.com forms.app tally.so zohopublic.com
	zohosites.com zfrmz.com mystrikingly.com strikingly.com carrd.co bio.link linktr.ee duckdns.org ddns.net ngrok.io ngrok-free.app
	trycloudflare.com translate.goog appspot.com run.app digitaloceanspaces.com ondigitalocean.app backblazeb2.com linodeobjects.com
	vultrobjects.com wasabisys.com edgeone.app edgeone.dev framer.app framer.website softr.app bubbleapps.io lovable.app durable.co
	yolasite.com jimdosite.com jimdofree.com webnode.page site123.me ucoz.net atwebpages.com my.id biz.id web.id hstn.me epizy.com rf.gd
	great-site.net byethost.com altervista.org freewebhostmost.com dynv6.net hopto.org zapto.org sytes.net serveo.net telegra.ph gitbook.io
	b-cdn.net cprapid.com plesk.page contaboserver.net hostingersite.com wpengine.com myftpupload.com temporary.site mybluehost.me
	oraclecloud.com codesandbox.io csb.app stackblitz.io clickfunnels.com systeme.io sharepoint.com myclickfunnels.com aweb.page
	teachable.com
`)

func freeHosting(host string) bool {
	return suffixOf(host, hosting) || startsWithOne(host, "s3.", "s3-") || strings.Contains(host, ".s3.") || strings.Contains(host, ".s3-")
}

// cheap are suffixes below which names cost next to nothing; most of those that send mail send spam.
var cheap = setOf(`
	xyz top club icu buzz click link work site website space fun cyou cfd sbs rest bar monster quest beauty hair skin makeup autos boats
	homes yachts lol bond bid win loan download racing review stream trade date faith party science accountant cricket men webcam gdn kim
	cam tk ml ga cf gq pw su wang ltd ren mom surf uno fit tokyo zip mov rocks ninja us.com eu.com sa.com za.com ru.com in.net
`)

func cheapSuffix(host string) bool { return suffixOf(host, cheap) }
