package api

import (
	"reflect"
	"strings"
)

// Optional is a field whose absence, null and value are three things.
type Optional[T any] struct {
	Set   bool // it was sent
	Null  bool // as null, or as an empty text where T is none
	Value T
}

// Pointer returns nil if the field was not sent, and else its value: the zero
// value for a null.
func (o Optional[T]) Pointer() *T {
	if !o.Set {
		return nil
	}
	return &o.Value
}

// optional is an Optional of anything.
type optional interface{ isOptional() }

func (*Optional[T]) isOptional() {}

func (o *Optional[T]) assign(v any, r rules) string {
	if v == any(absent{}) {
		return requiredIf(r)
	}
	o.Set = true
	dst := reflect.ValueOf(&o.Value).Elem()
	if s, ok := v.(string); ok && strings.TrimSpace(s) == "" && dst.Kind() != reflect.String {
		v = nil
	}
	if v == nil {
		o.Null = true
		return ""
	}
	return assign(dst, v, r)
}
