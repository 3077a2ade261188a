package api

import (
	"fmt"
	"mime/multipart"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"relevo/router/fault"
)

// defaultMaxLength is how many runes a text may have whose field does not say.
const defaultMaxLength = 1000

// binder fills the Input of an operation. It is made once for each operation.
//
// Fields may be string, int, int64, bool, []string, any, a map of any, an
// Optional of these, Files, or a type with a bind method of its own. Beside the tag
// that names them (path, header, query, json) they may carry required:"true",
// maxLength:"255" (runes), minimum:"1", maximum:"10" and enum:"a,b", with
// detail:"…" naming the sentence for a word outside the enum.
type binder struct {
	wrap   string
	fields []field
}

// field is one field of an Input.
type field struct {
	index []int
	from  string // "path", "header", "query" or "json"
	name  string
	files bool // it takes files
	rules rules
}

// rules is what a field's tags demand.
type rules struct {
	required bool
	max      int // runes of a text
	low      int64
	high     int64
	enum     []string
	detail   string // of a word outside enum
}

func newBinder(op Operation) binder {
	b := binder{wrap: op.Wrap}
	for _, f := range reflect.VisibleFields(op.Input) {
		if f.Anonymous {
			continue
		}
		from, name := sourceOf(f.Tag)
		if from == "" {
			panic(fmt.Sprintf("api: %s %s: field %s says not where it comes from", op.Method, op.Path, f.Name))
		}
		b.fields = append(b.fields, field{f.Index, from, name, f.Type == reflect.TypeFor[Files](), rulesOf(f.Tag)})
	}
	return b
}

func sourceOf(tag reflect.StructTag) (from, name string) {
	for _, from := range []string{"path", "header", "query", "json"} {
		if name, _, _ := strings.Cut(tag.Get(from), ","); name != "" {
			return from, name
		}
	}
	return "", ""
}

func rulesOf(tag reflect.StructTag) rules {
	number := func(key string, otherwise int64) int64 {
		s, ok := tag.Lookup(key)
		if !ok {
			return otherwise
		}
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			panic("api: tag " + key + " is not a number")
		}
		return n
	}
	r := rules{required: tag.Get("required") == "true", detail: tag.Get("detail"),
		max: int(number("maxLength", defaultMaxLength)),
		low: number("minimum", minInt), high: number("maximum", maxInt)}
	if words := tag.Get("enum"); words != "" {
		r.enum = strings.Split(words, ",")
	}
	if r.detail == "" {
		r.detail = "unknown"
	}
	return r
}

// bind fills in from the request. A path that names nothing is
// fault.NotFound; everything else that is wrong is told at once.
func (b binder) bind(r *http.Request, path func(string) string, in reflect.Value) error {
	p, err := readParams(r, b.wrap)
	if err != nil {
		return err
	}
	var wrong problems
	for _, f := range b.fields {
		detail := assign(in.FieldByIndex(f.index), f.value(r, path, p), f.rules)
		if detail == "" {
			continue
		}
		if f.from == "path" {
			return fault.NotFound
		}
		wrong = append(wrong, fault.Invalid.Field(detail, f.name))
	}
	wrong = append(wrong, b.lostFiles(p)...)
	if len(wrong) > 0 {
		return wrong
	}
	return nil
}

// lostFiles refuses files under names that an operation which takes files does
// not know: other fields may be more than we need, but nobody sends a file for
// nothing.
func (b binder) lostFiles(p params) (wrong problems) {
	taken := map[string]bool{}
	for _, f := range b.fields {
		if f.files {
			taken[f.name] = true
		}
	}
	if len(taken) == 0 {
		return nil
	}
	for name, v := range p {
		if _, file := v.([]*multipart.FileHeader); file && !taken[name] {
			wrong = append(wrong, fault.Invalid.Field("not_allowed", name))
		}
	}
	return wrong
}

// value returns what was sent for f: absent{} if nothing was.
func (f field) value(r *http.Request, path func(string) string, p params) any {
	switch f.from {
	case "path":
		return path(f.name)
	case "header":
		if values := r.Header.Values(f.name); len(values) > 0 {
			return values[0]
		}
		return absent{}
	}
	if v, ok := p[f.name]; ok {
		return v
	}
	return absent{}
}

// absent is the value of a field that was not sent, where nil is a null.
type absent struct{}

// assigner is a type that takes values in its own way.
type assigner interface {
	assign(v any, r rules) (detail string)
}

// assign puts v into dst and returns what is wrong with it, a key under
// "fault.detail.", or "".
func assign(dst reflect.Value, v any, r rules) string {
	if own, ok := dst.Addr().Interface().(assigner); ok {
		return own.assign(v, r)
	}
	if v == nil || v == any(absent{}) {
		if r.required {
			return "required"
		}
		return ""
	}
	switch dst.Kind() {
	case reflect.String:
		s, detail := toText(v, r)
		dst.SetString(s)
		return detail
	case reflect.Int, reflect.Int64:
		n, detail := toInt(v, r)
		dst.SetInt(n)
		return detail
	case reflect.Bool:
		b, detail := toBool(v)
		dst.SetBool(b)
		return detail
	case reflect.Slice:
		list, detail := toList(v, r)
		dst.Set(reflect.ValueOf(list))
		return detail
	case reflect.Map:
		object, detail := toObject(v)
		dst.Set(reflect.ValueOf(object).Convert(dst.Type()))
		return detail
	case reflect.Interface:
		anything, detail := toAnything(v)
		if anything != nil {
			dst.Set(reflect.ValueOf(anything))
		}
		return detail
	}
	panic("api: cannot bind a " + dst.Type().String())
}

func (r rules) allows(word string) bool { return len(r.enum) == 0 || slices.Contains(r.enum, word) }
