package markup

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// plain writes what a reader sees of Markdown where nothing can be shown but
// characters.
type plain struct {
	source []byte
	bytes.Buffer
}

// Text renders Markdown without its signs: a link is its words and where it
// leads to, a mention the name, an item of a list has a dash or its number, and
// HTML that people type stays as it was typed.
func Text(markdown string) string {
	p := plain{source: []byte(markdown)}
	p.children(renderer.Parser().Parse(text.NewReader(p.source)))
	return strings.TrimSpace(p.String())
}

func (p *plain) children(n ast.Node) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		p.node(c)
	}
}

func (p *plain) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		p.Write(unescaped(n.Value(p.source)))
		if n.SoftLineBreak() || n.HardLineBreak() {
			p.WriteByte('\n')
		}
	case *ast.String:
		p.Write(n.Value)
	case *ast.AutoLink:
		p.Write(n.Label(p.source))
	case *ast.RawHTML:
		p.lines(n.Segments)
	case *ast.Link:
		p.link(n)
	case *ast.CodeBlock, *ast.FencedCodeBlock, *ast.HTMLBlock:
		p.lines(n.Lines())
		if html, ok := n.(*ast.HTMLBlock); ok && html.HasClosure() {
			p.Write(html.ClosureLine.Value(p.source))
		}
		p.end(n)
	case *ast.ThematicBreak:
		p.WriteString("---")
		p.end(n)
	case *ast.List:
		p.list(n)
		p.end(n)
	case *extast.TableCell:
		p.children(n)
		p.WriteString("  ")
	default:
		p.children(n)
		if n.Type() == ast.TypeBlock {
			p.end(n)
		}
	}
}

// end ends a block: with an empty line, but within lists and tables.
func (p *plain) end(n ast.Node) {
	if _, tight := n.(*ast.TextBlock); tight || n.Parent() != nil && n.Parent().Kind() == extast.KindTable {
		p.line("\n")
		return
	}
	p.line("\n\n")
}

// line makes what is written so far end with so many line ends.
func (p *plain) line(ends string) {
	p.Truncate(len(bytes.TrimRight(p.Bytes(), "\n ")))
	if p.Len() > 0 {
		p.WriteString(ends)
	}
}

func (p *plain) lines(lines *text.Segments) {
	for i := range lines.Len() {
		line := lines.At(i)
		p.Write(line.Value(p.source))
	}
}

// link writes the words, and where they lead unless they say it themselves. No
// address stands there that HTML would not lead to.
func (p *plain) link(n *ast.Link) {
	from := p.Len()
	p.children(n)
	words, to := string(p.Bytes()[from:]), string(n.Destination)
	if words != to && safe.MatchString(to) && "mailto:"+words != to {
		fmt.Fprintf(&p.Buffer, " (%s)", to)
	}
}

// safe are the addresses that HTML leads to.
var safe = regexp.MustCompile(`^(?i:https?|mailto|tel):[^\s]+$`)

// list writes each item behind its sign, what is in it as far in.
func (p *plain) list(n *ast.List) {
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		sign := "- "
		if n.IsOrdered() {
			sign = fmt.Sprintf("%d. ", number)
			number++
		}
		inner := plain{source: p.source}
		inner.children(item)
		said := strings.TrimSpace(inner.String())
		p.WriteString(sign + strings.ReplaceAll(said, "\n", "\n"+strings.Repeat(" ", len(sign))))
		p.line("\n")
	}
}

// signs are what a backslash may stand before.
var signs = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")

func unescaped(words []byte) []byte { return signs.ReplaceAll(words, []byte("$1")) }
