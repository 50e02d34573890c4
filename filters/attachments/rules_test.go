// SPDX-License-Identifier: Apache-2.0

package attachments

import (
	"slices"
	"strings"
	"testing"

	"github.com/mailweir/mailweir/filetype"
	"github.com/mailweir/mailweir/unpack"
)

// leafOf is a file of that type, attached.
func leafOf(t *testing.T, typ string, kept unpack.Holder) *unpack.Leaf {
	t.Helper()
	known, ok := filetype.Named(typ)
	if !ok {
		t.Fatalf("no type %q", typ)
	}
	return &unpack.Leaf{Type: known, Kept: kept, Size: 1}
}

func TestRules(t *testing.T) {
	exe := Rule{Do: wordDeny, Name: []string{"*.EXE"}}
	for name, c := range map[string]struct {
		rules []Rule
		names string // Separated by "|".
		typ   string
		kept  unpack.Holder
		want  outcome
	}{
		"no rule":                 {nil, "a.exe", "text", unpack.Entity, none},
		"extension":               {[]Rule{exe}, "a.Exe", "text", unpack.Entity, deny},
		"other extension":         {[]Rule{exe}, "a.exe.txt", "text", unpack.Entity, none},
		"first match wins":        {[]Rule{{Do: wordAllow, Name: []string{"good.exe"}}, exe}, "good.exe", "text", unpack.Entity, allow},
		"strictest form":          {[]Rule{{Do: wordAllow, Name: []string{"good.exe"}}, exe}, "good.exe|bad.exe", "text", unpack.Entity, deny},
		"rename and allow":        {[]Rule{{Do: wordRename, Name: []string{"*.b"}}, {Do: wordAllow}}, "a.b|a.c", "text", unpack.Entity, rename},
		"glob":                    {[]Rule{{Do: wordDeny, Name: []string{"in?oice*"}}}, "Invoice 1.pdf", "text", unpack.Entity, deny},
		"expression":              {[]Rule{{Do: wordDeny, Match: []string{`\.ex.$`}}}, "A.EXE", "text", unpack.Entity, deny},
		"expression, no match":    {[]Rule{{Do: wordDeny, Match: []string{`^\.ex.$`}}}, "a.exe", "text", unpack.Entity, none},
		"type":                    {[]Rule{{Do: wordDeny, Type: []string{"pe"}}}, "a", "pe", unpack.Entity, deny},
		"group":                   {[]Rule{{Do: wordDeny, Type: []string{"executable"}}}, "a", "pe", unpack.Entity, deny},
		"media type":              {[]Rule{{Do: wordDeny, Type: []string{"image/*"}}}, "a", "png", unpack.Entity, deny},
		"types":                   {[]Rule{{Do: wordDeny, Type: []string{"script.*"}}}, "a", "script.vbs", unpack.Entity, deny},
		"name does not clear":     {[]Rule{{Do: wordAllow, Name: []string{"*.txt"}}, {Do: wordDeny, Type: []string{"pe"}}}, "a.txt", "pe", unpack.Entity, deny},
		"type does not clear":     {[]Rule{{Do: wordAllow, Type: []string{"text"}}, exe}, "a.exe", "text", unpack.Entity, deny},
		"name and type, both":     {[]Rule{{Do: wordAllow, Name: []string{"a.exe"}, Type: []string{"pe"}}, exe, {Do: wordDeny, Type: []string{"pe"}}}, "a.exe", "pe", unpack.Entity, allow},
		"name and type, one":      {[]Rule{{Do: wordAllow, Name: []string{"a.exe"}, Type: []string{"pe"}}, exe}, "a.exe", "text", unpack.Entity, deny},
		"allowed by one name":     {[]Rule{{Do: wordAllow, Name: []string{"a.dat"}, Type: []string{"pe"}}, {Do: wordDeny, Type: []string{"pe"}}}, "a.dat|b.dat", "pe", unpack.Entity, deny},
		"denied by one name":      {[]Rule{{Do: wordDeny, Name: []string{"b.dat"}, Type: []string{"pe"}}}, "a.dat|b.dat", "pe", unpack.Entity, deny},
		"in archives":             {[]Rule{{Do: wordDeny, Name: []string{"*.a"}, In: inArchives}}, "x.a", "text", unpack.Archive, deny},
		"not in archives":         {[]Rule{{Do: wordDeny, Name: []string{"*.a"}, In: inMessage}}, "x.a", "text", unpack.Archive, none},
		"not in the message":      {[]Rule{{Do: wordDeny, Name: []string{"*.a"}, In: inArchives}}, "x.a", "text", unpack.Entity, none},
		"in a message inside":     {[]Rule{{Do: wordDeny, Name: []string{"*.a"}, In: inMessage}}, "x.a", "text", unpack.Letter, deny},
		"all else":                {[]Rule{{Do: wordAllow, Type: []string{"pdf"}}, {Do: wordDeny}}, "x.a", "text", unpack.Entity, deny},
		"the shipped, and mine":   {[]Rule{{Use: shippedList}, {Do: wordDeny, Name: []string{"*.mine"}}}, "x.mine", "text", unpack.Entity, deny},
		"mine before the shipped": {[]Rule{{Do: wordAllow, Name: []string{"*.scr"}}, {Use: shippedList}}, "x.scr", "text", unpack.Entity, allow},
	} {
		t.Run(name, func(t *testing.T) {
			lists, err := compile(map[string][]Rule{"x": c.rules})
			if err != nil {
				t.Fatal(err)
			}
			var names []form
			for n := range strings.SplitSeq(c.names, "|") {
				names = append(names, newForm(n, n))
			}
			i := slices.IndexFunc(lists, func(l list) bool { return l.name == "x" })
			if got := lists[i].ask(leafOf(t, c.typ, c.kept), c.kept == unpack.Archive, names, true); got.outcome != c.want {
				t.Errorf("got %s by %v, want %s", got.outcome, got.rule, c.want)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	for name, c := range map[string]struct {
		set  func(*Options)
		want string
	}{
		"no action":         {func(o *Options) { o.Rules = map[string][]Rule{"a": {{Name: []string{"x"}}}} }, `rules.a[0]: do: "": want one of allow, deny, rename`},
		"unknown type":      {func(o *Options) { o.Rules = map[string][]Rule{"a": {{Do: "deny", Type: []string{"exe"}}}} }, `rules.a[0]: type: "exe": want`},
		"bad expression":    {func(o *Options) { o.Rules = map[string][]Rule{"a": {{Do: "deny", Match: []string{"("}}}} }, `rules.a[0]: match: "("`},
		"back reference":    {func(o *Options) { o.Rules = map[string][]Rule{"a": {{Do: "deny", Match: []string{`(a)\1`}}}} }, "match"},
		"empty pattern":     {func(o *Options) { o.Rules = map[string][]Rule{"a": {{Do: "deny", Name: []string{""}}}} }, "name: want no empty pattern"},
		"unknown list":      {func(o *Options) { o.Rules = map[string][]Rule{"a": {{Use: "b"}}} }, `rules.a[0]: use: there is no list "b"; there are: a, default, shipped`},
		"circle":            {func(o *Options) { o.Rules = map[string][]Rule{"a": {{Use: "b"}}, "b": {{Use: "a"}}} }, "the lists use each other"},
		"use with others":   {func(o *Options) { o.Rules = map[string][]Rule{"a": {{Use: "shipped", Do: "deny"}}} }, "use stands alone"},
		"reserved":          {func(o *Options) { o.Rules = map[string][]Rule{"shipped": {}} }, `"shipped" is no name`},
		"rename in archive": {func(o *Options) { o.Rules = map[string][]Rule{"a": {{Do: "rename", In: "archive"}}} }, "cannot be renamed"},
		"rename and deny":   {func(o *Options) { o.Rules = map[string][]Rule{"a": {{Do: "deny", Rename: "x"}}} }, "only with do: rename"},
		"rename to nothing": {func(o *Options) { o.Rules = map[string][]Rule{"a": {{Do: "rename", Rename: "/"}}} }, "leaves no name"},
		"where":             {func(o *Options) { o.Rules = map[string][]Rule{"a": {{Do: "deny", In: "zip"}}} }, "want one of any, message, archive"},
		"size":              {func(o *Options) { o.MaxSize = -1 }, "max_size"},
		"sizes":             {func(o *Options) { o.MaxSize, o.MinSize = 1, 2 }, "min_size"},
		"mismatch":          {func(o *Options) { o.Mismatch = "some" }, "mismatch"},
		"odd name":          {func(o *Options) { o.OddNames = []string{"odd"} }, "odd_names"},
		"partial":           {func(o *Options) { o.Partial = "" }, "partial"},
	} {
		t.Run(name, func(t *testing.T) {
			o := DefaultOptions()
			c.set(o)
			if err := o.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	if err := DefaultOptions().Validate(); err != nil {
		t.Errorf("default: %v", err)
	}
}

func TestManyUses(t *testing.T) {
	rules := map[string][]Rule{"a00": {{Do: wordDeny}}}
	last := "a00"
	for i := range 20 {
		name := "a" + string(rune('1'+i/10)) + string(rune('0'+i%10))
		rules[name] = []Rule{{Use: last}, {Use: last}, {Use: last}}
		last = name
	}
	if _, err := compile(rules); err == nil || !strings.Contains(err.Error(), "more than 10000 rules") {
		t.Errorf("got %.200v", err)
	}
}

func TestLists(t *testing.T) {
	o := &Options{Rules: map[string][]Rule{"b": nil, "a": nil}}
	if got := strings.Join(o.Lists(), " "); got != "a b default" {
		t.Errorf("got %s", got)
	}
}

func TestShippedRules(t *testing.T) {
	lists, err := compile(nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range lists[0].rules {
		if r.id == "" || seen[r.id] || r.log == "" || r.do != allow && r.user == "" {
			t.Errorf("%s: want an id of its own and texts", r)
		}
		seen[r.id] = true
	}
	// What docs/reference/evasions.md 94 lists and other filters do not take care of.
	for ext := range strings.FieldsSeq("iso img vhd vhdx udf one lnk url library-ms search-ms scf iqy slk wsf hta chm msc appx msix jnlp rdp xll ppam wll " +
		"settingcontent-ms shtml xhtml mht reg diagcab csproj desktop cpl jar ace arj zpaq wim exe com scr bat js vbs ps1 diagpkg ppkg vsix oxt job htt xaml afploc shortcut contact sylk avhdx dylib") {
		leaf := leafOf(t, "data", unpack.Archive)
		if got := lists[0].ask(leaf, true, []form{newForm("x."+ext, "")}, false); got.outcome != deny {
			t.Errorf("%s: got %s", ext, got.outcome)
		}
	}
}

func TestShippedLinesHaveReasons(t *testing.T) {
	for i, line := range strings.Split(string(shippedRules), "\n") {
		if strings.HasPrefix(line, "    - ") && !strings.Contains(line, " # ") && !strings.Contains(line, "    - script.") {
			switch strings.TrimSpace(line) {
			case "- hta", "- reg", "- msc", "- autorun", "- msbuild", "- ace", "- arj", "- arc", "- zoo", "- alz", "- egg", "- zpaq":
			default:
				t.Errorf("line %d has no reason: %s", i+1, line)
			}
		}
	}
}

func TestRenamed(t *testing.T) {
	for _, c := range []struct{ pattern, name, want string }{
		{"{name}.disarmed", "a.exe", "a.exe.disarmed"},
		{"{base}_{ext}.txt", "a.b.exe", "a.b_exe.txt"},
		{"{name}.txt", "../evil\u202e.exe", "evil.exe.txt"},
		{"{name}.txt", strings.Repeat("a", 400) + ".exe", strings.Repeat("a", maxNewName) + ".exe.txt"},
		{"{base}.txt", ".exe", ".exe.txt"},
	} {
		r := &rule{rename: c.pattern}
		if got := r.renamed(c.name); got != c.want {
			t.Errorf("%s of %q: got %q, want %q", c.pattern, c.name, got, c.want)
		}
	}
}
