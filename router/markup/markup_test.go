package markup_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"relevo/router/markup"
)

func TestMarkdownIsShownAsItWasMeant(t *testing.T) {
	const out = ` rel="nofollow noreferrer noopener" target="_blank"`
	for written, shown := range map[string]string{
		"hola":                    "<p>hola</p>",
		"**sí** y *no* ~~nunca~~": "<p><strong>sí</strong> y <em>no</em> <del>nunca</del></p>",
		"uno\ndos":                "<p>uno<br>\ndos</p>",
		"- a\n- b":                "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
		"1 < 2 & 3":               "<p>1 &lt; 2 &amp; 3</p>",
		"`a<b`":                   "<p><code>a&lt;b</code></p>",
		"[web](https://a.test/x)": `<p><a href="https://a.test/x"` + out + `>web</a></p>`,
		"ver https://a.test":      `<p>ver <a href="https://a.test"` + out + `>https://a.test</a></p>`,
		"[m](mailto:a@b.test)":    `<p><a href="mailto:a@b.test" rel="nofollow noreferrer">m</a></p>`,
		"":                        "",
	} {
		require.Equal(t, shown, markup.HTML(written), written)
	}
}

func TestMarkdownInCharacters(t *testing.T) {
	for written, shown := range map[string]string{
		"hola":                                "hola",
		"**sí** y *no* ~~nunca~~ `x*y`":       "sí y no nunca x*y",
		"uno\ndos":                            "uno\ndos",
		"uno\n\ndos":                          "uno\n\ndos",
		"# Hola\n- a\n- **b**\n\nfin":         "Hola\n\n- a\n- b\n\nfin",
		"3. a\n4. b\n   - c":                  "3. a\n4. b\n   - c",
		"1 < 2 & 3 * 4":                       "1 < 2 & 3 * 4",
		"[web](https://a.test/x)":             "web (https://a.test/x)",
		"[https://a.test](https://a.test)":    "https://a.test",
		"ver https://a.test/b_c_d":            "ver https://a.test/b_c_d",
		"[l](javascript:alert(1))":            "l",
		"[@Beto](mention://user/2/Beto) mira": "@Beto mira",
		"[m](mailto:a@b.test)":                "m (mailto:a@b.test)",
		"¿<script>alert(1)</script>?":         "¿<script>alert(1)</script>?",
		"<div>\nuno\n</div>":                  "<div>\nuno\n</div>",
		"```\nif a {\n  b\n}\n```":            "if a {\n  b\n}",
		"| a | b |\n|---|---|\n| 1 | 2 |":     "a  b\n1  2",
		`2 \* 3 \_x\_`:                        "2 * 3 _x_",
		"> cita":                              "cita",
		"![foto](https://a.test/f.png)":       "foto",
		"":                                    "",
	} {
		require.Equal(t, shown, markup.Text(written), written)
	}
}

// active is everything that could run or load something.
var active = regexp.MustCompile(`(?i)<(script|style|img|svg|iframe|object|embed|form|input|link|meta|base|math)|<[^>]*\s(on\w+|style|src|srcset|id|class)\s*=|<[^>]*(javascript|data|vbscript|file):`)

func TestNothingThatRunsComesThrough(t *testing.T) {
	for _, attack := range []string{
		"<script>alert(1)</script>",
		"<img src=x onerror=alert(1)>",
		"![x](https://tracker.test/pixel.png)",
		"[x](javascript:alert(1))",
		"[x](JaVaScRiPt:alert(1))",
		"[x](java\tscript:alert(1))",
		"[x](&#106;avascript:alert(1))",
		"[x](data:text/html;base64,PHNjcmlwdD4=)",
		"[x](vbscript:x)",
		"<javascript:alert(1)>",
		"<a href='javascript:alert(1)'>x</a>",
		"<a href=\"https://a.test\" onclick=\"x()\">x</a>",
		"[x](https://a.test \"\\\" onmouseover=alert(1) \\\"\")",
		"[x](https://a.test\"onmouseover=alert(1))",
		"<svg/onload=alert(1)>",
		"<iframe srcdoc='<script>alert(1)</script>'>",
		"<style>*{background:url(javascript:x)}</style>",
		"```<img onerror=x>\n<script>\n```\n<b onmouseover=x>b</b>",
		"<math><mi xlink:href=\"data:x,<script>\">",
		"<!--><script>alert(1)</script>-->",
	} {
		shown := markup.HTML(attack)
		require.NotRegexp(t, active, shown, attack)
	}
}

func TestWhateverIsWrittenNothingRuns(t *testing.T) {
	pieces := []string{"<", ">", "script", "img", " onerror=", "javascript:", "](", "[", ")", "\"", "'", "`", "\n", "&lt;", "\\", "<a href=", "x", "//", "<!--", "-->", "&#x6a;"}
	rapid.Check(t, func(t *rapid.T) {
		written := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 40).Draw(t, "pieces"), "")
		shown := markup.HTML(written)
		if active.MatchString(shown) {
			t.Fatalf("%q became %q", written, shown)
		}
	})
}

func BenchmarkHTML(b *testing.B) {
	for b.Loop() {
		markup.HTML("Hola **Ana**, mira https://a.test/pedido/1 y dime:\n\n- uno\n- dos")
	}
}
